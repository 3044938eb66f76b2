"""Whether the pages and the command line tell the same of a ticket and of a deposit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.browser.founding import Crew
from tests.browser.visitor import Visitor

KINDS = {"running": "ran", "paused": "paused", "over": "over", "closed": "closed"}
Row = dict[str, str]


@dataclass(frozen=True)
class Sum:
    """Consultations and kopykas."""

    units: int = 0
    kopecks: int = 0

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.units + other.units, self.kopecks + other.kopecks)


def told(crew: Crew, number: str) -> dict[str, Any]:
    """What `desk clock explain` says of a ticket."""
    done = crew.desk.command("clock", "explain", number, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def clocks_agree(crew: Crew, number: str) -> None:
    """The deadline on the ticket's page and every span of its explanation, to the second."""
    clocks = [each for each in told(crew, number)["clocks"] if each["kind"] in PARTNERS]
    reader = crew.partner
    reader.open(f"/cabinet/tickets/{number}/")
    last = [each for each in clocks if each["kind"] == "resolution"][-1]
    assert reader.due() == datetime.fromisoformat(last["deadline"]["due_at"])
    reader.press("How this deadline came about")
    reader.sees("Only working time of the desk's calendar counts.")
    if number == "OLV-2":
        crew.tour.show(reader, "13-the-clock")
    sections = reader.main.locator("#clock > section").all()
    assert len(sections) == len(clocks)
    for section, clock in zip(sections, clocks, strict=True):
        shown = section.locator("tbody tr").evaluate_all(SPANS_OF_A_TABLE)
        assert shown == [_span(span) for span in clock["spans"]]
        total = section.locator("tfoot .number").inner_text()
        assert _seconds(total.split("/")[0]) == clock["elapsed_seconds"] // 60 * 60


PARTNERS = {"acceptance", "resolution"}
SPANS_OF_A_TABLE = """rows => rows.map(row => [
    row.querySelector("i.key").classList[1],
    ...[...row.querySelectorAll("time")].map(time => time.dateTime),
])"""


def _span(span: dict[str, Any]) -> list[str]:
    return [KINDS[span["what"]], *filter(None, (span["from_at"], span["until_at"]))]


def _seconds(text: str) -> int:
    """Seconds of "3 h 20 min" as a page writes it; "under a minute" counts as none."""
    words = text.replace("\xa0", " ")
    found = {unit: int(count) for count, unit in re.findall(r"(\d+) (h|min)", words)}
    return found.get("h", 0) * 3600 + found.get("min", 0) * 60


def deposit_agrees(crew: Crew, charged: dict[str, Sum]) -> None:
    """Statement, the tickets' pages and `desk check` agree to the kopyka."""
    reader = crew.partner
    reader.open("/cabinet/deposit/")
    crew.tour.show(reader, "14-statement")
    rows = list(_movements(reader))
    closing = reader.main.locator("tbody tr", has_text="At the end").first.inner_text()
    opening = reader.main.locator("tbody tr", has_text="At the beginning").first.inner_text()
    moved = sum((_sum(row["Available"]) for row in rows), Sum())
    assert _sum(opening) + moved == _sum(closing)
    assert sum((_sum(row["Held"]) for row in rows), Sum()) == Sum()
    assert _captured(rows) == charged
    for number, amount in charged.items():
        reader.open(f"/cabinet/tickets/{number}/")
        fact = reader.main.locator("dt", has_text="Charged").locator("xpath=following-sibling::dd")
        assert _sum(fact.first.inner_text()) == amount
    _proved(crew, len(charged))


def _movements(reader: Visitor) -> Iterator[Row]:
    table = reader.main.locator("section[aria-labelledby=statement] tbody tr")
    for cells in table.evaluate_all(
        "rows => rows.map(row => Object.fromEntries([...row.querySelectorAll('td')].map("
        "cell => [cell.dataset.label, cell.innerText])))"
    ):
        if "What" in cells:
            yield cells


def _captured(rows: list[Row]) -> dict[str, Sum]:
    found: dict[str, Sum] = {}
    for row in rows:
        if not row["What"].startswith("Charged for a ticket"):
            continue
        number = re.findall(r"OLV-\d+", row["What"])[0]
        said = row["What"].rsplit("charged", 1)[-1]
        units = -_sum(row["Held"]).units
        found[number] = found.get(number, Sum()) + Sum(units, _sum(said).kopecks)
    return found


def _sum(text: str) -> Sum:
    """Consultations and money in a text such as "−3", "16 consultations ₴24,600.00"."""
    text = text.replace("\xa0", " ").replace("−", "-")
    kopecks = 0
    for sign, whole, part in re.findall(r"([-+]?)₴([\d,]+)\.(\d\d)", text):
        kopecks += (-1 if sign == "-" else 1) * int(whole.replace(",", "") + part)
    rest = re.sub(r"[-+]?₴[\d,.]+", "", text)
    units = re.findall(r"[-+]?\d+", rest)
    return Sum(int(units[0]) if units else 0, kopecks)


def _proved(crew: Crew, tickets: int) -> None:
    done = crew.desk.command("check", "--json")
    assert done.returncode == 0, done.stdout
    summary = json.loads(done.stdout.splitlines()[-1])
    assert summary["findings"] == 0
    assert summary["checked"]["tickets"] == tickets
