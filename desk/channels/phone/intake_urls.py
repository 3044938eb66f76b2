"""Addresses that telephone exchanges call, mounted at /channels/phone/."""

from django.urls import path

from desk.channels.phone import intake

app_name = "hotline_intake"

urlpatterns = [path("<slug:code>/events", intake.events, name="events")]
