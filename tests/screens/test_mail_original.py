"""A message that came by mail: the answer stands out, the rest is folded, the whole is inert."""

from __future__ import annotations

import base64
from email.message import EmailMessage

import pytest

from desk.channels import actions as channels
from desk.channels import inbox
from desk.channels.actions import Incoming
from desk.channels.models import Arrival, Intake
from desk.tickets import actions as tickets
from desk.tickets.models import Message
from tests.channels import post
from tests.channels.test_mail_in import answering, delivery_to
from tests.language import Desk
from tests.screens.two_partners import PICTURE
from tests.screens.visits import Visit

WROTE = "It is broken again.\n\n-- \nMarko, warehouse\n\nOn Monday the desk wrote:\n> Which one?\n"
LAID_OUT = (
    '<p>It is <b>broken</b> again.</p><script>alert(1)</script><img src="cid:shot">'
    '<img src="https://spy.example/seen.gif"><a href="javascript:alert(1)">x</a>'
)


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk.open()


def mail(sender: str, text: str = WROTE, **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, "desk@desk.example", "Broken"
    made["Message-ID"] = f"<{abs(hash(text))}@olh.example>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    made.add_alternative(LAID_OUT, subtype="html")
    html = made.get_payload(1)
    assert isinstance(html, EmailMessage)
    html.add_related(base64.b64decode(PICTURE), "image", "png", cid="<shot>", filename="shot.png")
    return made


def came(desk: Desk, made: EmailMessage) -> Message:
    """The message that a mail has become."""
    incoming = Incoming(Intake.EMAIL, "file", str(Arrival.objects.count()), made.as_bytes())
    kept = channels.keep(incoming, desk.now)
    assert kept is not None
    inbox.process(kept.pk, desk.now)
    return Message.objects.latest("id")


def test_the_ticket_shows_the_answer_and_folds_the_rest(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = came(desk, mail(desk.member.email))
    assert message.text == "It is broken again."
    for person, path in (
        (desk.member, "/cabinet/tickets/OLH-1/"),
        (desk.lead, "/work/tickets/OLH-1/"),
    ):
        page = Visit.of(person, desk, monkeypatch).page(path)
        shown, _, folded = page.partition("Quotes and signature")
        assert "It is broken again." in shown
        assert "Marko, warehouse" not in shown
        assert "Marko, warehouse" in folded
        assert f"/mail/{message.pk}/" in folded


def test_a_mail_of_nothing_but_a_quote_is_shown_whole(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = came(desk, mail(desk.member.email, "> Which one?\n> This one.\n"))
    assert "This one." in message.text
    page = Visit.of(desk.member, desk, monkeypatch).page("/cabinet/tickets/OLH-1/")
    assert "Quotes and signature" not in page
    assert f"/mail/{message.pk}/" in page


def test_the_html_is_inert_and_loads_nothing_from_elsewhere(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = came(desk, mail(desk.member.email))
    visit = Visit.of(desk.member, desk, monkeypatch)
    response = visit.get(f"/mail/{message.pk}/html")
    page = response.content.decode()
    for bad in ("script", "spy.example", "javascript", "cid:"):
        assert bad not in page
    assert f'src="/mail/{message.pk}/pictures/' in page
    policy = response["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    number = page.partition("/pictures/")[2].partition('"')[0]
    picture = visit.get(f"/mail/{message.pk}/pictures/{number}")
    assert picture["Content-Type"] == "image/png"
    assert picture.content == base64.b64decode(PICTURE)
    assert "sandbox" in picture["Content-Security-Policy"]
    assert visit.get(f"/mail/{message.pk}/pictures/99").status_code == 404


def test_the_bytes_and_the_way_are_for_our_people_and_the_author(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = mail(desk.member.email)
    message = came(desk, made)
    for person in (desk.member, desk.lead):
        visit = Visit.of(person, desk, monkeypatch)
        raw = visit.get(f"/mail/{message.pk}/raw")
        assert raw.content == made.as_bytes()
        assert raw["Content-Type"] == "application/octet-stream"
        assert raw["Content-Disposition"].startswith("attachment")
        assert "only a claim" in visit.page(f"/mail/{message.pk}/")
    other = Visit.of(desk.owner, desk, monkeypatch)
    assert other.get(f"/mail/{message.pk}/raw").status_code == 404
    page = other.page(f"/mail/{message.pk}/")
    assert "It is broken again." in page
    assert "only a claim" not in page


def test_what_our_people_mail_is_not_opened_to_the_partner(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may quote what only our people were told."""
    ticket = post.accepted(desk)
    tickets.message(desk.cause(desk.member), ticket.pk, "When?")
    told = delivery_to(desk, desk.lead, "message")
    message = came(desk, mail(desk.lead.email, f"Today.\n\n{WROTE}", **answering(told)))
    assert message.author == desk.lead
    visit = Visit.of(desk.member, desk, monkeypatch)
    page = visit.page("/cabinet/tickets/OLH-1/")
    assert "Today." in page
    assert f"/mail/{message.pk}/" not in page
    for path in ("", "html", "raw", "pictures/1"):
        assert visit.get(f"/mail/{message.pk}/{path}").status_code == 404
    assert "Today." in Visit.of(desk.lead, desk, monkeypatch).page(f"/mail/{message.pk}/")


def test_a_mail_that_is_no_longer_kept_is_said_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = came(desk, mail(desk.member.email))
    Arrival.objects.update(raw=b"")
    visit = Visit.of(desk.member, desk, monkeypatch)
    assert visit.get(f"/mail/{message.pk}/").status_code == 410
    assert visit.get(f"/mail/{message.pk}/raw").status_code == 404


def test_many_mails_cost_one_query(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    came(desk, mail(desk.member.email))
    visit = Visit.of(desk.member, desk, monkeypatch)
    before = visit.queries("/cabinet/tickets/OLH-1/")
    for number in range(3):
        again = mail(desk.member.email, f"Number {number}.", In_Reply_To="x")
        del again["Subject"]
        again["Subject"] = "OLH-1"
        came(desk, again)
    assert visit.queries("/cabinet/tickets/OLH-1/") == before
