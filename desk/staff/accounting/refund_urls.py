"""Addresses of refunds, part of accounting's."""

from django.urls import path

from desk.staff.accounting import refunds

urlpatterns = [
    path("refunds/", refunds.refunds, name="refunds"),
    path("refunds/<int:refund_id>/decide", refunds.decide, name="decide_refund"),
    path("refunds/<int:refund_id>/pay", refunds.pay, name="pay_refund"),
    path("partners/<int:partner_id>/refunds/", refunds.of_partner, name="partner_refunds"),
    path("partners/<int:partner_id>/refunds/propose", refunds.propose, name="propose_refund"),
    path("partners/<int:partner_id>/refunds/all", refunds.propose_all, name="refund_all"),
]
