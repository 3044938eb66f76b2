"""Addresses of the workplace."""

from django.urls import path

from desk.staff.workplace import day, partners, plan, record, team, tickets, verbs

app_name = "workplace"

urlpatterns = [
    path("", day.home, name="home"),
    path("plan/", plan.plan, name="plan"),
    path("plan/again", plan.again, name="again"),
    path("now/checked", plan.checked, name="checked"),
    path("now/stop", day.stop, name="stop"),
    path("now/<slug:activity>", day.begin, name="begin"),
    path("people/", team.index, name="people"),
    path("people/<int:person_id>/", team.person, name="person"),
    path("people/<int:person_id>/<int:interval_id>", team.correct, name="correct_of"),
    path("record/", record.entries, name="record"),
    path("record/<int:interval_id>", record.correct, name="correct"),
    path("absences/", record.absences, name="absences"),
    path("absences/<int:absence_id>/withdraw", record.withdraw, name="withdraw"),
    path("partners/", partners.index, name="partners"),
    path("projects/<int:project_id>/", partners.project, name="project"),
    path("projects/<int:project_id>/dossier", partners.dossier, name="dossier"),
    path("tickets/", tickets.index, name="tickets"),
    path("tickets/new", tickets.new, name="new"),
    path("tickets/<str:number>/", tickets.ticket, name="ticket"),
    path("tickets/<str:number>/clock", tickets.clock, name="clock"),
    path("tickets/<str:number>/follow", verbs.follow, name="follow"),
    path("tickets/<str:number>/accept/preview", verbs.accept_preview, name="preview"),
    path("tickets/<str:number>/<slug:verb>", verbs.move, name="move"),
]
