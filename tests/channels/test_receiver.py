"""The built-in receiver: what it takes, what it refuses, and that 250 means committed."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection, connections

from desk.channels import inbox
from desk.channels.email import actions
from desk.channels.email.models import Mailbox, OwnAddress, Received
from desk.channels.email.receiver.limits import Limits
from desk.channels.models import Arrival, ArrivalState
from desk.config import database
from desk.tickets.models import Ticket
from tests import cluster
from tests.channels import handing, mails
from tests.channels.handing import Handed
from tests.channels.test_mail_in import mail
from tests.language import OPENED, Desk

OURS = "desk@desk.example"
RAW = (
    b"Received: from a by b; Mon, 2 Mar 2026 09:00:00 +0200\r\nFrom: a@olh.example\r\n"
    b"Subject: =?koi8-u?B?8NLJ18bU?=\r\nMessage-ID: <1@olh.example>\r\n\r\n"
    b"\xd0\xbf\xd1\x80 \xff\xfe\x00 8bit\r\n.\r\n..dots\r\n"
)
STUFFED = RAW.replace(b"\r\n.", b"\r\n..")
PLAIN = b"Message-ID: <2@olh.example>\r\n\r\ntext"


@pytest.fixture
def own(committed: str) -> str:
    """A desk with an address that the receiver takes mail for; the name of its database."""
    OwnAddress.objects.create(address=OURS, created_at=OPENED)
    return committed


@pytest.fixture
def handed(own: str) -> Iterator[Handed]:
    with handing.receiving() as found:
        yield found


def test_the_bytes_are_kept_untouched_once_and_with_their_envelope(handed: Handed) -> None:
    with handing.lmtp(handed.lmtp) as client:
        for _ in range(2):
            refused = client.sendmail("a@olh.example", [OURS, "x@else.example"], RAW)
            assert refused["x@else.example"][0] == 550
    kept = Arrival.objects.get()
    assert bytes(kept.raw) == RAW
    assert kept.facts == {
        "from": "a@olh.example", "to": [OURS], "peer": "127.0.0.1", "helo": "mx.example",
        "transport": "lmtp",
    }  # fmt: skip


def test_each_recipient_has_an_answer_of_its_own(handed: Handed) -> None:
    with handing.line(handed.lmtp) as line:
        line.hear()
        line.say(b"LHLO mx")
        line.say(b"MAIL FROM:<>")
        tagged = [b"desk@desk.example", b"Desk+a@DESK.example", b"desk+b@desk.example"]
        for one in tagged:
            assert line.say(b"RCPT TO:<%s>" % one).startswith(b"250")
        line.say(b"DATA")
        answers = [line.say(STUFFED + b"."), line.hear(), line.hear()]
        assert all(one.startswith(b"250 2.0.0") for one in answers)
        assert line.say(b"NOOP") == b"250 OK"
    assert Arrival.objects.get().facts["from"] == ""


def test_smtp_takes_the_same_and_addresses_in_any_script(handed: Handed) -> None:
    with smtplib.SMTP("127.0.0.1", handed.smtp, timeout=5) as client:
        client.ehlo()
        assert {"size", "8bitmime", "smtputf8"} <= set(client.esmtp_features)
        client.sendmail("олена@приклад.укр", OURS, RAW, ["SMTPUTF8", "BODY=8BITMIME"])
    kept = Arrival.objects.get()
    assert (kept.facts["from"], kept.facts["transport"]) == ("олена@приклад.укр", "smtp")


def test_mails_without_trace_and_id_are_each_kept(handed: Handed) -> None:
    with handing.lmtp(handed.lmtp) as client:
        for _ in range(2):
            client.sendmail("cron@olh.example", OURS, b"Subject: backup\r\n\r\nfailed\r\n")
    assert Arrival.objects.count() == 2


def test_it_is_no_relay_and_a_paused_mailbox_waits(handed: Handed) -> None:
    Mailbox.objects.create(
        name="Old", address="old@desk.example", host="mx", port=993, login="o",
        password="", is_active=False, created_at=OPENED,
    )  # fmt: skip
    with smtplib.SMTP("127.0.0.1", handed.smtp, timeout=5) as client:
        client.ehlo()
        client.mail("a@olh.example")
        assert client.rcpt("b@else.example")[0] == 550
        assert client.rcpt("old+x@desk.example")[0] == 450
        assert client.docmd("DATA")[0] == 503


def test_what_is_too_big_is_refused_and_said_before(own: str) -> None:
    with (
        handing.receiving(narrowed=Limits(message_bytes_max=1000)) as found,
        handing.lmtp(found.lmtp) as client,
    ):
        assert client.esmtp_features["size"] == "1000"
        assert client.mail("a@olh.example", ["SIZE=1001"])[0] == 552
        client.mail("a@olh.example")
        client.rcpt(OURS)
        client.rcpt(f"desk+2@{OURS.partition('@')[2]}")
        code, _text = client.data(b"x" * 2000)
        assert (code, client.getreply()[0]) == (552, 552)
        assert client.noop()[0] == 250
    assert not Arrival.objects.exists()


SMUGGLED = b"MAIL FROM:<boss@desk.example>\r\nRCPT TO:<desk@desk.example>\r\nDATA\r\nFrom: boss"
IMITATED = (b"\n.\n", b"\n.\r\n", b"\n\n.\r\n", b"\r.\r")
HARMLESS = (b"\r\n.\n", b"\r\n.\r\r\n", b"\r.\r\n")


@pytest.mark.parametrize("kind", ["lmtp", "smtp"])
def test_no_mail_is_smuggled_in_another(handed: Handed, kind: str) -> None:
    with handing.line(getattr(handed, kind)) as line:
        line.hear()
        line.say(b"LHLO mx" if kind == "lmtp" else b"EHLO mx")
        for end in (*IMITATED, *HARMLESS):
            line.say(b"MAIL FROM:<a@olh.example>")
            line.say(b"RCPT TO:<desk@desk.example>")
            line.say(b"DATA")
            answer = line.say(PLAIN + end + SMUGGLED, b".")
            assert answer.startswith(b"550" if end in IMITATED else b"250")
            assert line.say(b"NOOP") == b"250 OK"
    kept = Arrival.objects.all()
    assert len(kept) == len(HARMLESS)
    assert all(SMUGGLED in bytes(one.raw) for one in kept)
    assert {one.facts["from"] for one in kept} == {"a@olh.example"}


def test_lines_that_end_otherwise_are_kept_as_they_came(handed: Handed) -> None:
    with handing.lmtp(handed.lmtp) as client:
        client.sendmail("a@olh.example", OURS, b"Message-ID: <3@x>\n\na\rb\nc\r\n")
    assert bytes(Arrival.objects.get().raw) == b"Message-ID: <3@x>\n\na\rb\nc\r\n"


def test_only_the_peers_that_are_named_come_in(own: str) -> None:
    with handing.receiving(peers=("10.0.0.0/8",)) as found, handing.line(found.lmtp) as line:
        assert line.hear().startswith(b"421 4.7.1")
        assert line.hear() == b""


def test_one_connection_too_many_is_told_to_come_again(own: str) -> None:
    with (
        handing.receiving(narrowed=Limits(connections_max=1)) as found,
        handing.line(found.lmtp) as first,
    ):
        assert first.hear().startswith(b"220")
        with handing.line(found.smtp) as second:
            assert second.hear().startswith(b"421 4.3.2")
        assert first.say(b"NOOP") == b"250 OK"


def test_who_dawdles_is_let_go(own: str) -> None:
    narrowed = Limits(command_seconds_max=0.3, data_seconds_max=0.3)
    with handing.receiving(narrowed=narrowed) as found:
        with handing.line(found.lmtp) as line:
            line.hear()
            line.socket.sendall(b"LH")
            assert line.hear() == b""
        with handing.line(found.smtp) as line:
            line.hear()
            for said in (b"EHLO mx", b"MAIL FROM:<>", b"RCPT TO:<desk@desk.example>", b"DATA"):
                line.say(said)
            line.socket.sendall(b"Subject: slow\r\n")
            assert line.hear() == b""
    assert not Arrival.objects.exists()


def test_a_full_disk_keeps_the_mail_with_its_sender(own: str, handed: Handed) -> None:
    with (
        handing.receiving(narrowed=Limits(free_bytes_min=10**18)) as found,
        handing.lmtp(found.lmtp) as client,
    ):
        assert client.mail("a@olh.example")[0] == 452
    owner = cluster.address(database.OWNER_VARIABLE, own)
    with psycopg.connect(owner, autocommit=True) as other:
        other.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE 'no space left' USING ERRCODE = '53100'; END $$"
        )
        other.execute(
            "CREATE TRIGGER full_disk BEFORE INSERT ON channels_arrival"
            " FOR EACH ROW EXECUTE FUNCTION full_disk()"
        )
        with handing.lmtp(handed.lmtp) as client:
            with pytest.raises(smtplib.SMTPDataError) as refused:
                client.sendmail("a@olh.example", OURS, RAW)
            assert refused.value.smtp_code == 452
            other.execute("DROP TRIGGER full_disk ON channels_arrival")
            client.sendmail("a@olh.example", OURS, RAW)
    assert Arrival.objects.count() == 1


def test_without_a_database_nothing_is_refused_for_good(own: str) -> None:
    before = connection.settings_dict["HOST"]
    connections["default"].settings_dict["HOST"] = "/nowhere"
    try:
        with handing.receiving() as found, handing.lmtp(found.lmtp) as client:
            client.mail("a@olh.example")
            assert client.rcpt("x@else.example")[0] == 451
    finally:
        connection.settings_dict["HOST"] = before


def test_a_mail_that_is_on_its_way_is_taken_to_its_end(own: str) -> None:
    with (
        handing.receiving() as found,
        handing.line(found.lmtp) as idle,
        handing.line(found.lmtp) as line,
    ):
        idle.hear()
        line.hear()
        for said in (b"LHLO mx", b"MAIL FROM:<>", b"RCPT TO:<desk@desk.example>", b"DATA"):
            line.say(said)
        found.stop()
        assert idle.hear().startswith(b"421 4.3.2")
        assert line.say(STUFFED + b".").startswith(b"250")
        assert line.hear().startswith(b"421 4.3.2")
        found.join()
    assert Arrival.objects.count() == 1


def test_a_mail_that_is_cut_is_not_kept(handed: Handed) -> None:
    with handing.line(handed.lmtp) as line:
        line.hear()
        for said in (b"LHLO mx", b"MAIL FROM:<>", b"RCPT TO:<desk@desk.example>", b"DATA"):
            line.say(said)
        line.socket.sendall(STUFFED)
    with handing.lmtp(handed.lmtp) as client:
        client.sendmail("a@olh.example", OURS, RAW)
    assert Arrival.objects.count() == 1


def test_real_mails_are_kept_byte_for_byte(handed: Handed) -> None:
    sent = set(mails.on_the_wire("mail")[::5])
    with handing.lmtp(handed.lmtp) as client:
        for one in sent:
            client.sendmail("a@olh.example", OURS, one)
    kept = {bytes(one.raw) for one in Arrival.objects.all()}
    assert kept == sent


def test_a_mail_by_lmtp_is_a_ticket_and_one_without_a_return_path_is_of_a_program(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk.open()
    monkeypatch.setattr("desk.lib.clock.now", lambda: desk.now)
    actions.add_address(desk.cause(desk.house.vendor), OURS, "", plus=True)
    with handing.receiving() as handed, handing.lmtp(handed.lmtp) as client:
        for sender, subject in ((desk.member.email, "It does not print"), ("", "I am away")):
            found = mail(desk.member.email, subject, "Nothing comes out.")
            client.sendmail(sender, OURS, found.as_bytes())
    inbox.tick(desk.now)
    assert not Arrival.objects.exclude(state=ArrivalState.DONE).exists()
    assert Ticket.objects.get().subject == "It does not print"
    assert Received.objects.get(subject="I am away").automatic == "auto-reply"
