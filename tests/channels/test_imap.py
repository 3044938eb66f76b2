"""Reading mailboxes of a real Dovecot: every mail once, whatever breaks in between."""

from __future__ import annotations

import imaplib
import re
import secrets
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from imap_tools.errors import MailboxLoginError
from pytest_django.fixtures import Settings

from desk.channels import inbox
from desk.channels.email import actions, failures, imap, probe
from desk.channels.email.models import Mailbox, Security
from desk.channels.models import Arrival
from desk.lib import clock, sealed
from desk.partners.models import Organisation
from desk.tickets.models import Ticket
from tests.channels import cutting, dovecot, mails
from tests.channels.dovecot import Dovecot
from tests.channels.test_mail_in import mail
from tests.language import Desk

SEEN = "(\\Seen)"


def named() -> str:
    """A mailbox that nobody else uses."""
    return f"t{secrets.token_hex(6)}"


def box_of(
    desk: Desk, server: Dovecot, login: str, *, port: int = 0, folder: str = "INBOX"
) -> Mailbox:
    card = actions.MailboxCard(
        "Desk", f"{login}@desk.example", "localhost", port or server.port, Security.NONE, login,
        dovecot.PASSWORD, folder,
    )  # fmt: skip
    return actions.add_mailbox(desk.cause(desk.house.vendor), card)


def raw(text: str, size: int = 0) -> bytes:
    """A mail whose bytes a careless hand would change."""
    head = f"Subject: {text}\r\nMessage-ID: <{text}@olh.example>\r\n\r\n".encode()
    return head + b"\xff\xfe.\r\n.\r\n" + b"0123456789\r\n" * (size // 12)


def seen(server: Dovecot, login: str, folder: str = "INBOX") -> int:
    with server.client(login) as client:
        client.select(folder, readonly=True)
        return len(client.search(None, "SEEN")[1][0].split())


def read(box: Mailbox) -> int:
    box.refresh_from_db()
    return imap.fetch(box, clock.now())


def test_each_mail_is_taken_once_raw_and_then_marked(desk: Desk, imap_server: Dovecot) -> None:
    login = named()
    imap_server.put(login, raw("one"), raw("two"))
    found = box_of(desk, imap_server, login)
    assert (read(found), read(found)) == (2, 0)
    imap_server.put(login, raw("three"))
    assert read(found) == 1
    kept = Arrival.objects.order_by("pk")
    assert [bytes(one.raw) for one in kept] == [raw("one"), raw("two"), raw("three")]
    assert seen(imap_server, login) == 3
    found.refresh_from_db()
    assert found.reached_at is not None
    assert (found.error, found.failures) == ("", 0)


def test_the_first_look_takes_what_is_unread_of_the_last_week(
    desk: Desk, imap_server: Dovecot
) -> None:
    login, now = named(), clock.now().replace(microsecond=0)
    lying = (("old", "", 9), ("new", "", 1), ("read", SEEN, 1), ("now", "", 0))
    with imap_server.client(login) as client:
        for text, flags, days in lying:
            at = imaplib.Time2Internaldate(now - timedelta(days=days))
            client.append("INBOX", flags, at, raw(text))
    found = box_of(desk, imap_server, login)
    assert imap.fetch(found, now) == 2
    with imap_server.client(login) as client:
        client.append("INBOX", SEEN, imaplib.Time2Internaldate(now), raw("read elsewhere"))
    found.refresh_from_db()
    assert imap.fetch(found, now) == 1
    kept = Arrival.objects.order_by("pk")
    assert [bytes(one.raw) for one in kept] == [raw("new"), raw("now"), raw("read elsewhere")]
    assert kept[0].facts["internal_at"] == (now - timedelta(days=1)).isoformat()


def test_a_new_uidvalidity_loses_none_and_doubles_none(desk: Desk, imap_server: Dovecot) -> None:
    login = named()
    nameless = b"Subject: without an id\r\n\r\ntext\r\n"
    at = imaplib.Time2Internaldate(clock.now())
    with imap_server.client(login) as client:
        client.create("work")
        for one in (raw("one"), nameless):
            client.append("work", "", at, one)
    found = box_of(desk, imap_server, login, folder="work")
    assert read(found) == 2
    with imap_server.client(login) as client:
        client.delete("work")
        client.create("work")
        for one in (nameless, raw("meanwhile"), raw("one")):
            client.append("work", SEEN, at, one)
    before = found.uidvalidity
    assert read(found) == 1
    found.refresh_from_db()
    assert found.uidvalidity != before
    assert Arrival.objects.filter(raw=raw("meanwhile")).exists()


def test_a_mail_that_is_removed_meanwhile_is_no_failure(desk: Desk, imap_server: Dovecot) -> None:
    login = named()
    imap_server.put(login, raw("one"))
    found = box_of(desk, imap_server, login)
    with imap.connected(found) as server:
        looked = imap.Looked()
        imap.begin(found, server)
        imap._take(found, server, 99, desk.now, looked)
    assert looked == imap.Looked()
    assert read(found) == 1


def test_a_wire_that_is_cut_anywhere_loses_none_and_doubles_none(
    desk: Desk, imap_server: Dovecot
) -> None:
    login, mails = named(), [raw(f"{number}", size=3000) for number in range(4)]
    imap_server.put(login, *mails)
    with cutting.wire(imap_server.port) as wire:
        found = box_of(desk, imap_server, login, port=wire.port)
        for after in range(1, 20_000, 577):
            wire.after = after
            with suppress(*imap.FAILURES):
                read(found)
            assert seen(imap_server, login) <= Arrival.objects.count()
        wire.after = cutting.WHOLE
        read(found)
        assert wire.passed < 20_000
    assert sorted(bytes(one.raw) for one in Arrival.objects.all()) == mails
    assert seen(imap_server, login) == len(mails)


def test_a_server_that_is_killed_in_mid_fetch_gives_the_rest_later(
    desk: Desk, imap_server: Dovecot
) -> None:
    login, mails = named(), [raw(f"{number}", size=200_000) for number in range(3)]
    imap_server.put(login, *mails)
    with cutting.wire(imap_server.port) as wire:
        found = box_of(desk, imap_server, login, port=wire.port)
        wire.after, wire.deed = 300_000, imap_server.kill
        with pytest.raises(imap.FAILURES):
            read(found)
        assert Arrival.objects.count() == 1
        imap_server.start()
        wire.after = cutting.WHOLE
        assert read(found) == 2
    assert sorted(bytes(one.raw) for one in Arrival.objects.all()) == mails


def test_one_mail_that_the_server_does_not_give_stops_no_other(
    desk: Desk, imap_server: Dovecot
) -> None:
    login = named()
    imap_server.put(login, *(raw(text) for text in ("one", "two", "three")))
    lying = sorted(Path(imap_server.folder / "mail" / login).glob("*/*,S=*"))
    broken = next(one for one in lying if b"Subject: two" in one.read_bytes())
    broken.write_bytes(b"")
    broken.chmod(0)
    found, attempts = box_of(desk, imap_server, login), Counter[int]()
    for _ in range(imap.BROKEN_MAX):
        with pytest.raises(imap.FAILURES), imap.connected(found) as server:
            imap.look(found, server, clock.now(), attempts)
    imap_server.put(login, raw("four"))
    found.refresh_from_db()
    with imap.connected(found) as server:
        looked = imap.look(found, server, clock.now(), attempts)
    assert (looked.taken, looked.refused) == (1, [2])
    assert "UID): 2" in failures.refused(looked.refused)
    kept = Arrival.objects.order_by("pk")
    assert [bytes(one.raw) for one in kept] == [raw("one"), raw("three"), raw("four")]
    found.refresh_from_db()
    assert found.uid_last == 1


@pytest.mark.parametrize("security", [Security.IMAPS, Security.STARTTLS])
def test_the_certificate_is_checked_and_may_be_of_an_own_authority(
    desk: Desk, imap_server: Dovecot, settings: Settings, security: Security
) -> None:
    found = box_of(desk, imap_server, named())
    found.security = security
    found.port = imap_server.tls_port if security == Security.IMAPS else imap_server.port
    found.save()
    with pytest.raises(imap.FAILURES) as refused:
        read(found)
    assert "certificate" in failures.said(refused.value, found)
    settings.MAIL_CA_FILE = str(imap_server.ca)
    assert read(found) == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"port": 1}, "takes no connection at port 1"),
        ({"host": "mail.invalid", "security": "imaps"}, "mail.invalid is not found"),
        ({"host": "imap.else.example"}, "only encrypted"),
        ({"password": "unsealed"}, "enter it anew"),
        ({"folder": "nowhere"}, "The folder nowhere cannot be opened"),
    ],
)
def test_what_fails_is_said_in_plain_words(
    desk: Desk, imap_server: Dovecot, change: dict[str, object], words: str
) -> None:
    Organisation.objects.update(language="en")
    found = box_of(desk, imap_server, named())
    Mailbox.objects.filter(pk=found.pk).update(**change)
    found.refresh_from_db()
    with pytest.raises(imap.FAILURES) as failed:
        imap.fetch(found, desk.now)
    assert words in failures.said(failed.value, found)


