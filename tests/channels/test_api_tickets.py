"""Tickets by the API: what the cabinet and the workplace can do, for whom, and for whom not."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from desk.channels.api import verbs
from desk.channels.api.models import StoredAnswer
from desk.channels.api.scopes import Scope
from desk.channels.cabinet import verbs as cabinet
from desk.knowledge import queries as knowledge
from desk.rules.lifecycle import Verb
from desk.staff.production import verbs as production
from desk.staff.workplace import verbs as workplace
from tests import cast
from tests.channels.api_client import Program, integration, program, refused, told
from tests.language import OPENED, Desk
from tests.scenarios import tickets as scene

NOT_FOUND = (404, "not-found")
PARTS = {"parts": ["One", "Two"]}
# Bodies that pass the types, for moves that need one.
BODIES: dict[str, dict[str, object]] = {
    "message": {"text": "a"},
    "return": {"text": "a"},
    "reopen": {"text": "a"},
    "contest": {"text": "a", "about": "type"},
    "doubt": {"text": "a"},
    "order": {"up": True},
}


@pytest.fixture
def desk(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Settings) -> Desk:
    """Friday 09:00; the API's clock is the desk's, files lie in a folder of the test."""
    settings.FILES_DIR = tmp_path
    found = Desk.open()
    monkeypatch.setattr("desk.lib.clock.now", lambda: found.now)
    scene.buys(found, 20)
    return found


def submitted(desk: Desk, caller: Program, **more: object) -> str:
    wanted = {"project_id": desk.company.project.pk, "subject": "Printing", "text": "It fails."}
    found: str = told(caller.post("/tickets", {**wanted, **more}), 201)["number"]
    return found


def test_a_ticket_goes_all_the_way(desk: Desk) -> None:
    partner, lead = program(desk.owner), program(desk.lead)
    number = submitted(desk, partner)
    accepted = told(lead.post(f"/tickets/{number}/accept", {"type": "simple", "message": "Yes"}))
    assert accepted["state"] == "accepted"
    assert accepted["deadline"]["due_at"] == "2026-11-27T16:00:00Z"
    assert accepted["internal"]["balance"]["consultations_held"] == 1
    assert told(lead.post(f"/tickets/{number}/start"))["state"] == "in_work"
    part = {"part": 1, "result": "Set"}
    told(lead.post(f"/tickets/{number}/finish_part", part))
    result = {"solution": "A rule", "changes": "The rule", "checking": "Print"}
    assert told(lead.post(f"/tickets/{number}/deliver", result))["state"] == "delivered"
    rated = told(partner.post(f"/tickets/{number}/confirm", {"rating": 5}))
    assert (rated["state"], rated["handover"]["rating"]) == ("resolved", 5)
    assert rated["internal"] is None


def test_anothers_number_is_no_number(desk: Desk) -> None:
    """Another partner's ticket is told apart from no ticket by nothing."""
    stranger = cast.company(OPENED, desk.house, "NOV", "Novadim Demo")
    number = submitted(desk, program(desk.owner))
    outsider = program(stranger.owner)
    missing = refused(outsider.get("/tickets/OLH-999"), 404, "not-found")
    for path in ("", "/messages", "/history", "/parts", "/files", "/clock"):
        assert refused(outsider.get(f"/tickets/{number}{path}"), 404, "not-found") == missing
    for verb in verbs.VERBS:
        response = outsider.post(f"/tickets/{number}/{verb}", BODIES.get(verb, {}))
        expected = (403, "scope-missing") if verbs.VERBS[verb].scope == "work" else NOT_FOUND
        refused(response, *expected)
    refused(outsider.put(f"/tickets/{number}/following"), 404, "not-found")
    assert told(outsider.get("/tickets"))["items"] == []
    assert told(outsider.get("/tickets/search?q=printing"))["items"] == []
    wanted = {"project_id": desk.company.project.pk, "subject": "A", "text": "B"}
    errors = refused(outsider.post("/tickets", wanted), 422, "invalid")["errors"]
    assert errors[0]["field"] == "project_id"


