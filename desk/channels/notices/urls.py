"""Addresses of the bell, mounted at /notices/."""

from django.urls import path

from desk.channels.notices import views

app_name = "notices"

urlpatterns = [
    path("", views.index, name="index"),
    path("bell", views.bell, name="bell"),
    path("read", views.read, name="read"),
    path("<int:notice_id>/", views.open_notice, name="open"),
]
