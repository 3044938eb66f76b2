"""Tokens: who may make which, what the journal keeps of it, and the command for scripts."""

from __future__ import annotations

import argparse
import json
from datetime import timedelta

import pytest

from desk.channels import recipients, topics
from desk.channels.api import actions, issued
from desk.channels.api.actions import NoRole, TooMany, Wanted
from desk.channels.api.models import Token
from desk.channels.api.scopes import Scope, UnknownScope
from desk.config.commands import api_token as command
from desk.journal.actions import KeyReused
from desk.journal.models import Entry
from desk.partners import queries as partners
from desk.partners.models import PartnerRole
from tests.channels.api_client import Program, integration, program, refused, told
from tests.language import Desk

READ = Wanted("1C", (Scope.TICKETS_READ,))


def asked(*arguments: str) -> int:
    """What the command line does after the database is there."""
    parser = argparse.ArgumentParser()
    command.configure(parser)
    return command.run(parser.parse_args(arguments))


def test_a_secret_is_nowhere_but_in_the_hands_of_who_made_it(desk: Desk) -> None:
    made, secret = actions.issue(desk.cause(desk.owner), desk.owner.pk, READ)
    assert secret is not None
    assert secret.startswith(made.prefix)
    assert len(made.prefix) < len(secret) / 3
    kept = json.dumps(list(Token.objects.values()), default=str)
    written = json.dumps(list(Entry.objects.values()), default=str)
    for text in (kept, written):
        assert secret not in text
        assert secret.removeprefix("desk_") not in text


def test_made_and_revoked_stand_in_the_journal_and_no_partner_hears_of_them(desk: Desk) -> None:
    cause = desk.cause(desk.owner)
    made, _ = actions.issue_to_partner(cause, desk.company.partner.pk, PartnerRole.MEMBER, READ)
    actions.revoke(desk.cause(desk.house.vendor), made.pk)
    entries = Entry.objects.filter(subject=f"token:{made.pk}").order_by("id")
    assert [entry.verb for entry in entries] == ["issue_token", "revoke_token"]
    assert [entry.by for entry in entries] == [
        f"person:{desk.owner.pk}",
        f"person:{desk.house.vendor.pk}",
    ]
    for entry in entries:
        assert topics.internal(entry)
        assert f"partner:{desk.company.partner.pk}" not in topics.of(entry)
        assert entry.verb not in recipients.RULES


def test_a_form_sent_twice_makes_one_token_and_shows_it_once(desk: Desk) -> None:
    cause = desk.cause(desk.owner, key="form-1")
    made, secret = actions.issue(cause, desk.owner.pk, READ)
    again, nothing = actions.issue(cause, desk.owner.pk, READ)
    assert (again, nothing) == (made, None)
    assert secret
    with pytest.raises(KeyReused):
        actions.issue(cause, desk.owner.pk, Wanted("another", READ.scopes))


def test_the_scope_of_our_people_is_not_for_a_partners(desk: Desk) -> None:
    wanted = Wanted("1C", (Scope.WORK,))
    with pytest.raises(UnknownScope):
        actions.issue(desk.cause(desk.owner), desk.owner.pk, wanted)
    with pytest.raises(UnknownScope):
        partner = desk.company.partner.pk
        actions.issue_to_partner(desk.cause(desk.owner), partner, PartnerRole.MEMBER, wanted)
    actions.issue(desk.cause(desk.lead), desk.lead.pk, wanted)


def test_an_integration_is_never_an_owner(desk: Desk) -> None:
    partner, cause = desk.company.partner.pk, desk.cause(desk.owner)
    with pytest.raises(NoRole):
        actions.issue_to_partner(cause, partner, PartnerRole.OWNER, READ)
    integration(desk.owner, partner)
    (row,) = [row for row in partners.people_of(partner) if row.person.name == "1C"]
    owner = program(desk.owner)
    refused(owner.put(f"/team/{row.person_id}", {"role": "owner"}), 403, "not-permitted")
    assert told(owner.put(f"/team/{row.person_id}", {"role": "viewer"}))["role"] == "viewer"


