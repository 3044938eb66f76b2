"""Requests to servers of others: where they may go, and what may come back."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django.fixtures import Settings

from desk.lib import outside
from tests.channels import receiver
from tests.channels.receiver import LOCAL, Receiver

CORPUS = Path(__file__).resolve().parents[3] / "shared/corpora/security/ssrf"
PUBLIC = "93.184.215.14"
Resolver = Callable[[str, str], None]

FORBIDDEN = {
    "address": [
        "127.0.0.1", "127.8.8.8", "127.0.0.1.", "0.0.0.0", "10.1.2.3", "172.16.0.1",  # noqa: S104
        "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.8",
        "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "[::]", "[::1]",
        "[::ffff:127.0.0.1]", "[::ffff:8.8.8.8]", "[::127.0.0.1]", "[fe80::1]", "[fc00::1]",
        "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::a00:1]",
        "[2002:7f00:1::]", "[2001::7f00:1]", "[100::1]", "127。0。0。1", "１２７.0.0.1",
    ],
    "host": [
        "0x7f000001", "127.1", "127.0.1", "2130706433", "0177.0.0.1", "127.000.000.001",
        "0x7f.0x0.0x0.0x1", "0x7f.1", "1.2.3.4.5", "999.1.1.1", "::1", "[fe80::1%25eth0]", "",
        "a b.example", "a\\b.example", "a..example", "-.example", "x" * 64 + "%2e.example",
        "exam\nple.org", "example.org\r\nX-Evil: 1", "127.0.0.1%00.example.org",
    ],
    "user": ["name:word@example.org", "example.org@127.0.0.1", "@example.org"],
    "port": ["example.org:22", "example.org:25", "example.org:6379", "example.org:0"],
}  # fmt: skip


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """The network's edge: what each name leads to, at the first question, the second, …"""
    answers: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *rest: int, **more: int) -> list[object]:
        if host not in answers:
            return list(real(host, port, *rest, **more | {"flags": socket.AI_NUMERICHOST}))
        turns = answers[host]
        found = turns.pop(0) if len(turns) > 1 else turns[0]
        return [row for address in found for row in real(address, port, type=socket.SOCK_STREAM)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return answers


@pytest.fixture
def own(settings: Settings) -> None:
    """An installation that allows requests to its own machine."""
    settings.OUTSIDE_NETWORKS = LOCAL


@pytest.fixture
def here() -> Iterator[Receiver]:
    with receiver.receiving() as found:
        yield found


@pytest.mark.parametrize(
    ("code", "host"), [(code, host) for code, hosts in FORBIDDEN.items() for host in hosts]
)
def test_nothing_is_sent_inside(code: str, host: str, names: dict[str, list[list[str]]]) -> None:
    for ask in (outside.check, lambda url: outside.request("GET", url, seconds=1)):
        with pytest.raises(outside.Forbidden) as refused:
            ask(f"http://{host}/path")
        assert refused.value.code == code


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "gopher://example.org/", "ftp://example.org", "//example.org", ""]
)
def test_only_http_and_https(url: str) -> None:
    with pytest.raises(outside.Forbidden) as refused:
        outside.check(url)
    assert refused.value.code == "scheme"


def test_the_spellings_that_others_let_pass(names: dict[str, list[list[str]]]) -> None:
    if not CORPUS.exists():
        pytest.skip("no corpora beside this project")
    names["example.org"] = [[PUBLIC]]
    cases = json.loads((CORPUS / "freescout-ssrf-hosts.json").read_text())
    assert len(cases) == 30
    for case in cases:
        host = case["host"]
        for written in {host, f"[{host.strip('[]')}]" if ":" in host else host}:
            if case["allowed"] and ":" in written and not written.startswith("["):
                continue  # an IPv6 address in a URL has brackets
            assert _passes(f"http://{written}/") == case["allowed"], written


def _passes(url: str) -> bool:
    with suppress(outside.Forbidden):
        outside.check(url)
        return True
    return False


