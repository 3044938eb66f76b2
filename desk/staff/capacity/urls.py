"""Addresses of capacity in the control room."""

from django.urls import path

from desk.staff.capacity import noting, views

app_name = "capacity"

urlpatterns = [
    path("", views.index, name="index"),
    path("waiting/<int:project_id>", views.serve, name="serve"),
    path("partners/<int:partner_id>/", views.division, name="division"),
    path("partners/<int:partner_id>/divide", views.divide, name="divide"),
    path("absences/note", noting.anybodys, name="note"),
    path("requests/", views.requests, name="requests"),
    path("requests/<int:request_id>/answer", views.answer, name="answer"),
]
