"""Addresses of audits in the control room."""

from django.urls import path

from desk.staff.audits import results, views

app_name = "audits"

urlpatterns = [
    path("", views.index, name="index"),
    path("results/", results.results, name="results"),
    path("<int:audit_id>/", views.sheet, name="sheet"),
    path("<int:audit_id>/take", views.take, name="take"),
    path("<int:audit_id>/answer", views.answer, name="answer"),
]
