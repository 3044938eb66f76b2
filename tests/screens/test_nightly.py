"""The nightly proof of the data shows on the health page."""

from django.test import Client

from desk.config import tasks
from tests.language import Desk


def test_the_nightly_check_stands_on_the_health_page(db: None) -> None:
    desk = Desk.open()
    owner = Client()
    owner.force_login(desk.house.vendor)
    before = owner.get("/setup/health/")
    assert before.context["check"] is None
    tasks.prove(0)
    assert owner.get("/setup/health/").context["check"]["faults"] == 0
