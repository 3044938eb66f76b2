"""Addresses of the partner's cabinet."""

from django.urls import path

from desk.channels.cabinet import (
    company,
    complaints,
    deposit,
    leads,
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
