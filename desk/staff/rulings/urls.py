"""Addresses of this area."""

from django.urls import URLPattern

app_name = "rulings"

urlpatterns: list[URLPattern] = []
