"""The owner's pages: who may open them, and what each shows."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from desk.partners.models import Person
from tests.language import Desk

PAGES = (
    "home",
    "people",
    "partners",
    "enrol",
    "plans",
    "new_plan",
    "new_calendar",
    "selling",
    "new_company",
    "new_pack",
    "health",
    "audit",
)


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk.open()


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.parametrize("name", PAGES)
def test_the_owner_opens_every_page_and_nobody_else(desk: Desk, name: str) -> None:
    url = reverse(f"setup:{name}")
    assert signed_in(desk.house.vendor).get(url).status_code == 200
    assert signed_in(desk.lead).get(url).status_code == 403
    assert signed_in(desk.owner).get(url).status_code == 403
    assert Client().get(url).status_code == 302


def test_the_owner_opens_what_there_is(desk: Desk) -> None:
    client = signed_in(desk.house.vendor)
    found = [
        reverse("setup:person", args=[desk.lead.pk]),
        reverse("setup:partner", args=[desk.company.partner.pk]),
        reverse("setup:change_partner", args=[desk.company.partner.pk]),
        reverse("setup:plan", args=[desk.house.plan.pk]),
        reverse("setup:calendar", args=[desk.house.calendar.pk]),
        *(
            reverse("setup:step", args=[name])
            for name in ("calendar", "plan", "people", "partner", "lead", "mail", "done")
        ),
    ]
    assert [(url, client.get(url).status_code) for url in found] == [(url, 200) for url in found]
