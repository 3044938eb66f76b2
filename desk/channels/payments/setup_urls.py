"""Addresses of the set-up of online payment, mounted at /setup/payments/."""

from django.urls import path

from desk.channels.payments import setup_views

app_name = "payments_setup"

urlpatterns = [
    path("", setup_views.index, name="index"),
    path("save", setup_views.save, name="save"),
    path("<int:company_id>/<slug:provider>/switch", setup_views.switch, name="switch"),
]
