"""Live events: who hears what, and what happens when the reader or the database leaves."""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from desk.web import live
from desk.web.audience import Listener
from desk.web.live import Hub, LiveEvents, Page

PARTNER = Listener(7, frozenset({"person:7", "partner:3"}))
STAFF = Listener(8, frozenset({"person:8", "staff", "role:specialist"}))
EVENT = {"topics": ["ticket:42", "partner:3", "staff"], "entry": 5, "verb": "deliver"}


class Readers(Hub):
    """A hub that knows its readers by cookie, without a database."""

    def __init__(self, readers: dict[str, Listener]) -> None:
        super().__init__()
        self.readers = readers

    async def who(self, session_key: str) -> Listener | None:
        return self.readers.get(session_key)


def page(reader: Listener, shows: Iterable[str] = ()) -> Page:
    return Page(reader, frozenset(shows))


def heard(found: Page) -> list[dict[str, Any]]:
    return [found.waiting.get_nowait() for _ in range(found.waiting.qsize())]


def test_an_event_goes_to_who_may_hear_it() -> None:
    mine, staff = page(PARTNER), page(STAFF)
    other = page(Listener(9, frozenset({"person:9", "partner:4"})))
    for found in (mine, staff, other):
        found.hear(EVENT)
    assert [event["entry"] for event in heard(mine)] == [5]
    assert [event["entry"] for event in heard(staff)] == [5]
    assert heard(other) == []


def test_what_is_internal_is_heard_by_our_own_people_only() -> None:
    some = page(Listener(5, frozenset({"person:5", "partner:3", "ticket:42"})))
    staff = page(STAFF)
    note = {"topics": ["ticket:42", "staff"], "entry": 6, "verb": "note", "internal": True}
    for found in (some, staff):
        found.hear(note)
    assert heard(some) == []
    assert heard(staff) == [{"topics": ["ticket:42", "staff"], "entry": 6, "verb": "note"}]


def test_a_page_is_told_the_thing_and_its_own_topics_only() -> None:
    mine = page(PARTNER)
    mine.hear(EVENT | {"topics": ["ticket:42", "partner:3", "person:99", "staff", "role:x"]})
    assert heard(mine)[0]["topics"] == ["ticket:42", "partner:3"]


def test_a_page_may_narrow_itself_to_what_it_shows() -> None:
    mine = page(PARTNER, ["ticket:41"])
    mine.hear(EVENT)
    assert heard(mine) == []
    mine.hear(EVENT | {"topics": ["ticket:41", "partner:3"]})
    assert len(heard(mine)) == 1


def test_narrowing_gives_nobody_more() -> None:
    stranger = page(Listener(9, frozenset({"person:9"})), ["ticket:42"])
    stranger.hear(EVENT)
    assert heard(stranger) == []


def test_a_page_that_takes_nothing_gets_one_refresh() -> None:
    mine = page(PARTNER)
    for number in range(live.WAITING_MAX + 1):
        mine.hear(EVENT | {"entry": number})
    assert heard(mine) == [live.REFRESH]


