"""Addresses of endpoints in set-up, mounted at /setup/webhooks/."""

from desk.channels.webhooks import views

app_name = "webhooks"

urlpatterns = views.addresses("setup")
