"""Addresses of violations, rulings and scores, for administrators."""

from django.urls import path

from desk.staff.rulings import scores, views

app_name = "rulings"

urlpatterns = [
    path("", views.index, name="index"),
    path("scores/", scores.index, name="scores"),
    path("wrong-rules/", views.wrong_rules, name="wrong_rules"),
    path("<int:violation_id>/", views.detail, name="detail"),
    path("<int:violation_id>/rule", views.rule, name="rule"),
]
