"""Addresses of the hotline's set-up, mounted at /setup/phone/."""

from django.urls import path

from desk.channels.phone import line_views

app_name = "hotline"

urlpatterns = [
    path("", line_views.index, name="index"),
    path("add", line_views.add, name="add"),
    path("<int:line_id>/", line_views.line, name="line"),
    path("<int:line_id>/rotate", line_views.rotate, name="rotate"),
    path("<int:line_id>/switch", line_views.switch, name="switch"),
]
