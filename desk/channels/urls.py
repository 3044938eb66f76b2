"""Addresses of set-up's page of what comes in and goes out, mounted at /setup/channels/."""

from django.urls import path

from desk.channels import views

app_name = "channels"

urlpatterns = [
    path("", views.index, name="index"),
    path("arrivals/<int:arrival_id>/", views.arrival, name="arrival"),
    path("arrivals/<int:arrival_id>/raw", views.raw, name="raw"),
    path("arrivals/<int:arrival_id>/replay", views.replay, name="replay"),
    path("arrivals/<int:arrival_id>/dismiss", views.dismiss, name="dismiss"),
    path("deliveries/<int:delivery_id>/resend", views.resend, name="resend"),
]
