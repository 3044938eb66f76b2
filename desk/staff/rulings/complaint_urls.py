"""Addresses of partners' complaints, for administrators."""

from django.urls import path

from desk.staff.rulings import complaints

app_name = "complaints"

urlpatterns = [
    path("", complaints.index, name="index"),
    path("<int:complaint_id>/answer", complaints.answer, name="answer"),
]
