"""Addresses of the partner's cabinet."""

from django.urls import path

from desk.channels.cabinet import company, deposit, tickets, verbs, views

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
    path("team/", company.team, name="team"),
    path("team/invite", company.invite, name="invite"),
    path("team/<int:membership_id>", company.change, name="change_membership"),
    path("team/<int:membership_id>/end", company.end, name="end_membership"),
    path("team/invitations/<int:invitation_id>/withdraw", company.withdraw, name="withdraw"),
    path("projects/", company.projects, name="projects"),
    path("hours/", company.hours, name="hours"),
    path("work/", company.work, name="work"),
]