def test_one_bad_answer_of_a_name_is_enough(names: dict[str, list[list[str]]]) -> None:
    names["both.example"] = [[PUBLIC, "10.0.0.1"]]
    with pytest.raises(outside.Forbidden):
        outside.check("https://both.example/")


def test_a_name_that_nobody_knows_is_away_and_may_be_entered(
    names: dict[str, list[list[str]]],
) -> None:
    outside.check("https://unknown.example/")
    with pytest.raises(outside.Away) as away:
        outside.request("GET", "https://unknown.example/")
    assert away.value.code == "name"


def test_a_name_is_asked_once_so_rebinding_gains_nothing(
    names: dict[str, list[list[str]]], settings: Settings, here: Receiver
) -> None:
    settings.OUTSIDE_NETWORKS = ("127.0.0.2/32",)
    names["rebound.example"] = [["127.0.0.2"], ["127.0.0.1"]]
    with pytest.raises(outside.Away) as away:
        outside.request("GET", f"http://rebound.example:{here.port}/")
    assert (away.value.code, here.got) == ("connection", [])
    assert names["rebound.example"] == [["127.0.0.1"]]
    with pytest.raises(outside.Forbidden):
        outside.request("GET", f"http://rebound.example:{here.port}/")
    assert here.got == []


def test_own_networks_are_allowed_however_they_are_spaced(settings: Settings) -> None:
    settings.OUTSIDE_NETWORKS = ("10.1.2.3/16", " 192.168.0.0/24", "fd00::/8")
    for host in ("10.1.200.1", "192.168.0.9", "[fd12::1]"):
        outside.check(f"http://{host}/")
    for host in ("10.2.0.1", "192.168.1.9", "127.0.0.1", "[fe80::1]"):
        with pytest.raises(outside.Forbidden):
            outside.check(f"http://{host}/")


