"""Where boxes send events, mounted at /channels/onebox/."""

from django.urls import path

from desk.channels.onebox import intake

app_name = "onebox_intake"

urlpatterns = [path("<int:connection_id>/events", intake.events, name="events")]
