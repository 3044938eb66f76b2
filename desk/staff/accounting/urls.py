"""Addresses of accounting, mounted at /accounting/."""

from django.urls import path

from desk.staff.accounting import exports, home, ledger, month, papers, payment_urls, views, worth
from desk.staff.accounting.refund_urls import urlpatterns as of_refunds

app_name = "accounting"

urlpatterns = [
    path("", home.home, name="home"),
    path("deposits/", home.deposits, name="deposits"),
    # The month's end.
    path("months/", month.months, name="months"),
    path("months/<int:company_id>/<str:first>/", month.month, name="month"),
    path("months/<int:company_id>/<str:first>/acts", month.issue_acts, name="issue_acts"),
    path("months/<int:company_id>/<str:first>/close", month.close, name="close_month"),
    path("figures/", worth.figures, name="figures"),
    path("exports/<str:table>.<str:sheet>", exports.export, name="export"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/check", ledger.check, name="check_ledger"),
    # Papers.
    path("papers/", papers.papers, name="papers"),
    path("papers/<int:paper_id>/", papers.paper, name="paper"),
    path("papers/<int:paper_id>/sign", papers.sign, name="sign_paper"),
    path("papers/<int:paper_id>/cancel", papers.cancel, name="cancel_paper"),
    path("papers/<int:paper_id>.<str:form>", papers.content, name="paper_content"),
    path("partners/<int:partner_id>/act", papers.issue_act, name="issue_act"),
    path(
        "partners/<int:partner_id>/reconciliation",
        papers.issue_reconciliation,
        name="issue_reconciliation",
    ),
    # A partner's deposit.
    path("partners/<int:partner_id>/", views.partner, name="partner"),
    path("partners/<int:partner_id>/buy", views.buy, name="buy"),
    path("partners/<int:partner_id>/top-up", views.top_up, name="top_up"),
    path("partners/<int:partner_id>/convert", views.convert, name="convert"),
    path("partners/<int:partner_id>/adjust", views.adjust, name="adjust"),
    path("partners/<int:partner_id>/opening", views.opening, name="opening"),
    path("partners/<int:partner_id>/reverse/<int:ticket_id>/", views.reverse, name="reverse"),
    path("corrections/<int:adjustment_id>", views.decide, name="decide"),
    *of_refunds,
    *payment_urls.urlpatterns,
]
