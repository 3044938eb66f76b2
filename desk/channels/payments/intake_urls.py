"""Addresses that providers of online payments call, mounted at /channels/payments/."""

from django.urls import path

from desk.channels.payments import intake

app_name = "payments_intake"

urlpatterns = [path("<slug:provider>/<int:company_id>/", intake.told, name="told")]
