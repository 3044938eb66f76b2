"""Addresses of the bell, mounted at /notices/."""

from django.urls import path

from desk.channels.notices import views
from desk.channels.notices.preferences import views as preferences

app_name = "notices"

urlpatterns = [
    path("", views.index, name="index"),
    path("bell", views.bell, name="bell"),
    path("read", views.read, name="read"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("preferences/pause", preferences.pause, name="pause"),
    path("preferences/mute", preferences.mute, name="mute"),
    path("preferences/try", preferences.try_out, name="try"),
    path("unsubscribe/<str:token>/", preferences.unsubscribe, name="unsubscribe"),
    path("<int:notice_id>/", views.open_notice, name="open"),
]