def test_an_integration_goes_on_when_its_maker_leaves_and_ends_with_its_token(desk: Desk) -> None:
    caller = integration(desk.owner, desk.company.partner.pk)
    person = Token.objects.get(pk=caller.token_id).person
    assert told(caller.get("/me"))["is_integration"]
    actions.revoke(desk.cause(desk.owner), caller.token_id)
    refused(caller.get("/me"), 401, "token-invalid")
    person.refresh_from_db()
    assert not person.is_active
    assert not partners.memberships(person.pk).exists()


def test_a_persons_token_ends_with_the_person(desk: Desk) -> None:
    from desk.partners import actions as people

    caller = program(desk.member)
    told(caller.get("/home"))
    people.end_membership(desk.cause(desk.owner), desk.company.partner.pk, desk.member.pk)
    refused(caller.get("/home"), 403, "not-permitted")
    people.deactivate(desk.cause(desk.house.vendor), desk.member.pk)
    refused(caller.get("/me"), 401, "token-invalid")


def test_there_are_only_so_many(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "TOKENS_MAX", 1)
    first, _ = actions.issue(desk.cause(desk.owner), desk.owner.pk, READ)
    with pytest.raises(TooMany):
        actions.issue(desk.cause(desk.owner), desk.owner.pk, READ)
    actions.revoke(desk.cause(desk.owner), first.pk)
    actions.issue(desk.cause(desk.owner), desk.owner.pk, READ)


def test_lists_part_what_is_in_use_from_what_has_ended(desk: Desk) -> None:
    def made(name: str, **more: object) -> Token:
        wanted = Wanted(name, READ.scopes, **more)  # type: ignore[arg-type]
        return actions.issue(desk.cause(desk.owner), desk.owner.pk, wanted)[0]

    kept, short = made("kept"), made("short", expires_at=desk.now + timedelta(days=1))
    gone = made("gone")
    actions.revoke(desk.cause(desk.owner), gone.pk)
    mine = issued.of_person(desk.owner.pk)
    assert issued.in_use(mine, desk.now) == [short, kept]
    later = desk.later(days=2)
    assert issued.in_use(mine, later) == [kept]
    assert issued.ended(mine, later) == [gone, short]
    assert not issued.of_partner(desk.company.partner.pk)


def test_the_command_makes_one_that_works(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    scope = ("--scope", "tickets:read", "--scope", "projects:read,tickets:write")
    assert asked(desk.owner.email, "--name", "Nightly", *scope) == 0
    said = capsys.readouterr()
    found = told(Program(said.out.strip()).get("/me"))
    assert found["name"] == desk.owner.name
    assert found["scopes"] == ["projects:read", "tickets:read", "tickets:write"]
    assert said.out.strip() not in said.err


def test_the_command_makes_one_for_an_integration(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--name", "1C", "--scope", "all", "--partner", "olh", "--role", "finance")
    assert asked(desk.owner.email, *words, "--expires-days", "30", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["partner"], found["person"]) == ("OLH", None)
    assert found["expires_at"]
    me = told(Program(found["token"]).get("/me"))
    assert me["is_integration"]
    assert [role["role"] for role in me["roles"]] == ["finance"]
    assert asked(desk.house.vendor.email, *words) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nobody@olh.example", "--name", "x", "--scope", "all"), "Nobody signs in"),
        (("owner@olh.example", "--name", "x", "--scope", "work"), "no scope work"),
        (("owner@olh.example", "--name", " ", "--scope", "all"), "--name"),
        (("owner@olh.example", "--name", "x", "--scope", ","), "--scope"),
        (("owner@olh.example", "--name", "x", "--scope", "all", "--partner", "X"), "partner X"),
        (("member@olh.example", "--name", "x", "--scope", "all", "--partner", "OLH"), "not own"),
        (("owner@olh.example", "--name", "x", "--scope", "all", "--expires-days", "0"), "1 to"),
    ],
)
def test_the_command_says_why_not(
    desk: Desk, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert asked(*words) == 1
    heard = capsys.readouterr()
    assert said in heard.err
    assert not heard.out
    assert not Token.objects.exists()
