"""Requests to servers of others, at addresses that others have entered.

The name is resolved once, every answer is checked, and the connection goes to a checked address:
a name that leads inside the second time (DNS rebinding) gains nothing. Redirects are answers like
any other, proxies of the environment are not used, and every request ends in time.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from ipaddress import IPv6Address, ip_address
from threading import Event
from urllib.parse import SplitResult, quote, urlsplit

from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.response import BaseHTTPResponse

from desk.lib import addresses
from desk.lib.addresses import Address

URL_MAX = 2000
SECONDS = 10.0
ADDRESSES_MAX = 4
BODY_BYTES_MAX = 8 * 1024 * 1024
HEADER_BYTES_MAX = 64 * 1024
EXCERPT_BYTES_MAX = 4 * 1024
CHUNK_BYTES = 64 * 1024
PORTS = {"http": 80, "https": 443}
# Where other protocols listen: a request must not become a mail or a command to a database.
CLOSED_PORTS = frozenset(
    {22, 23, 25, 53, 110, 111, 135, 139, 143, 389, 445, 465, 587, 636, 993, 995}
    | {2049, 3306, 5432, 6379, 11211, 27017}
)
OWN_HEADERS = {"user-agent": "Partner-Desk", "connection": "close"}
_SEEN_AS_BLANK = re.compile(r"[\x00-\x20\x7f\\]")
_IN_TARGET = "/?%:@!$&'()*+,;=~[]"


class Forbidden(Exception):
    """The desk may not send there. `code`: "address" (private, loopback …), "host" (no plain name
    or address), "scheme" (neither http nor https), "user" (a name or password in it), "port"."""

    def __init__(self, code: str) -> None:
        super().__init__(f"This address is not allowed ({code}).")
        self.code = code


class Away(Exception):
    """No answer that can be used. `code`: "name" (no such host), "connection", "certificate",
    "time" (too slow), "size" (too big), "answer" (not HTTP)."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said: header names in small letters, the body unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def wait_seconds(self, at: datetime, longest: int) -> int:
        """The seconds of Retry-After (RFC 9110, 10.2.3), which is a number or a date, at most
        `longest`; 0 for what cannot be read."""
        text = self.headers.get("retry-after", "").strip()
        if text.isascii() and text.isdigit():
            return min(int(text[:9]), longest)
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return 0
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return min(max(int((aware - at).total_seconds()), 0), longest)


@dataclass(frozen=True, slots=True)
class _Place:
    parts: SplitResult
    host: str | Address
    port: int


def check(url: str) -> None:
    """For forms: raise `Forbidden` when nothing will ever be sent to this URL.

    A name that nobody knows at the moment passes: it is checked again whenever it is used.
    """
    place = _place(url)
    with suppress(Away):
        _checked(place, time.monotonic() + SECONDS)


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    seconds: float = SECONDS,
    whole: bool = True,
) -> Answer:
    """Send one request and return what was answered, whatever the status; never follows one.

    All of it, from the name to the last byte, takes at most `seconds`. An answer of more than
    `BODY_BYTES_MAX` is refused; with `whole=False` its first `EXCERPT_BYTES_MAX` are enough, and
    a status that came in time counts however the body goes on. Raises `Forbidden` and `Away`.
    """
    deadline = time.monotonic() + seconds
    place = _place(url)
    with _connected(place, _checked(place, deadline), deadline) as connection:
        sent = OWN_HEADERS | {name.lower(): value for name, value in (headers or {}).items()}
        sent["host"] = _host_header(place)
        with _ending(connection, deadline) as over:
            connection.request(
                method,
                _target(place.parts),
                body=body or None,
                headers=sent,
                preload_content=False,
            )
            with closing(connection.getresponse()) as response:
                answer = _answer(response, whole)
            # A body that ends with its connection looks whole when we were the ones to end it.
            if whole and over.is_set():
                raise Away("time")
            return answer


def _place(url: str) -> _Place:
    if len(url) > URL_MAX or _SEEN_AS_BLANK.search(url):
        raise Forbidden("host")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Forbidden("host") from error
    if parts.scheme not in PORTS:
        raise Forbidden("scheme")
    if "@" in parts.netloc:
        raise Forbidden("user")
    port = PORTS[parts.scheme] if port is None else port
    if port in CLOSED_PORTS or port == 0:
        raise Forbidden("port")
    try:
        return _Place(parts, addresses.host(parts.hostname or ""), port)
    except addresses.Misspelt as error:
        raise Forbidden("host") from error


