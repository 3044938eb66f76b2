"""Addresses of this area."""

from django.urls import URLPattern

app_name = "standard"

urlpatterns: list[URLPattern] = []
