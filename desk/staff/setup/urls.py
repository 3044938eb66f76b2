"""Addresses of set-up, mounted at /setup/."""

from django.urls import path

from desk.staff.setup import (
    audit,
    companies,
    founding,
    health,
    home,
    people,
    plans,
    selling,
    wizard,
)

app_name = "setup"

urlpatterns = [
    path("", home.home, name="home"),
    path("first-run/", founding.first_run, name="first_run"),
    path("first-run/<slug:name>/", wizard.step, name="step"),
    path("people/", people.people, name="people"),
    path("people/<int:person_id>/", people.person, name="person"),
    path("people/<int:person_id>/change", people.change, name="change_person"),
    path("people/<int:person_id>/role", people.role, name="role"),
    path("people/<int:person_id>/caps", people.caps, name="caps"),
    path("people/<int:person_id>/leave", people.leave, name="leave"),
    path("people/<int:person_id>/let-back", people.let_back, name="let_back"),
    path("invitations/<int:invitation_id>/withdraw", people.withdraw, name="withdraw"),
    path("invitations/<int:invitation_id>/resend", people.resend, name="resend"),
    path("partners/", companies.partners, name="partners"),
    path("partners/new/", companies.enrol, name="enrol"),
    path("partners/<int:partner_id>/", companies.partner, name="partner"),
    path("partners/<int:partner_id>/change/", companies.change, name="change_partner"),
    path("partners/<int:partner_id>/projects", companies.add_project, name="add_project"),
    path("partners/<int:partner_id>/invite", companies.invite, name="invite"),
    path("partners/<int:partner_id>/assign", companies.assign_all, name="assign_all"),
    path(
        "partners/<int:partner_id>/people/<int:person_id>",
        companies.member,
        name="member",
    ),
    path("projects/<int:project_id>/assign", companies.assign, name="assign"),
    path("projects/<int:project_id>/archive", companies.put_away, name="put_away"),
    path("partners/<int:partner_id>/contract/", selling.contract, name="contract"),
    path("selling/", selling.selling, name="selling"),
    path("companies/new/", selling.new_company, name="new_company"),
    path("companies/<int:company_id>/", selling.company, name="company"),
    path("packs/new/", selling.new_pack, name="new_pack"),
    path("packs/<int:pack_id>/end", selling.end_pack, name="end_pack"),
    path("plans/", plans.plans, name="plans"),
    path("plans/new/", plans.new_plan, name="new_plan"),
    path("plans/<int:plan_id>/", plans.plan, name="plan"),
    path("calendars/new/", plans.new_calendar, name="new_calendar"),
    path("calendars/<int:calendar_id>/", plans.calendar, name="calendar"),
    path("calendars/<int:calendar_id>/choose", plans.choose_calendar, name="choose_calendar"),
    path("health/", health.health, name="health"),
    path("health/check", health.check, name="check"),
    path("audit/", audit.audit, name="audit"),
]
