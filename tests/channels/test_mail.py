"""Mails as a reader gets them: language, facts, threads, and nothing that is not theirs."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client, override_settings

from desk.channels.email import folder, outbound
from desk.channels.email.models import OwnAddress, Received
from desk.channels.models import Arrival, Delivery, DeliveryState
from desk.journal import actions as journal
from desk.partners import actions as partners
from desk.partners.models import PartnerRole, Person
from desk.rules.lifecycle import Type
from desk.tickets import actions
from tests.channels import post
from tests.channels.mailserver import MailServer
from tests.language import Desk

SECRET = "The owner is three invoices behind"
FOLDER_BACKEND = "desk.channels.email.folder.EmailBackend"


def text(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\xa0", " ").replace("’", "ʼ")


def speak(person: Person, language: str, timezone: str = "Europe/Kyiv") -> None:
    card = partners.Card(name=person.name, language=language, timezone=timezone)
    partners.change_person(post.system(), person.pk, card)


def mail_of(desk: Desk, verb: str, person: Person) -> EmailMessage:
    """The mail about a verb to a person, as it is sent now."""
    post.relayed(desk.now)
    delivery = Delivery.objects.get(entry__verb=verb, person=person)
    return post.parsed(outbound.compose(delivery, desk.now))


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            (
                "The ticket is accepted",
                "Accepted, planned",
                "Friday, 27 November, 12:00 (UTC+2)",
                "Nothing for now: it is planned.",
            ),
        ),
        (
            "uk",
            (
                "Звернення прийнято",
                "Прийнято, заплановано",
                "пʼятниця, 27 листопада, 12:00 (UTC+2)",
                "Поки нічого: роботу заплановано.",
            ),
        ),
        (
            "ru",
            (
                "Обращение принято",
                "Принято, запланировано",
                "пятница, 27 ноября, 12:00 (UTC+2)",
                "Пока ничего: работа запланирована.",
            ),
        ),
    ],
)
def test_it_says_status_deadline_executor_and_what_is_expected(
    desk: Desk, language: str, expected: tuple[str, ...]
) -> None:
    speak(desk.company.member, language)
    ticket = post.accepted(desk)
    mail = mail_of(desk, "accept", desk.company.member)
    assert mail.get_content_type() == "multipart/alternative"
    assert mail["Subject"] == f"[OLH-{ticket.number}] Orders are not saved"
    for kind in ("plain", "html"):
        said = text(mail, kind)
        link = f"/tickets/OLH-{ticket.number}/"
        for words in (*expected, desk.lead.name, "I look at it today.", link):
            assert words in said
    assert f'<html lang="{language}">' in text(mail, "html")
    assert "<img" not in text(mail, "html")


def test_a_deadline_is_told_in_the_readers_zone_and_never_one_that_will_move(desk: Desk) -> None:
    speak(desk.company.member, "en", "America/New_York")
    ticket = post.accepted(desk)
    desk.later(minutes=5)
    actions.start(desk.cause(desk.lead), ticket.pk)
    actions.ask(desk.cause(desk.lead), ticket.pk, "Which browser is it?")
    said = text(mail_of(desk, "ask", desk.company.member))
    assert "Which browser is it?" in said
    assert "Stands since Friday, 27 November, 02:10 (UTC-5)" in said
    assert "2 hours 50 minutes of working time left" in said
    assert "Answer the question" in said


def test_a_handover_says_when_silence_confirms_it(desk: Desk) -> None:
    speak(desk.company.member, "en")
    ticket = post.accepted(desk)
    actions.start(desk.cause(desk.lead), ticket.pk)
    handover = actions.Handover("The index was rebuilt.", "Nothing else.", "Save an order.")
    actions.deliver(desk.cause(desk.lead), ticket.pk, handover)
    said = text(mail_of(desk, "deliver", desk.company.member))
    assert "The index was rebuilt." in said
    assert "How to check it: Save an order." in said
    assert "counts as confirmed on Tuesday, 1 December" in said


def test_mails_of_a_ticket_are_one_thread_and_say_that_a_machine_wrote_them(
    desk: Desk, mails: MailServer
) -> None:
    ticket = post.accepted(desk)
    post.relayed(desk.now)
    post.sent(desk.now)
    desk.later(minutes=5)
    actions.message(desk.cause(desk.lead), ticket.pk, "Still at it.")
    post.relayed(desk.now)
    post.sent(desk.now)
    member = [m for m in mails.messages if desk.company.member.email in m["To"]]
    assert len(member) == 2
    assert len({m["Message-ID"] for m in member}) == 2
    assert len({(m["References"], m["In-Reply-To"], m["Subject"]) for m in member}) == 1
    for mail in mails.messages:
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["Message-ID"].endswith("@localhost>")
        assert mail["Message-ID"] not in mail["References"]


def test_no_note_and_no_question_to_production_leaves_the_house(
    desk: Desk, mails: MailServer
) -> None:
    ticket = post.accepted(desk)
    actions.start(desk.cause(desk.lead), ticket.pk)
    actions.follow(desk.cause(desk.cover), ticket.pk, desk.cover.pk)
    actions.note(desk.cause(desk.lead), ticket.pk, SECRET)
    actions.consult(desk.cause(desk.lead), ticket.pk, SECRET)
    desk.later(minutes=5)
    actions.hand_over(desk.cause(desk.lead), ticket.pk, desk.cover.pk, SECRET)
    post.relayed(desk.now)
    post.sent(desk.now)
    company = desk.company
    for person in (company.owner, company.finance, company.member, company.viewer):
        assert "note" not in post.told(person)
        assert "consult" not in post.told(person)
    assert "note" in post.told(desk.cover)
    assert {"consult", "hand_over"} <= {d.entry.verb for d in Delivery.objects.all()}
    assert mails.messages
    for mail in mails.messages:
        assert SECRET not in text(mail) + text(mail, "html") + mail["Subject"]


def test_text_of_people_is_escaped_and_subjects_stay_one_line(desk: Desk) -> None:
    ticket = post.accepted(desk, "<script>alert(1)</script>\n\nSecond line & more 🙂")
    mail = mail_of(desk, "accept", desk.company.member)
    assert "<script>" not in text(mail, "html")
    assert "<script>alert(1)</script>" in text(mail)
    assert "🙂" in text(mail)
    assert ticket.subject in mail["Subject"]


@override_settings(EMAIL_BACKEND=FOLDER_BACKEND)
def test_without_a_mail_server_mail_lies_in_the_data_folder(desk: Desk, tmp_path: Path) -> None:
    with override_settings(EMAIL_FILE_PATH=tmp_path / "mail"):
        post.submitted(desk)
        post.relayed(desk.now)
        post.sent(desk.now)
        (stored,) = folder.listing()
        assert stored.to == f"Olha Persha <{desk.lead.email}>"
        assert "Orders are not saved" in stored.subject
        assert "Orders are not saved" in folder.read(stored.name).text
        path = tmp_path / "mail" / stored.name
        assert path.suffix == ".eml"
        assert path.stat().st_mode & 0o077 == 0
        for name in ("../secret.key", "none.eml", "x.eml/..", ""):
            with pytest.raises(FileNotFoundError):
                folder.read(name)
    assert Delivery.objects.get().state == DeliveryState.SENT


def test_an_invitation_is_mailed_with_a_link_that_is_kept_nowhere(
    desk: Desk, mails: MailServer
) -> None:
    owner = desk.company.owner
    invited = partners.Invited(
        "nova@people.example", PartnerRole.FINANCE, desk.company.partner.pk, language="en"
    )
    _, token = partners.invite(desk.cause(owner), invited)
    post.relayed(desk.now)
    post.sent(desk.now)
    (mail,) = mails.messages
    assert mail["To"] == "nova@people.example"
    said = text(mail)
    assert f"/account/invitation/{token}/" in said
    assert owner.name in said
    assert "Finance" in said
    assert token not in str(list(Delivery.objects.values()))


def test_an_invitation_that_was_withdrawn_is_not_mailed(desk: Desk, mails: MailServer) -> None:
    invited = partners.Invited("nova@people.example", PartnerRole.VIEWER, desk.company.partner.pk)
    row, _ = partners.invite(desk.cause(desk.company.owner), invited)
    partners.withdraw_invitation(desk.cause(desk.company.owner), row.pk)
    post.relayed(desk.now)
    post.sent(desk.now)
    assert not mails.messages
    assert Delivery.objects.get().state == DeliveryState.DROPPED


def test_a_reset_mail_opens_the_page_of_a_new_password(
    desk: Desk, mails: MailServer, client: Client
) -> None:
    speak(desk.company.member, "en")
    person = desk.company.member
    journal.record(desk.cause(None), "reset_password", f"person:{person.pk}", {})
    post.relayed(desk.now)
    post.sent(desk.now)
    (mail,) = mails.messages
    link = next(line for line in text(mail).splitlines() if "/account/password/reset/key/" in line)
    path = link.partition("127.0.0.1:8000")[2]
    answer = client.get(path)
    assert answer.status_code == 302
    assert "set-password" in answer["Location"]


def test_a_reset_asked_for_long_ago_is_not_mailed(desk: Desk, mails: MailServer) -> None:
    subject = f"person:{desk.company.member.pk}"
    journal.record(desk.cause(None), "reset_password", subject, {})
    post.relayed(desk.now)
    post.sent(desk.later(hours=4))
    assert not mails.messages


def test_low_deposit_is_told_once_to_those_who_pay(desk: Desk) -> None:
    from desk.deposits import actions as deposits

    bought = desk.cause(desk.house.accountant, key="bill-1")
    deposits.buy(bought, desk.company.partner.pk, 5, 59_000, paid_kopecks=295_000)
    for _ in range(3):
        ticket = post.submitted(desk)
        desk.later(minutes=1)
        accepting = actions.Accepting(type=Type.SIMPLE, message="Today.")
        actions.accept(desk.cause(desk.lead), ticket.pk, accepting)
        post.relayed(desk.now)
    for person in (desk.company.owner, desk.company.finance):
        assert post.told(person).count("low_balance") == 1
    assert "low_balance" not in post.told(desk.company.member)


def test_who_may_only_read_is_not_told_to_reply(desk: Desk) -> None:
    OwnAddress.objects.create(address="desk@desk.example", created_at=desk.now)
    ticket = post.accepted(desk)
    viewer = desk.company.viewer
    for person in (viewer, desk.company.member):
        speak(person, "en")
    actions.follow(desk.cause(viewer), ticket.pk, viewer.pk)
    actions.message(desk.cause(desk.lead), ticket.pk, "Nearly there.")
    readers = mail_of(desk, "message", viewer)
    assert "You may read this ticket, but not write on it" in text(readers)
    assert "above this line" not in text(readers)
    assert readers["Reply-To"] is None
    writers = mail_of(desk, "message", desk.company.member)
    assert "simply reply to this mail" in text(writers)
    assert "+d" in writers["Reply-To"]


def test_the_first_mail_stands_before_the_root_of_the_thread(desk: Desk) -> None:
    ticket = post.accepted(desk)
    for mail_id in ("asked@olh.example", "bad id <x>@y", "later@olh.example"):
        arrival = Arrival.objects.create(
            channel="email", source="file", key=mail_id, sha256="", raw=b"x",
            state="done", received_at=desk.now, ended_at=desk.now,
        )  # fmt: skip
        row = Received(arrival=arrival, mail_id=mail_id, person=desk.member, ticket=ticket)
        row.at = desk.now
        row.save()
    found = mail_of(desk, "accept", desk.company.member)
    first, root = found["References"].split()
    assert first == "<asked@olh.example>"
    assert root == found["In-Reply-To"]