def test_internal_things_stay_inside(desk: Desk) -> None:
    partner, lead = program(desk.owner), program(desk.lead)
    number = submitted(desk, partner)
    upload = SimpleUploadedFile("secret-log.txt", b"internal")
    reference = told(lead.upload("/files", upload), 201)["items"][0]["reference"]
    said = {"text": "SECRET note", "files": [reference]}
    told(lead.post(f"/tickets/{number}/note", said))
    told(lead.post(f"/tickets/{number}/accept", {"type": "complex", "message": "Yes", **PARTS}))
    told(lead.post(f"/tickets/{number}/start"))
    told(lead.post(f"/tickets/{number}/consult", {"text": "SECRET question"}))
    paths = ["", "/messages", "/history", "/parts", "/files", "/clock"]
    for path in [f"/tickets/{number}{each}" for each in paths] + ["/tickets"]:
        assert b"SECRET" not in partner.get(path).content, path
        assert b"secret-log" not in partner.get(path).content, path
    kinds = [one["kind"] for one in told(lead.get(f"/tickets/{number}/messages"))["items"]]
    assert "note" in kinds
    file = told(lead.get(f"/tickets/{number}/files"))["items"][0]
    path = file["url"].removeprefix(settings.BASE_URL)
    assert b"".join(lead.get(path).streaming_content) == b"internal"  # type: ignore[attr-defined]
    refused(partner.get(path), 404, "not-found")


def test_partners_do_not_do_the_work_of_our_people(desk: Desk) -> None:
    number = submitted(desk, program(desk.owner))
    partner = program(desk.owner)
    refused(partner.post(f"/tickets/{number}/start"), 403, "scope-missing")
    accountant = program(desk.house.accountant)
    found = refused(accountant.post(f"/tickets/{number}/start"), 409, "not-allowed")
    assert (found["verb"], found["state"]) == ("start", "submitted")
    accepting = {"type": "simple", "message": "Mine"}
    refused(accountant.post(f"/tickets/{number}/accept", accepting), 403, "not-permitted")


def test_a_move_out_of_turn_tells_what_is_allowed(desk: Desk) -> None:
    partner = program(desk.owner)
    number = submitted(desk, partner)
    found = refused(partner.post(f"/tickets/{number}/confirm"), 409, "not-allowed")
    assert (found["state"], found["verb"]) == ("submitted", "confirm")
    assert "cancel" in found["allowed"]
    assert "cancel" in told(partner.get(f"/tickets/{number}"))["allowed"]


def test_a_stale_version_does_nothing(desk: Desk) -> None:
    partner, lead = program(desk.owner), program(desk.lead)
    number = submitted(desk, partner)
    etag = partner.get(f"/tickets/{number}")["ETag"]
    told(lead.post(f"/tickets/{number}/message", {"text": "One question"}))
    response = partner.post(f"/tickets/{number}/cancel", {}, if_match=etag)
    found = refused(response, 409, "stale")
    assert f'"{found["current_version"]}"' == partner.get(f"/tickets/{number}")["ETag"]
    fresh = f'W/"{found["current_version"]}"'
    told(partner.post(f"/tickets/{number}/cancel", {}, if_match=fresh))
    refused(partner.post(f"/tickets/{number}/cancel", {}, if_match="x"), 400, "malformed")


def test_an_external_id_makes_a_ticket_once(desk: Desk) -> None:
    partner = program(desk.owner)
    number = submitted(desk, partner, external_id="crm-7")
    desk.later(minutes=5)
    wanted = {"project_id": desk.company.project.pk, "subject": "Other", "text": "Other"}
    again = told(partner.post("/tickets", {**wanted, "external_id": "crm-7"}), 200)
    assert (again["number"], again["subject"]) == (number, "Printing")
    found = told(partner.get("/tickets?external_id=crm-7"))["items"]
    assert [one["number"] for one in found] == [number]


def test_an_integration_writes_for_the_partners_people(desk: Desk) -> None:
    caller = integration(desk.owner, desk.company.partner.pk)
    number = submitted(desk, caller, author_id=desk.member.pk)
    found = told(caller.get(f"/tickets/{number}"))
    assert found["author"]["name"] == desk.member.name
    assert found["filed_by"]["name"] == "1C"
    assert found["channel"] == "api"
    wanted = {"project_id": desk.company.project.pk, "subject": "A", "text": "B"}
    other = {**wanted, "author_id": desk.member.pk}
    errors = refused(program(desk.owner).post("/tickets", other), 422, "invalid")["errors"]
    assert errors[0]["field"] == "author_id"
    strangers = {**wanted, "author_id": desk.lead.pk}
    refused(caller.post("/tickets", strangers), 422, "invalid")


