"""Addresses of the Standard for those who work by it, mounted at /work/standard/."""

from django.urls import path

from desk.staff.standard import reading

app_name = "standard"

urlpatterns = [
    path("", reading.read, name="read"),
    path("<int:edition_id>/acknowledge", reading.acknowledge, name="acknowledge"),
]
