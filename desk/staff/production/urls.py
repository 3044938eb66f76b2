"""Addresses of production."""

from django.urls import path

from desk.staff.production import verbs, views

app_name = "production"

urlpatterns = [
    path("", views.home, name="home"),
    path("tickets/<str:number>/", views.ticket, name="ticket"),
    path("tickets/<str:number>/<slug:verb>", verbs.move, name="move"),
]