def test_our_people_file_for_a_partner(desk: Desk) -> None:
    number = submitted(desk, program(desk.lead), author_id=desk.member.pk)
    found = told(program(desk.member).get(f"/tickets/{number}"))
    assert found["author"]["id"] == desk.member.pk
    assert found["filed_by"]["id"] == desk.lead.pk


def test_pages_neither_repeat_nor_hide(desk: Desk) -> None:
    partner = program(desk.owner)
    made = [submitted(desk, partner) for _ in range(5)]
    first = told(partner.get("/tickets?limit=2"))
    assert [one["number"] for one in first["items"]] == [made[4], made[3]]
    submitted(desk, partner)
    second = told(partner.get(f"/tickets?limit=2&cursor={first['next_cursor']}"))
    assert [one["number"] for one in second["items"]] == [made[2], made[1]]
    third = told(partner.get(f"/tickets?limit=2&cursor={second['next_cursor']}"))
    assert [one["number"] for one in third["items"]] == [made[0]]
    assert third["next_cursor"] is None
    other = partner.get(f"/tickets?limit=2&show=open&cursor={first['next_cursor']}")
    assert refused(other, 422, "invalid")["errors"][0]["field"] == "cursor"


def test_lists_are_narrowed(desk: Desk) -> None:
    partner, lead = program(desk.owner), program(desk.lead)
    first, second = submitted(desk, partner), submitted(desk, partner)
    told(partner.post(f"/tickets/{first}/cancel"))

    def numbers(asked: str, caller: Program = partner) -> list[str]:
        return [one["number"] for one in told(caller.get(f"/tickets?{asked}"))["items"]]

    assert numbers("show=open") == [second]
    assert numbers("show=done") == [first]
    assert numbers("state=cancelled") == [first]
    assert numbers("mine=true") == [second, first]
    assert numbers(f"executor_id={desk.lead.pk}", lead) == [second, first]
    assert numbers(f"project_id={desk.company.project.pk + 1}") == []
    assert numbers("show=my_turn", lead) == [second]


def test_files_go_in_and_come_out_inert(desk: Desk) -> None:
    partner = program(desk.owner)
    upload = SimpleUploadedFile("page.html", b"<script>alert(1)</script>", "text/html")
    reference = told(partner.upload("/files", upload), 201)["items"][0]["reference"]
    number = submitted(desk, partner, files=[reference])
    found = told(partner.get(f"/tickets/{number}/files"))["items"][0]
    assert (found["name"], found["size"]) == ("page.html", 25)
    response = partner.get(found["url"].removeprefix(settings.BASE_URL))
    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"  # type: ignore[attr-defined]
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="page.html"'
    assert response["Content-Security-Policy"].startswith("sandbox")
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_reference_is_its_uploaders_and_ends(desk: Desk) -> None:
    partner, member = program(desk.owner), program(desk.member)
    upload = SimpleUploadedFile("a.txt", b"a")
    reference = told(partner.upload("/files", upload), 201)["items"][0]["reference"]
    wanted = {"project_id": desk.company.project.pk, "subject": "A", "text": "B"}
    for caller, given in ((member, reference), (partner, reference + "x"), (partner, "../etc")):
        response = caller.post("/tickets", {**wanted, "files": [given]})
        assert refused(response, 422, "invalid")["errors"][0]["field"] == "files"
    desk.later(hours=25)
    refused(partner.post("/tickets", {**wanted, "files": [reference]}), 422, "invalid")
    refused(partner.upload("/files", SimpleUploadedFile("empty", b"")), 422, "invalid")


def test_following_is_ones_own(desk: Desk) -> None:
    number = submitted(desk, program(desk.owner))
    member = program(desk.member)
    assert told(member.put(f"/tickets/{number}/following"))["reader_follows"]
    assert member.delete(f"/tickets/{number}/following").status_code == 204
    assert member.delete(f"/tickets/{number}/following").status_code == 204
    assert not told(member.get(f"/tickets/{number}"))["reader_follows"]