def play(story: Coroutine[Any, Any, None]) -> None:
    """Run a story in a thread: in this one, a browser's test may have left a running loop."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, story).result()


class Browser:
    """One open page: what the server sends it, and a way to leave."""

    def __init__(self, hub: Hub, cookie: str, query: str = "") -> None:
        self.sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.left = asyncio.Event()
        scope = {
            "headers": [(b"cookie", f"sessionid={cookie}".encode())],
            "query_string": query.encode(),
        }
        self.task = asyncio.ensure_future(LiveEvents(hub)(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self.sent.put_nowait(dict(message))

    async def next(self) -> dict[str, Any]:
        """Return the next thing the server sends."""
        return await asyncio.wait_for(self.sent.get(), 5)

    async def lines(self) -> AsyncIterator[str]:
        """Return what the server says, until it ends."""
        while message := await self.next():
            if message["type"] == "http.response.body":
                yield message["body"].decode()
                if not message.get("more_body"):
                    return


def test_a_page_hears_an_event_and_leaves() -> None:
    async def story() -> None:
        hub = Readers({"mine": PARTNER})
        browser = Browser(hub, "mine")
        lines = browser.lines()
        assert "event: ready" in await anext(lines)
        hub.publish(json.dumps(EVENT) + "\n" + json.dumps(EVENT | {"entry": 6}))
        assert (await anext(lines)).startswith("id: 5\ndata: ")
        assert (await anext(lines)).startswith("id: 6\ndata: ")
        browser.left.set()
        await browser.task
        assert hub.pages == set()

    play(story())


def test_what_happened_while_the_page_was_on_its_way_is_told() -> None:
    async def story() -> None:
        hub = Readers({"mine": PARTNER})
        hub.since -= 3600
        hub.publish(json.dumps(EVENT))
        hub.publish(json.dumps(EVENT | {"entry": 6, "topics": ["partner:4"]}))
        hub.recent.appendleft((hub.recent[0][0] - 30, EVENT | {"entry": 4, "late": True}))
        browser = Browser(hub, "mine", "age=3")
        lines = browser.lines()
        assert "event: ready" in await anext(lines)
        late = await anext(lines)
        assert late.startswith("id: 5\ndata: ")
        assert json.loads(late.split("data: ")[1])["late"] is True
        hub.publish(json.dumps(EVENT | {"entry": 7}))
        fresh = await anext(lines)
        assert fresh.startswith("id: 7\n")
        assert "late" not in fresh
        browser.left.set()
        await browser.task

    play(story())


@pytest.mark.parametrize("age", ["61", "3"])
def test_a_page_looks_again_when_nobody_knows_what_it_missed(age: str) -> None:
    async def story() -> None:
        hub = Readers({"mine": PARTNER})
        if age == "61":
            hub.since -= 3600
        browser = Browser(hub, "mine", f"age={age}")
        lines = browser.lines()
        await anext(lines)
        assert await anext(lines) == "event: refresh\ndata: {}\n\n"
        browser.left.set()
        await browser.task

    play(story())


def test_a_stranger_is_told_not_to_come_back() -> None:
    async def story() -> None:
        browser = Browser(Readers({}), "nobody")
        assert (await browser.next())["status"] == 204
        await browser.task

    play(story())


def test_who_signs_out_hears_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "RIGHTS_SECONDS", 0)

    async def story() -> None:
        hub = Readers({"mine": PARTNER})
        browser = Browser(hub, "mine")
        lines = browser.lines()
        await anext(lines)
        hub.readers.clear()
        hub.publish(json.dumps(EVENT))
        said = [line async for line in lines]
        assert "event: signed-out\ndata: {}\n\n" in said
        await browser.task
        assert hub.pages == set()

    play(story())


def test_a_process_that_stops_lets_its_pages_go() -> None:
    async def story() -> None:
        hub = Readers({"mine": PARTNER})
        browser = Browser(hub, "mine")
        lines = browser.lines()
        await anext(lines)
        hub.dismiss()
        assert [line async for line in lines] == [""]
        await browser.task

    play(story())


def test_one_person_may_not_open_pages_without_end() -> None:
    async def story() -> None:
        hub = Readers({"mine": PARTNER})
        browsers = [Browser(hub, "mine") for _ in range(live.PAGES_OF_PERSON_MAX)]
        for browser in browsers:
            assert (await browser.next())["status"] == 200
        assert (await Browser(hub, "mine").next())["status"] == 429
        for browser in browsers:
            browser.left.set()
            await browser.task

    play(story())


def test_events_of_the_database_reach_a_page(committed: str) -> None:
    import psycopg

    from desk.config import database
    from tests import cluster

    async def story() -> None:
        hub = Readers({"mine": PARTNER})
        hub.start()
        await asyncio.wait_for(hub.listening.wait(), 10)
        browser = Browser(hub, "mine")
        lines = browser.lines()
        await anext(lines)
        address = cluster.address(database.APP_VARIABLE, committed)
        async with await psycopg.AsyncConnection.connect(address, autocommit=True) as other:
            await other.execute("SELECT pg_notify(%s, %s)", [live.CHANNEL, json.dumps(EVENT)])
            assert (await anext(lines)).startswith("id: 5\n")
            # The database goes away and comes back: the page looks again by itself.
            await other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
            )
            assert await anext(lines) == "event: refresh\ndata: {}\n\n"
        browser.left.set()
        await browser.task
        await hub.stop()

    play(story())
