"""Addresses of one's own record under the Standard."""

from django.urls import path

from desk.staff.rulings import own

app_name = "own_record"

urlpatterns = [
    path("", own.index, name="index"),
    path("<int:violation_id>/", own.detail, name="detail"),
    path("<int:violation_id>/explain", own.explain, name="explain"),
]
