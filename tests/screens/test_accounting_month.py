"""The accountant's month: a queue, acts by one press, the month closed, tables to take along."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from desk.config import tasks as nightly
from desk.deposits import actions
from desk.deposits import queries as ledger
from desk.deposits.queries import catalogue, closing, papers
from desk.lib.findings import Finding
from desk.rules.billing import PaperKind
from desk.rules.ledger import Commodity
from desk.staff.accounting import acting, proof, tasks
from desk.tickets import actions as tickets
from desk.tickets.models import Dispute, DisputeAbout, Ticket
from tests.language import Desk
from tests.scenarios.billing import a_company, a_contract
from tests.scenarios.tickets import buys, in_work, resolved
from tests.screens.visits import Visit

NOVEMBER = date(2026, 11, 1)
QUERIES_MAX = 45


@pytest.fixture
def desk(db: None) -> Desk:
    found = Desk.open()
    a_company()
    return found


@pytest.fixture
def accountant(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(desk.house.accountant, desk, monkeypatch)


@pytest.fixture
def owner(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return Visit.of(desk.house.vendor, desk, monkeypatch)


def the_company() -> int:
    return catalogue.companies()[0].id


def charged(desk: Desk) -> Ticket:
    buys(desk, 5)
    return resolved(desk, in_work(desk))


def december(desk: Desk) -> None:
    desk.at("2026-12-02 10:00")


def contested(desk: Desk, ticket: Ticket) -> Dispute:
    objection = tickets.Objection(DisputeAbout.CHARGE, "This was a defect.")
    return tickets.contest(desk.cause(desk.company.finance), ticket.pk, objection)


def address(name: str, month: str = "2026-11") -> str:
    return reverse(f"accounting:{name}", args=[the_company(), month])


def jobs() -> list[dict[str, Any]]:
    rows = ProcrastinateJob.objects.filter(task_name="issue_acts")
    return [row.args for row in rows]


def work(visit: Visit) -> dict[str, Any]:
    found = visit.get(reverse("accounting:home"))
    assert found.status_code == 200
    return {one.name: one for one in found.context["work"]}  # type: ignore[attr-defined]  # a test's


class TestQueue:
    def test_an_empty_queue_says_what_it_means(self, accountant: Visit) -> None:
        text = accountant.page(reverse("accounting:home"))
        assert "Nothing waits for you" in text
        assert "Every payment is booked." in text

    def test_what_waits_is_counted_with_its_age(self, desk: Desk, accountant: Visit) -> None:
        charged(desk)
        december(desk)
        actions.propose_adjustment(
            desk.cause(desk.house.accountant, key="a"),
            desk.company.partner.pk,
            Commodity.CONSULTATIONS,
            2,
            "Opening",
        )
        found = work(accountant)
        assert set(found) == {"approve", "issue"}
        assert found["issue"].count == 1
        assert found["issue"].oldest == date(2026, 12, 1)
        assert found["issue"].first[0].url == reverse(
            "accounting:partner", args=[desk.company.partner.pk]
        )

    def test_what_is_contested_is_not_to_be_issued(self, desk: Desk, accountant: Visit) -> None:
        contested(desk, charged(desk))
        december(desk)
        assert work(accountant) == {}


class TestMonth:
    def test_l11_acts_are_issued_and_the_month_is_closed(
        self, desk: Desk, accountant: Visit
    ) -> None:
        a_contract(desk.company.partner.pk)
        charged(desk)
        december(desk)
        text = accountant.page(address("month"))
        assert "1 partner has no act yet." in text
        assert accountant.post(address("issue_acts")).status_code == 302
        (job,) = jobs()
        tasks.issue_acts(**job)
        (act,) = papers.papers(kinds=[PaperKind.ACT])
        assert (act.total_kopecks, act.from_on) == (180_00, NOVEMBER)
        tasks.issue_acts(**job)
        assert len(papers.papers(kinds=[PaperKind.ACT])) == 1
        assert accountant.post(address("close_month")).status_code == 302
        assert closing.period(the_company(), NOVEMBER) is not None
        assert "What is corrected now falls into the next month." in accountant.page(
            address("month")
        )

    def test_a_second_press_begins_nothing(self, desk: Desk, accountant: Visit) -> None:
        charged(desk)
        december(desk)
        for _press in range(2):
            accountant.post(address("issue_acts"))
        assert len(jobs()) == 1
        assert acting.runs(the_company(), NOVEMBER)
        text = accountant.page(address("month"))
        assert "Acts are about to be issued." in text
        assert 'hx-trigger="every 2s"' in text
        assert 'id="month" data-live' not in text
        ProcrastinateJob.objects.all().delete()
        assert 'id="month" data-live' in accountant.page(address("month"))

    def test_l11_what_is_contested_is_left_out_and_named(
        self, desk: Desk, accountant: Visit
    ) -> None:
        contested(desk, charged(desk))
        charged(desk)
        december(desk)
        came = acting.issue_all(the_company(), NOVEMBER, desk.house.accountant.pk, "press")
        assert (came["issued"], came["failed"]) == (1, [])
        (act,) = papers.papers(kinds=[PaperKind.ACT])
        assert act.total_kopecks == 180_00
        text = accountant.page(address("month"))
        assert "Contested, left out of the acts" in text
        accountant.post(address("close_month"))
        assert closing.period(the_company(), NOVEMBER) is not None

    def test_an_open_point_keeps_it_open(self, desk: Desk, accountant: Visit) -> None:
        charged(desk)
        december(desk)
        accountant.post(address("close_month"))
        assert closing.period(the_company(), NOVEMBER) is None
        assert "disabled" in accountant.page(address("month"))

    def test_only_an_accountant_issues_and_closes(self, desk: Desk, owner: Visit) -> None:
        december(desk)
        assert owner.get(address("month")).status_code == 200
        assert owner.post(address("issue_acts")).status_code == 403
        assert owner.post(address("close_month")).status_code == 403

    def test_the_first_month_of_all_leads_to_none_before_it(self, accountant: Visit) -> None:
        assert "/1999-12/" not in accountant.page(f"/accounting/months/{the_company()}/2000-01/")
        assert "/1999-12/" not in accountant.page(f"/accounting/months/{the_company()}/2000-02/")

    @pytest.mark.parametrize("month", ["2026-13", "2027-01", "1999-12", "x"])
    def test_a_month_that_is_none_is_not_there(self, accountant: Visit, month: str) -> None:
        assert accountant.get(address("month", month)).status_code == 404
        assert accountant.get(reverse("accounting:month", args=[999, "2026-11"])).status_code == 404

    @pytest.mark.django_db
    def test_without_a_company_the_pages_say_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        desk = Desk.open()
        visit = Visit.of(desk.house.accountant, desk, monkeypatch)
        for name in ("months", "figures"):
            assert "No company issues papers yet" in visit.page(reverse(f"accounting:{name}"))
        assert visit.get(reverse("accounting:export", args=["acts", "csv"])).status_code == 404


class TestTables:
    @pytest.mark.parametrize(
        "name",
        ["invoices", "payments", "acts", "charges", "revenue", "liability", "first-events"],
    )
    def test_each_is_taken_along_as_csv_and_xlsx(
        self, desk: Desk, accountant: Visit, name: str
    ) -> None:
        charged(desk)
        december(desk)
        acting.issue_all(the_company(), NOVEMBER, desk.house.accountant.pk, "press")
        asked = f"?company={the_company()}&month=2026-11"
        csv = accountant.get(reverse("accounting:export", args=[name, "csv"]) + asked)
        assert csv.content.startswith("\ufeff".encode())
        assert "attachment" in csv["Content-Disposition"]
        xlsx = accountant.get(reverse("accounting:export", args=[name, "xlsx"]) + asked)
        assert xlsx.content.startswith(b"PK")
        assert accountant.get(reverse("accounting:export", args=["x", "csv"])).status_code == 404

    def test_the_liability_adds_up(self, desk: Desk, accountant: Visit) -> None:
        charged(desk)
        asked = f"?company={the_company()}&on=2026-11-27"
        text = accountant.get(
            reverse("accounting:export", args=["liability", "csv"]) + asked
        ).content.decode()
        assert text.splitlines()[-1].endswith(";720,00")

    def test_figures_show_liability_revenue_and_age(self, desk: Desk, accountant: Visit) -> None:
        charged(desk)
        text = accountant.page(reverse("accounting:figures"))
        assert "₴720.00" in text or "₴\u00a0720.00" in text
        assert "180.00" in text


class TestPapers:
    def issued(self, desk: Desk) -> papers.PaperRow:
        charged(desk)
        december(desk)
        acting.issue_all(the_company(), NOVEMBER, desk.house.accountant.pk, "press")
        return papers.papers(kinds=[PaperKind.ACT])[0]

    def test_one_is_found_downloaded_signed_and_taken_back(
        self, desk: Desk, accountant: Visit
    ) -> None:
        act = self.issued(desk)
        url = reverse("accounting:paper", args=[act.id])
        for asked in ("", f"?number={act.number[-4:]}", "?kind=act&month=2026-11"):
            assert act.number in accountant.page(reverse("accounting:papers") + asked)
        assert act.number not in accountant.page(reverse("accounting:papers") + "?kind=invoice")
        pdf = accountant.get(reverse("accounting:paper_content", args=[act.id, "pdf"]))
        assert pdf.content.startswith(b"%PDF")
        signed = {"sign-signed_on": "2026-12-02"}
        assert (
            accountant.post(reverse("accounting:sign_paper", args=[act.id]), **signed).status_code
            == 302
        )
        assert "Came back signed" in accountant.page(url)
        refused = accountant.post(reverse("accounting:cancel_paper", args=[act.id]))
        assert refused.status_code == 422
        gone = {"cancel-reason": "A wrong price"}
        accountant.post(reverse("accounting:cancel_paper", args=[act.id]), **gone)
        assert papers.paper(act.id).cancelled_by
        assert "Taken back by" in accountant.page(url)

    def test_one_partner_gets_an_act_and_a_reconciliation(
        self, desk: Desk, accountant: Visit
    ) -> None:
        charged(desk)
        december(desk)
        partner = desk.company.partner.pk
        accountant.post(reverse("accounting:issue_act", args=[partner]), month="2026-11")
        days = {"from_on": "2026-11-01", "until_on": "2026-11-30"}
        accountant.post(reverse("accounting:issue_reconciliation", args=[partner]), **days)
        kinds = {row.kind for row in papers.papers(partner_id=partner)}
        assert kinds == {PaperKind.ACT, PaperKind.RECONCILIATION}
        accountant.post(reverse("accounting:issue_act", args=[partner]), month="")
        assert len(papers.papers(partner_id=partner)) == 2

    def test_nothing_is_issued_of_days_that_have_not_been(
        self, desk: Desk, accountant: Visit
    ) -> None:
        charged(desk)
        partner = desk.company.partner.pk
        act, reconciliation = (
            reverse(f"accounting:{name}", args=[partner])
            for name in ("issue_act", "issue_reconciliation")
        )
        for month in ("2027-03", "9999-12"):
            assert accountant.post(act, month=month).status_code == 302
            assert "<h1" in accountant.page(f"{reverse('accounting:papers')}?month={month}")
        for from_on, until_on in (("2026-11-01", "2027-12-31"), ("0001-01-01", "9999-12-31")):
            days = {"from_on": from_on, "until_on": until_on}
            assert accountant.post(reconciliation, **days).status_code == 302
        assert papers.papers(partner_id=partner) == []


class TestLedgerCheck:
    def test_it_is_run_by_a_job_and_shown(self, accountant: Visit) -> None:
        url = reverse("accounting:ledger")
        proof.prove()
        assert "nothing is wrong" in accountant.page(url)
        for _press in range(2):
            accountant.post(reverse("accounting:check_ledger"))
        assert ProcrastinateJob.objects.filter(task_name="prove_ledger").count() == 1
        assert "A check is running." in accountant.page(url)

    def test_the_nightly_one_shows_too(self, accountant: Visit) -> None:
        nightly.prove(0)
        assert "the nightly one" in accountant.page(reverse("accounting:ledger"))

    def test_a_fault_says_what_to_do_and_keeps_the_month_open(
        self, desk: Desk, accountant: Visit
    ) -> None:
        subject = f"deposit:{desk.company.partner.pk}"
        proof.keep([Finding("payment_split", subject, "Of payment 1 …")], by_hand=True)
        text = accountant.page(reverse("accounting:ledger"))
        assert "Compare the payment with the bank statement." in text
        assert reverse("accounting:partner", args=[desk.company.partner.pk]) in text
        december(desk)
        accountant.post(address("close_month"))
        assert closing.period(the_company(), NOVEMBER) is None


def test_deposits_are_found_by_name_and_paged(desk: Desk, accountant: Visit) -> None:
    url = reverse("accounting:deposits")
    name = desk.company.partner.name
    assert name in accountant.page(url)
    assert name in accountant.page(f"{url}?text={desk.company.partner.code.lower()}")
    assert "Nobody is called so" in accountant.page(f"{url}?text=zzz")
    assert accountant.get(f"{url}?cursor=nonsense").status_code == 200


def test_an_opening_balance_takes_two_persons(desk: Desk, accountant: Visit, owner: Visit) -> None:
    partner = desk.company.partner.pk
    given = {"opening-quantity": "7", "opening-price": "150", "opening-reason": "Before the desk"}
    url = reverse("accounting:opening", args=[partner])
    assert accountant.post(url, **given).status_code == 302
    assert accountant.post(url, **{**given, "opening-money": "5"}).status_code == 422
    assert accountant.post(url, **{**given, "opening-price": ""}).status_code == 422
    (row,) = ledger.pending_adjustments()
    assert row.unit_price_kopecks == 150_00
    owner.post(reverse("accounting:decide", args=[row.id]))
    assert ledger.lots(partner)[0].unit_price_kopecks == 150_00


@pytest.mark.parametrize("name", ["home", "deposits", "months", "figures", "papers", "ledger"])
def test_pages_ask_a_constant_number_of_times(desk: Desk, accountant: Visit, name: str) -> None:
    for _ticket in range(2):
        charged(desk)
    december(desk)
    url = reverse(f"accounting:{name}")
    assert accountant.queries(url) <= QUERIES_MAX
