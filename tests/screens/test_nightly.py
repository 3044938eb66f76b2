"""What is done every night: the proof of the data, and the sweep of bytes that nothing needs."""

import os
from pathlib import Path

from django.test import Client
from pytest_django.fixtures import Settings

from desk.config import tasks
from desk.deposits.actions import papering
from desk.deposits.queries import papers
from desk.lib import files
from tests.language import Desk
from tests.scenarios.billing import a_company
from tests.scenarios.deposits import a_partner, keyed
from tests.scenarios.papers import an_invoice


def test_the_nightly_check_stands_on_the_health_page(db: None) -> None:
    desk = Desk.open()
    owner = Client()
    owner.force_login(desk.house.vendor)
    before = owner.get("/setup/health/")
    assert before.context["check"] is None
    tasks.prove(0)
    assert owner.get("/setup/health/").context["check"]["faults"] == 0


def test_the_nightly_sweep_leaves_the_bytes_of_papers(
    db: None, settings: Settings, tmp_path: Path
) -> None:
    settings.FILES_DIR = tmp_path
    partner_id = a_partner()
    a_company()
    paper = papering.issue(keyed(), an_invoice(partner_id))
    orphan = files.store(tmp_path, "upload.txt", [b"of a form that was refused"])
    for path in tmp_path.rglob("*"):
        os.utime(path, (0, 0))
    tasks.sweep_files(0)
    assert not files.path(tmp_path, orphan.sha256).exists()
    assert papers.content_of(paper.id, "pdf").startswith(b"%PDF")
    assert papers.content_of(paper.id, "xlsx").startswith(b"PK")
