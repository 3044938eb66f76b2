"""Addresses of the control room."""

from django.urls import path

from desk.staff.control import assignments, views, week

app_name = "control"

urlpatterns = [
    path("", views.home, name="home"),
    path("wall", views.wall, name="wall"),
    path("morning/", views.morning, name="morning"),
    path("week/", week.week, name="week"),
    path("disputes/", views.disputes, name="disputes"),
    path("disputes/<int:dispute_id>/rule", views.rule, name="rule"),
    path("breaches/", views.breaches, name="breaches"),
    path("breaches/<int:clock_id>/excuse", views.excuse, name="excuse"),
    path("tickets/<str:number>/take", views.give, name="give"),
    path("assignments/", assignments.index, name="assignments"),
    path("assignments/<int:project_id>", assignments.assign, name="assign"),
    path("assignments/partner/<int:partner_id>", assignments.assign_partner, name="assign_all"),
    path("absences/", assignments.absences, name="absences"),
    path("absences/note", assignments.note_absence, name="note_absence"),
    path("absences/<int:absence_id>/withdraw", assignments.withdraw, name="withdraw_absence"),
]