def test_money_is_approved_by_who_pays(desk: Desk) -> None:
    """The scope opens the door, the role decides behind it."""
    partner, lead = program(desk.member), program(desk.lead)
    number = submitted(desk, partner)
    four = {"parts": ["One", "Two", "Three", "Four"]}
    told(lead.post(f"/tickets/{number}/accept", {"type": "complex", "message": "Yes", **four}))
    asked = told(partner.get(f"/tickets/{number}"))["approval"]
    assert (asked["kind"], asked["units"]) == ("parts", 4)
    refused(partner.post(f"/tickets/{number}/approve"), 403, "not-permitted")
    without = program(desk.house.lead, Scope.TICKETS_WRITE)
    refused(without.post(f"/tickets/{number}/approve"), 403, "scope-missing")
    approved = told(program(desk.company.finance).post(f"/tickets/{number}/approve"))
    assert (approved["state"], approved["money"]["cost"]["units_held"]) == ("accepted", 4)


def test_a_customisation_goes_through_production(desk: Desk) -> None:
    scene.tops_up(desk, 100_000_00)
    partner, lead, maker = (
        program(person) for person in (desk.owner, desk.lead, desk.house.production)
    )
    number = submitted(desk, partner)
    path = f"/tickets/{number}"
    accepting = {"type": "customisation", "message": "Production will estimate."}
    assert told(lead.post(f"{path}/accept", accepting))["state"] == "awaiting_estimate"
    offer = {
        "hours_max": 4,
        "working_seconds": 3600 * 16,
        "includes": "A report",
        "valid_until": "2026-12-10T16:00:00Z",
        "hour_kopecks": 900_00,
    }
    told(maker.post(f"{path}/estimate", offer))
    assert told(partner.get(path))["approval"]["kopecks"] == 3600_00
    assert told(partner.post(f"{path}/approve"))["state"] == "accepted"
    told(lead.post(f"{path}/start"))
    told(maker.post(f"{path}/log", {"minutes": 60, "worked_on": "2026-11-27", "note": "Begun"}))
    told(maker.post(f"{path}/build", {"text": "Built"}))
    result = {"solution": "A report", "changes": "Code", "checking": "Open it"}
    both = {**result, "dossier": "Reports are cached.", "nothing_new": True}
    problem = refused(lead.post(f"{path}/deliver", both), 422, "invalid")
    assert problem["errors"][0]["field"] == "dossier"
    told(lead.post(f"{path}/deliver", {**result, "dossier": "Reports are cached."}))
    dossier = knowledge.dossier(desk.company.project.pk)
    assert dossier is not None
    assert dossier.setup.endswith("Reports are cached.")
    assert told(partner.post(f"{path}/return", {"text": "Empty"}))["state"] == "in_work"


def test_an_acceptance_is_previewed(desk: Desk) -> None:
    partner, lead = program(desk.owner), program(desk.lead)
    number = submitted(desk, partner)
    path = f"/tickets/{number}/preview?type=complex&parts="
    found = told(lead.get(f"{path}2"))
    assert (found["outcome"], found["units"], found["available_after"]) == ("accepted", 2, 18)
    assert found["due_at"] == "2026-11-27T16:00:00Z"
    assert told(lead.get(f"{path}4"))["needs_approval"]
    refused(lead.get(f"{path}0"), 422, "invalid")
    refused(partner.get(f"{path}2"), 403, "scope-missing")


def test_disputes_are_ruled_on_their_own_ticket(desk: Desk) -> None:
    partner, judge = program(desk.owner), program(desk.house.administrator)
    first, second = submitted(desk, partner), submitted(desk, partner)
    found = told(partner.post(f"/tickets/{first}/doubt", {"text": "Is it right?"}))
    ruling = {"dispute_id": found["disputes"][0]["id"], "upheld": False, "text": "It is."}
    ruling = {**ruling, "clause": "4.2"}
    errors = refused(judge.post(f"/tickets/{second}/rule", ruling), 422, "invalid")["errors"]
    assert errors[0]["field"] == "dispute_id"
    told(judge.post(f"/tickets/{first}/rule", ruling))
    assert told(partner.get(f"/tickets/{first}"))["disputes"][0]["ruling"] == "It is."


