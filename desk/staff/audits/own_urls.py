"""Addresses of a specialist's own audits."""

from django.urls import path

from desk.staff.audits import views

app_name = "own_audits"

urlpatterns = [path("", views.own, name="own")]
