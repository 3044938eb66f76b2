"""Addresses of paying online, mounted at /cabinet/pay/."""

from django.urls import path

from desk.channels.payments import views

app_name = "payments"

urlpatterns = [
    path("<int:invoice_id>/<slug:provider>", views.pay, name="pay"),
    path("order/<slug:provider>/<str:order>/", views.order, name="order"),
]
