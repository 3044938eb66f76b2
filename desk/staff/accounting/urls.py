"""Addresses of accounting, mounted at /accounting/."""

from django.urls import path

from desk.staff.accounting import views

app_name = "accounting"

urlpatterns = [
    path("", views.home, name="home"),
    path("partners/<int:partner_id>/", views.partner, name="partner"),
    path("partners/<int:partner_id>/buy", views.buy, name="buy"),
    path("partners/<int:partner_id>/top-up", views.top_up, name="top_up"),
    path("partners/<int:partner_id>/convert", views.convert, name="convert"),
    path("partners/<int:partner_id>/adjust", views.adjust, name="adjust"),
    path("partners/<int:partner_id>/reverse/<int:ticket_id>/", views.reverse, name="reverse"),
    path("corrections/<int:adjustment_id>", views.decide, name="decide"),
]
