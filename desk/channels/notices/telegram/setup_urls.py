"""Addresses of set-up's page of notices, mounted at /setup/notices/."""

from django.urls import path

from desk.channels.notices.push import views as push
from desk.channels.notices.telegram import setup_views

app_name = "notices_setup"

urlpatterns = [
    path("", setup_views.index, name="index"),
    path("bot", setup_views.bot, name="bot"),
    path("bot/test", setup_views.test, name="test"),
    path("bot/remove", setup_views.remove, name="remove"),
    path("push/renew", push.renew_key, name="renew_key"),
]