def test_a_request_arrives_as_it_was_meant(
    own: None, here: Receiver, names: dict[str, list[list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for proxy in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(proxy, "http://127.0.0.1:9")
    names["partner.example"] = [["127.0.0.1"]]
    here.status, here.headers, here.body = 418, {"X-Some": "Thing"}, b"short"
    url = f"http://Partner.example:{here.port}/шлях/a?b=c d".replace(" ", "+")
    answer = outside.request("POST", url, headers={"X-Id": "1"}, body=b"{}")
    assert (answer.status, answer.body, answer.headers["x-some"]) == (418, b"short", "Thing")
    (got,) = here.got
    assert (got.method, got.body) == ("POST", b"{}")
    assert got.path == "/%D1%88%D0%BB%D1%8F%D1%85/a?b=c+d"
    assert got.headers["host"] == f"partner.example:{here.port}"
    assert (got.headers["x-id"], got.headers["user-agent"]) == ("1", "Partner-Desk")


def test_the_second_address_is_tried_when_the_first_is_away(
    own: None, here: Receiver, names: dict[str, list[list[str]]]
) -> None:
    names["two.example"] = [["127.0.0.2", "127.0.0.1"]]
    assert outside.request("GET", f"http://two.example:{here.port}/").status == 204


def test_redirects_are_answers_like_any_other(own: None, here: Receiver) -> None:
    here.status, here.headers = 302, {"Location": f"http://127.0.0.1:{here.port}/secret"}
    assert outside.request("GET", here.url).status == 302
    assert [got.path for got in here.got] == ["/hook"]


def test_line_breaks_in_headers_are_refused(own: None, here: Receiver) -> None:
    with pytest.raises(ValueError, match="header"):
        outside.request("GET", here.url, headers={"token": "a\r\nBcc: b"})
    assert here.got == []


def _drip(line: socket.socket, head: bytes) -> None:
    line.sendall(head)
    for _ in range(400):
        line.sendall(b"x")
        time.sleep(0.02)


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nx-slow: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_slow_answer_ends_in_time(own: None, head: bytes) -> None:
    with receiver.saying(lambda line: _drip(line, head)) as port:
        began = time.monotonic()
        with pytest.raises(outside.Away) as away:
            outside.request("GET", f"http://127.0.0.1:{port}/", seconds=0.4)
        assert away.value.code == "time"
        assert time.monotonic() - began < 2


def test_silence_ends_in_time(own: None) -> None:
    over = Event()

    def wait(_line: socket.socket) -> None:
        over.wait(5)

    with receiver.saying(wait) as port:
        with pytest.raises(outside.Away) as away:
            outside.request("GET", f"http://127.0.0.1:{port}/", seconds=0.3)
        over.set()
    assert away.value.code == "time"


def test_a_status_in_time_counts_where_the_body_does_not(own: None) -> None:
    with receiver.saying(lambda line: _drip(line, b"HTTP/1.1 200 OK\r\n\r\n")) as port:
        url = f"http://127.0.0.1:{port}/"
        answer = outside.request("POST", url, seconds=0.4, whole=False)
    assert answer.status == 200


def _endless(line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        line.sendall(b"x" * 65536)


def test_an_endless_answer_is_cut_or_refused(own: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "BODY_BYTES_MAX", 200_000)
    with receiver.saying(_endless) as port:
        url = f"http://127.0.0.1:{port}/"
        with pytest.raises(outside.Away) as away:
            outside.request("GET", url)
        assert away.value.code == "size"
        assert len(outside.request("GET", url, whole=False).body) == outside.EXCERPT_BYTES_MAX


def test_a_small_answer_that_unpacks_to_a_big_one_is_refused(
    own: None, here: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "BODY_BYTES_MAX", 200_000)
    here.status, here.headers = 200, {"content-encoding": "gzip"}
    here.body = gzip.compress(b"x" * 100_000)
    assert outside.request("GET", here.url).body == b"x" * 100_000
    here.body = gzip.compress(b"x" * 5_000_000)
    with pytest.raises(outside.Away) as away:
        outside.request("GET", here.url)
    assert away.value.code == "size"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"HTTP/1.1 200 OK\r\n" + b"x-a: b\r\n" * 200 + b"\r\n", "answer"),
        (b"HTTP/1.1 200 OK\r\nx-a: " + b"b" * 70_000 + b"\r\n\r\n", "answer"),
        (b"HTTP/1.1 200 OK\r\n" + b"x-a: %b\r\n" % (b"b" * 9000) * 9 + b"\r\n", "size"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "answer"),
        (b"", "answer"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort", "answer"),
    ],
    ids=["many headers", "long header", "much header", "another protocol", "nothing", "cut"],
)
def test_an_answer_that_is_none(own: None, said: bytes, code: str) -> None:
    with receiver.saying(lambda line: line.sendall(said)) as port:
        assert _away(f"http://127.0.0.1:{port}/") == code


def _certificate(folder: Path, name: str) -> Path:
    """A certificate that vouches for itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    began = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(began)
        .not_valid_after(began + dt.timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


def test_the_certificate_must_be_of_the_name_that_was_asked(
    own: None,
    names: dict[str, list[list[str]]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names["right.example"] = names["wrong.example"] = [["127.0.0.1"]]
    path = _certificate(tmp_path, "right.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    asked: list[str] = []
    context.sni_callback = lambda _socket, name, _context: asked.append(str(name))
    with receiver.receiving(context) as server:
        right, wrong = (f"https://{name}.example:{server.port}/" for name in ("right", "wrong"))
        assert _away(right) == "certificate"  # nobody vouches for it yet
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        assert outside.request("POST", right, body=b"1").status == 204
        assert _away(wrong) == "certificate"
        assert _away(f"https://127.0.0.1:{server.port}/") == "certificate"
        assert _away(f"http://127.0.0.1:{server.port}/") in ("answer", "connection")
        assert [got.body for got in server.got] == [b"1"]
    assert asked[:3] == ["right.example", "right.example", "wrong.example"]


def _away(url: str) -> str:
    with pytest.raises(outside.Away) as away:
        outside.request("GET", url, seconds=5)
    return away.value.code
