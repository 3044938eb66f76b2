"""Addresses of the API."""

from django.urls import path

from desk.channels.api import views
from desk.channels.api.interface import api

urlpatterns = [
    path("openapi.json", views.openapi, name="api_openapi"),
    path("docs", views.read_reference, name="api_reference"),
    path("", api.urls),
]
