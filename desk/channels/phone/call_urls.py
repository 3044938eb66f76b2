"""Addresses of the hotline's calls, mounted at /work/calls/."""

from django.urls import path

from desk.channels.phone import views

app_name = "calls"

urlpatterns = [
    path("", views.index, name="index"),
    path("now", views.now, name="now"),
    path("<int:call_id>/", views.call, name="call"),
    path("<int:call_id>/critical", views.critical, name="critical"),
    path("<int:call_id>/not-critical", views.not_critical, name="not_critical"),
    path("<int:call_id>/file", views.file, name="file"),
    path("<int:call_id>/confirm/<int:ticket_id>", views.hear_confirm, name="hear_confirm"),
    path("<int:call_id>/match", views.match, name="match"),
    path("<int:call_id>/recording", views.recording, name="recording"),
    path("back/<int:callback_id>", views.called_back, name="called_back"),
]
