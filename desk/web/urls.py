"""Addresses that all screens share."""

from django.urls import path

from desk.web import attachments, gallery, presence, views

app_name = "web"

urlpatterns = [
    path("settings/language", views.language, name="language"),
    path("settings/theme", views.theme, name="theme"),
    path("presence/<str:number>", presence.presence, name="presence"),
    path("healthz", views.healthz, name="healthz"),
    path("files/<str:token>/<str:name>", attachments.attachment, name="attachment"),
    path("_design", gallery.gallery, name="gallery"),
]