def test_the_clock_is_explained(desk: Desk) -> None:
    partner, lead = program(desk.owner), program(desk.lead)
    number = submitted(desk, partner)
    desk.later(minutes=30)
    told(lead.post(f"/tickets/{number}/accept", {"type": "simple", "message": "Yes"}))
    found = told(partner.get(f"/tickets/{number}/clock"))
    kinds = {one["kind"]: one for one in found["clocks"]}
    assert kinds["acceptance"]["elapsed_seconds"] == 1800
    assert [one["kind"] for one in found["moves"]] == ["promise"]
    history = told(partner.get(f"/tickets/{number}/history"))["items"]
    assert [one["verb"] for one in history] == ["submit", "accept"]
    assert history[0]["by"]["name"] == desk.owner.name


def test_every_verb_of_the_table_is_a_call(desk: Desk) -> None:
    """Those the system alone makes, or a ruling with it, are none; everything else the pages can
    do, programs can."""
    of_system = {Verb.SUBMIT, Verb.FUND, Verb.ANSWER, Verb.REDO}
    assert {verb.value for verb in set(Verb) - of_system} <= set(verbs.VERBS)
    assert set(cabinet.MOVES) <= set(verbs.VERBS)
    assert set(workplace.MOVES) | set(production.MOVES) <= set(verbs.VERBS)


def test_every_kind_of_move_may_be_repeated(desk: Desk) -> None:
    """Also those that write more than one thing, or into another area."""
    partner, lead = program(desk.owner), program(desk.lead)
    number = submitted(desk, partner)
    submitted(desk, partner)
    told(lead.post(f"/tickets/{number}/accept", {"type": "complex", "message": "Yes", **PARTS}))
    told(lead.post(f"/tickets/{number}/start"))
    made: list[tuple[Program, str, dict[str, object]]] = [
        (lead, "work_start", {"part": 1}),
        (lead, "work_stop", {}),
        (lead, "note", {"text": "Inside"}),
        (lead, "ask", {"text": "Which?", "part": 1}),
        (lead, "consult", {"text": "How?"}),
        (lead, "finish_part", {"part": 2, "result": "Done"}),
        (lead, "split", {"title": "Three"}),
        (partner, "approve", {}),
        (partner, "order", {"up": False}),
        (partner, "doubt", {"text": "Is it right?"}),
        (partner, "contest", {"about": "type", "text": "It is simple"}),
        (lead, "re_promise", {"due_at": "2026-12-01T10:00:00Z", "reason": "More to do"}),
        (partner, "agree", {}),
    ]
    for caller, verb, body in made:
        desk.later(minutes=1)
        path = f"/tickets/{number}/{verb}"
        first = told(caller.post(path, body, idempotency_key=verb))
        StoredAnswer.objects.all().delete()
        again = told(caller.post(path, body, idempotency_key=verb))
        assert again["version"] == first["version"], verb
        assert again["disputes"] == first["disputes"], verb


def test_a_submission_is_answered_with_the_whole_ticket(desk: Desk) -> None:
    """The answer is made from the row that was written, not read again: it is the same."""
    for caller in (program(desk.owner), program(desk.lead)):
        wanted = {"project_id": desk.company.project.pk, "subject": "A", "text": "B"}
        made = told(caller.post("/tickets", {**wanted, "author_id": None}), 201)
        assert made == told(caller.get(f"/tickets/{made['number']}"))


def test_a_ticket_costs_few_queries(desk: Desk) -> None:
    partner = program(desk.owner)
    number = submitted(desk, partner)
    partner.get(f"/tickets/{number}")
    with CaptureQueriesContext(connection) as caught:
        partner.get(f"/tickets/{number}")
    assert len(caught) <= 8, [one["sql"][:80] for one in caught]
    for _ in range(3):
        submitted(desk, partner)
    with CaptureQueriesContext(connection) as caught:
        partner.get("/tickets")
    assert len(caught) <= 8, [one["sql"][:80] for one in caught]
