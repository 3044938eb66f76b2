"""Addresses of a specialist's own page of offers and absences."""

from django.urls import path

from desk.staff.capacity import noting, own

app_name = "own_capacity"

urlpatterns = [
    path("", own.index, name="index"),
    path("offers/<int:offer_id>/take", own.take, name="take"),
    path("absences/note", noting.own, name="note"),
    path("absences/<int:absence_id>/", own.absence, name="absence"),
    path("absences/<int:absence_id>/brief", own.write, name="write"),
    path("absences/<int:absence_id>/back", own.take_back, name="take_back"),
]
