"""Addresses for the script of a page, mounted at /notices/push/."""

from django.urls import path

from desk.channels.notices.push import views

app_name = "push"

urlpatterns = [
    path("", views.index, name="index"),
    path("worker.js", views.worker, name="worker"),
    path("key", views.key, name="key"),
    path("allow", views.allow, name="allow"),
    path("renew", views.renew, name="renew"),
    path("browsers/<int:browser_id>/remove", views.remove, name="remove"),
    path("browsers/<int:browser_id>/trial", views.trial, name="trial"),
]