def _checked(place: _Place, deadline: float) -> list[Address]:
    """The addresses of a host, each of which may be asked. Raises `Forbidden` if one may not."""
    found = _resolved(place, deadline) if isinstance(place.host, str) else [place.host]
    if any(addresses.is_closed(each, settings.OUTSIDE_NETWORKS) for each in found):
        raise Forbidden("address")
    return found[:ADDRESSES_MAX]


def _resolved(place: _Place, deadline: float) -> list[Address]:
    found: list[Address] = []

    def ask() -> None:
        with suppress(OSError, UnicodeError):
            rows = socket.getaddrinfo(str(place.host), place.port, type=socket.SOCK_STREAM)
            texts = dict.fromkeys(str(row[4][0]) for row in rows)
            found.extend(ip_address(text) for text in texts)

    # A resolver takes its own time, whatever we want: it is left behind when it is too slow.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(_left(deadline))
    if asking.is_alive():
        raise Away("time", "name")
    if not found:
        raise Away("name", str(place.host))
    return found


@contextmanager
def _connected(
    place: _Place, found: list[Address], deadline: float
) -> Iterator[HTTPConnection | HTTPSConnection]:
    """A connection to the first of the addresses that takes one."""
    for number, address in enumerate(found, 1):
        connection = _connection(place, address, _left(deadline))
        try:
            with _named():
                connection.connect()
        except Away as away:
            connection.close()
            if away.code != "connection" or number == len(found):
                raise
        else:
            break
    try:
        yield connection
    finally:
        connection.close()


def _connection(
    place: _Place, address: Address, seconds: float
) -> HTTPConnection | HTTPSConnection:
    if place.parts.scheme == "http":
        return HTTPConnection(str(address), place.port, timeout=seconds)
    # The certificate has to be of the name that was asked for, wherever the name leads.
    return HTTPSConnection(
        str(address),
        place.port,
        timeout=seconds,
        cert_reqs=ssl.CERT_REQUIRED,
        server_hostname=str(place.host),
    )


@contextmanager
def _ending(connection: HTTPConnection | HTTPSConnection, deadline: float) -> Iterator[Event]:
    """End the connection at the deadline: time-outs of a socket begin anew with every byte."""
    line = connection.sock
    assert line is not None
    over = Event()
    timer = threading.Timer(_left(deadline), _cut, (line, over))
    timer.daemon = True
    timer.start()
    try:
        with _named():
            yield over
    except Away as away:
        if over.is_set():
            raise Away("time") from away
        raise
    finally:
        timer.cancel()
        # The answer holds the line open beyond its connection, with all that may still come.
        _end(line)


def _cut(line: socket.socket, over: Event) -> None:
    over.set()
    _end(line)


def _end(line: socket.socket) -> None:
    with suppress(OSError):
        # Not the method of a TLS socket, which is not made for two threads.
        socket.socket.shutdown(line, socket.SHUT_RDWR)


@contextmanager
def _named() -> Iterator[None]:
    """Say what went wrong in our own words."""
    try:
        yield
    except NewConnectionError as error:
        raise Away("connection", _short(error)) from error
    except (ssl.SSLCertVerificationError, ssl.CertificateError) as error:
        raise Away("certificate", error.verify_message) from error
    except ssl.SSLError as error:
        raise Away("connection", _short(error)) from error
    except TimeoutError as error:
        raise Away("time") from error
    except (HTTPError, HTTPException) as error:
        raise Away("answer", _short(error)) from error
    except OSError as error:
        raise Away("connection", _short(error)) from error


def _answer(response: BaseHTTPResponse, whole: bool) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.itermerged()}
    if sum(len(name) + len(value) for name, value in headers.items()) > HEADER_BYTES_MAX:
        raise Away("size", "headers")
    if not whole:
        return Answer(response.status, headers, _excerpt(response))
    body = bytearray()
    while chunk := response.read(CHUNK_BYTES, decode_content=True):
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise Away("size", "body")
    return Answer(response.status, headers, bytes(body))


def _excerpt(response: BaseHTTPResponse) -> bytes:
    with suppress(HTTPError, HTTPException, OSError):
        return response.read(EXCERPT_BYTES_MAX, decode_content=True)
    return b""


def _host_header(place: _Place) -> str:
    host = f"[{place.host}]" if isinstance(place.host, IPv6Address) else str(place.host)
    return host if place.port == PORTS[place.parts.scheme] else f"{host}:{place.port}"


def _target(parts: SplitResult) -> str:
    query = f"?{parts.query}" if parts.query else ""
    return quote(f"{parts.path or '/'}{query}", safe=_IN_TARGET)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise Away("time")
    return left


def _short(error: BaseException) -> str:
    return str(error.__cause__ or error)[:200]
