"""Addresses of set-up's page of outgoing mail, mounted at /setup/mail/."""

from django.urls import path

from desk.channels.email import views

app_name = "email"

urlpatterns = [
    path("", views.index, name="index"),
    path("deliveries/<int:delivery_id>/resend", views.resend, name="resend"),
    path("entries/<int:entry_id>/unpark", views.unpark, name="unpark"),
    path("stored/<str:name>", views.stored, name="stored"),
]
