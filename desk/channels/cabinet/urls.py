"""Addresses of the partner's cabinet."""

from django.urls import path

from desk.channels.cabinet import (
    buying,
    company,
    complaints,
    deposit,
    leads,
    papers,
    rules,
    team,
    tickets,
    verbs,
    views,
)

app_name = "cabinet"

urlpatterns = [
    path("", views.home, name="home"),
    path("partner", views.choose_partner, name="choose_partner"),
    path("tickets/", tickets.index, name="tickets"),
    path("tickets/order", tickets.order, name="order"),
    path("tickets/new", tickets.new, name="new"),
    path("tickets/<str:number>/", tickets.ticket, name="ticket"),
    path("tickets/<str:number>/clock", tickets.clock, name="clock"),
    path("tickets/<str:number>/follow", verbs.follow, name="follow"),
    path("tickets/<str:number>/<slug:verb>", verbs.move, name="verb"),
    path("deposit/", deposit.statement, name="deposit"),
    path("deposit/convert", deposit.convert, name="convert"),
    path("deposit/statement.<slug:form>", deposit.export, name="export"),
    path("deposit/buy", buying.buy, name="buy"),
    path("deposit/low/<int:episode_id>/", buying.ready, name="ready"),
    path("deposit/invoices/<int:invoice_id>/", buying.invoice, name="invoice"),
    path("deposit/papers/", papers.papers, name="papers"),
    path("deposit/papers/reconcile", papers.reconcile, name="reconcile"),
    path("deposit/papers/<int:paper_id>.<slug:form>", papers.download, name="paper"),
    path("deposit/rules", rules.money, name="money_rules"),
    path("team/", team.team, name="team"),
    path("team/invite", team.invite, name="invite"),
    path("team/<int:person_id>", team.change, name="change_membership"),
    path("team/<int:person_id>/end", team.end, name="end_membership"),
    path("team/invitations/<int:invitation_id>/withdraw", team.withdraw, name="withdraw"),
    path("team/invitations/<int:invitation_id>/resend", team.resend, name="resend"),
    path("projects/", company.projects, name="projects"),
    path("manager/", leads.managers, name="managers"),
    path("manager/ask", leads.ask, name="ask_manager"),
    path("hours/", company.hours, name="hours"),
    path("work/", company.work, name="work"),
    path("complaints/", complaints.complaints, name="complaints"),
]