def test_a_password_goes_to_another_machine_only_encrypted(desk: Desk) -> None:
    card = actions.MailboxCard(
        "Desk", "a@desk.example", "mx.else.example", 143, Security.NONE, "a", "b"
    )
    with pytest.raises(actions.Unprotected):
        actions.add_mailbox(desk.cause(desk.house.vendor), card)


def test_a_name_that_is_no_ascii_signs_in_and_a_wrong_password_is_told_apart(
    desk: Desk, imap_server: Dovecot
) -> None:
    found = box_of(desk, imap_server, f"{named()}-олена")
    assert [one.ok for one in probe.probe(found)] == [True] * 6
    assert read(found) == 0
    for login in (found.login, named()):
        Mailbox.objects.update(login=login, password=sealed.seal("пароль"))
        with pytest.raises(MailboxLoginError):
            read(found)


def test_real_mails_are_kept_byte_for_byte(desk: Desk, imap_server: Dovecot) -> None:
    login = named()
    # Dovecot keeps neither NUL nor a CR that ends no line.
    sent = [one for one in mails.on_the_wire("mail") if not re.search(rb"\x00|\r(?!\n)", one)]
    imap_server.put(login, *sent[::5])
    assert read(box_of(desk, imap_server, login)) == len(sent[::5])
    assert [bytes(one.raw) for one in Arrival.objects.order_by("pk")] == sent[::5]


def test_a_mail_in_a_mailbox_is_a_ticket(desk: Desk, imap_server: Dovecot) -> None:
    login = named()
    found = mail(desk.member.email, "It does not print", "Nothing comes out.")
    imap_server.put(login, found.as_bytes().replace(b"\n", b"\r\n"))
    assert read(box_of(desk, imap_server, login)) == 1
    # The server's clock is the machine's, the desk of the test stands at a fixed moment.
    Arrival.objects.update(facts={}, received_at=desk.now, next_at=desk.now)
    inbox.tick(desk.now)
    assert Ticket.objects.get().subject == "It does not print"
