"""Live events: each open page holds one response that tells it what changed.

A worker process has one LISTEN connection, however many pages it serves. Whoever relays the journal
notifies the channel `desk_live` with lines of JSON:

    {"topics": ["ticket:42", "partner:3", "staff"], "entry": 123, "verb": "deliver"}

A page hears an event when one of its reader's topics is named (audience.py); of the topics it is
told only those of things and its own. `?topics=ticket:42` narrows a page to what it shows, and
`?age=3` says how many seconds ago the page was asked for: what happened since is told, marked
`late`. What was missed while a connection was away is not replayed: `refresh` asks the page to look
again.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

import psycopg
from django.conf import settings
from django.db import connection

from desk.web.audience import Listener, listener

CHANNEL = "desk_live"
KEEPALIVE_SECONDS = 15
RIGHTS_SECONDS = 60
# Before an event is told, the reader's rights are no older than this.
EVENT_RIGHTS_SECONDS = 5
RECONNECT_SECONDS = 1
RETRY_MILLISECONDS = 2000
WAITING_MAX = 100
PAGES_OF_PERSON_MAX = 30
# So many events are remembered, so long, for pages that were made before their stream was there.
RECENT_MAX = 2_000
AGE_SECONDS_MAX = 60
# What the way of the request itself may have taken.
WAY_SECONDS = 2
STAFF = "staff"
PRIVATE_KINDS = ("person:", "partner:", "role:", "staff")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Event = dict[str, Any]
REFRESH: Event = {"refresh": True}
FAREWELL: Event = {"farewell": True}

log = logging.getLogger(__name__)


class Page:
    """An open page: who reads it, what it shows, and the events it has not taken yet."""

    def __init__(self, reader: Listener, shows: frozenset[str]) -> None:
        self.reader = reader
        self.shows = shows
        self.waiting: asyncio.Queue[Event] = asyncio.Queue(WAITING_MAX)

    def hear(self, event: Event) -> None:
        """Queue an event when it is for this page; one that is too slow gets a single `refresh`."""
        topics = frozenset(event["topics"])
        told = self.told(event)
        if told is not None and (not self.shows or topics & self.shows):
            self.put(told)

    def told(self, event: Event) -> Event | None:
        """What the reader may learn of an event by the rights known now; None for nothing.

        Who may see some of a partner's tickets only learns of the others that something has
        changed, not what. Of what is internal, others than our own people hear only what is
        addressed to them.
        """
        known = self.reader.topics.intersection(event["topics"])
        if event.get("internal") and STAFF not in self.reader.topics:
            known &= {f"person:{self.reader.person_id}"}
        if not known:
            return None
        if known <= self.reader.vague:
            return {"topics": sorted(known)}
        allowed = [t for t in event["topics"] if t in self.reader.topics or not _private(t)]
        return {name: event[name] for name in event if name != "internal"} | {"topics": allowed}

    def put(self, event: Event) -> None:
        """Queue an event, or forget what waits and ask for a refresh."""
        try:
            self.waiting.put_nowait(event)
        except asyncio.QueueFull:
            while not self.waiting.empty():
                self.waiting.get_nowait()
            self.waiting.put_nowait(REFRESH)


class Hub:
    """The pages of this process and the connection that they share."""

    def __init__(self) -> None:
        self.pages: set[Page] = set()
        self.listening = asyncio.Event()
        self.recent: deque[tuple[float, Event]] = deque(maxlen=RECENT_MAX)
        self.since = time.monotonic()
        self._task: asyncio.Task[None] | None = None
        # Sessions are read in threads of their own: they must not wait behind pages.
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="live")

    def start(self) -> None:
        """Begin to listen; called once in the event loop."""
        self._task = asyncio.get_running_loop().create_task(self._listen())

    async def stop(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._threads.shutdown(wait=False, cancel_futures=True)

    def dismiss(self) -> None:
        """Tell every page to leave, when the process stops; browsers come back to the next one."""
        for page in self.pages:
            page.put(FAREWELL)

    async def who(self, session_key: str) -> Listener | None:
        """Return the reader behind a session, looked up in a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, listener, session_key)

    async def _listen(self) -> None:
        """Keep listening; after an interruption every page looks again."""
        while True:
            try:
                await self._listen_once()
            except psycopg.OperationalError as error:
                log.warning("Live events wait for the database: %s", error)
            self.listening.clear()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen_once(self) -> None:
        address = {
            name: value
            for name, value in connection.get_connection_params().items()
            if name in {"dbname", "user", "password", "host", "port", "sslmode"}
        }
        notices = await psycopg.AsyncConnection.connect(**address, autocommit=True)
        async with notices:
            await notices.execute(f"LISTEN {CHANNEL}")
            self.since = time.monotonic()
            self.listening.set()
            for page in self.pages:
                page.put(REFRESH)
            async for notice in notices.notifies():
                self.publish(notice.payload)

    def publish(self, payload: str) -> None:
        """Pass the lines of a notification on to the pages."""
        for line in payload.splitlines():
            event = json.loads(line)
            self.recent.append((time.monotonic(), event | {"late": True}))
            for page in self.pages:
                page.hear(event)

    def catch_up(self, page: Page, seconds: float) -> None:
        """Tell a page what happened in the last `seconds`, or to look again when that is not
        known: between its making and its stream nobody told it anything."""
        began = time.monotonic() - seconds
        forgotten = len(self.recent) == RECENT_MAX and self.recent[0][0] > began
        if seconds > AGE_SECONDS_MAX or began < self.since or forgotten:
            page.put(REFRESH)
            return
        for at, event in self.recent:
            if at >= began:
                page.hear(event)


