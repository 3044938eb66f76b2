"""The public address of an invitation's link, mounted at /account/invitation/."""

from django.urls import path

from desk.staff.setup import joining

app_name = "invitation"

urlpatterns = [path("<str:token>/", joining.accept, name="accept")]
