"""Addresses for people, mounted at /notices/telegram/."""

from django.urls import path

from desk.channels.notices.telegram import views

app_name = "telegram"

urlpatterns = [
    path("", views.index, name="index"),
    path("connect", views.connect, name="connect"),
    path("disconnect", views.disconnect, name="disconnect"),
]