class LiveEvents:
    """The ASGI application behind /events."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold one page's response open until either side leaves."""
        asked_at = time.monotonic()
        session_key = _session_key(scope)
        reader = await self.hub.who(session_key) if session_key else None
        if reader is None:
            # 204 tells the browser not to come back by itself.
            await _answer_empty(send, 204)
            return
        mine = [page for page in self.hub.pages if page.reader.person_id == reader.person_id]
        if len(mine) >= PAGES_OF_PERSON_MAX:
            await _answer_empty(send, 429)
            return
        page = Page(reader, _shown(scope))
        self.hub.pages.add(page)
        age = _age(scope)
        if age is not None:
            self.hub.catch_up(page, age + time.monotonic() - asked_at + WAY_SECONDS)
        speaking = asyncio.ensure_future(self._speak(page, session_key, send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({speaking, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.hub.pages.discard(page)
            for task in (speaking, leaving):
                task.cancel()
            results = await asyncio.gather(speaking, leaving, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, OSError):
                raise result

    async def _speak(self, page: Page, session_key: str, send: Send) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [
                    (b"content-type", b"text/event-stream; charset=utf-8"),
                    (b"cache-control", b"no-store"),
                    (b"x-accel-buffering", b"no"),
                ],
            }
        )
        await _say(send, f"retry: {RETRY_MILLISECONDS}\nevent: ready\ndata: {{}}\n\n")
        loop = asyncio.get_running_loop()
        checked = loop.time()
        while True:
            event = await _next(page)
            if event is FAREWELL:
                await send({"type": "http.response.body", "body": b""})
                return
            if loop.time() - checked >= _rights_last(page, event):
                checked = loop.time()
                reader = await self.hub.who(session_key)
                if reader is None:
                    await _say(send, "event: signed-out\ndata: {}\n\n")
                    await send({"type": "http.response.body", "body": b""})
                    return
                page.reader = reader
            await _tell(page, event, send)


async def _next(page: Page) -> Event | None:
    """The next event, or None when it is time to say that the page is still served."""
    try:
        async with asyncio.timeout(KEEPALIVE_SECONDS):
            return await page.waiting.get()
    except TimeoutError:
        return None


def _rights_last(page: Page, event: Event | None) -> float:
    """For how many seconds the rights that are known serve; not at all for an event about the
    reader, who may just have lost a role."""
    if event is None:
        return RIGHTS_SECONDS
    own = f"person:{page.reader.person_id}" in event.get("topics", ())
    return 0 if own else min(EVENT_RIGHTS_SECONDS, RIGHTS_SECONDS)


async def _tell(page: Page, event: Event | None, send: Send) -> None:
    """Say an event, unless the reader lost the right to it while it waited."""
    if event is None:
        await _say(send, ": still here\n\n")
        return
    told = event if event.get("refresh") else page.told(event)
    if told is not None:
        await _say(send, _line(told))


def _line(event: Event) -> str:
    if event.get("refresh"):
        return "event: refresh\ndata: {}\n\n"
    number = f"id: {event['entry']}\n" if "entry" in event else ""
    return f"{number}data: {json.dumps(event)}\n\n"


def _private(topic: str) -> bool:
    return topic.startswith(PRIVATE_KINDS)


def _session_key(scope: Scope) -> str:
    cookies = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            with contextlib.suppress(CookieError):
                cookies.load(value.decode("latin-1"))
    found = cookies.get(settings.SESSION_COOKIE_NAME)
    return found.value if found and found.value.isalnum() else ""


def _shown(scope: Scope) -> frozenset[str]:
    query = parse_qs(scope["query_string"].decode("latin-1"))
    return frozenset(
        topic for value in query.get("topics", []) for topic in value.split(",") if topic
    )


def _age(scope: Scope) -> int | None:
    """For how many seconds the page was on its way; None when it asks to know nothing of that."""
    text = parse_qs(scope["query_string"].decode("latin-1")).get("age", [""])[0]
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _say(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _answer_empty(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b""})
