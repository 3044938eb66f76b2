"""Addresses of outages of ours, for administrators."""

from django.urls import path

from desk.staff.rulings import outages

app_name = "outages"

urlpatterns = [
    path("", outages.index, name="index"),
    path("note", outages.note, name="note"),
    path("<int:outage_id>/correct", outages.correct, name="correct"),
]
