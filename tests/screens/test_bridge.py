"""The bridge from the server to the pages: no client can hold a thread."""

import http.client
import io
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from wsgiref.validate import validator

import pytest
import uvicorn

from desk.config.bridge import Bridge, Environ, Limits, WsgiApplication

STALLED_CLIENTS = 12


def explain(status: int, languages: str) -> bytes:
    return f"<p>{status} in {languages}</p>".encode()


def echo(environ: Environ, start_response: object) -> Iterable[bytes]:
    """Answer with the method, the path and the body."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    head = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}?{environ['QUERY_STRING']} "
    assert callable(start_response)
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [head.encode("latin-1"), body]


def served(application: WsgiApplication, limits: Limits) -> AbstractContextManager[int]:
    """Serve an application through a bridge by a real server; yields its port."""
    return crossing(Bridge(application, limits, explain))


@contextmanager
def crossing(bridge: Bridge) -> Iterator[int]:
    """Serve a bridge by a real server; yields its port."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(bridge, lifespan="off", log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    listening.listen(128)
    thread.start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        bridge.close()


def ask(
    port: int, method: str = "GET", path: str = "/", body: bytes | None = None, **headers: str
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def send_raw(port: int, data: bytes) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    client.sendall(data)
    return client


def read_all(client: socket.socket) -> bytes:
    parts = []
    while chunk := client.recv(65536):
        parts.append(chunk)
    return b"".join(parts)


def test_it_keeps_to_the_protocol() -> None:
    with served(validator(echo), Limits(body_bytes_max=1000)) as port:
        assert ask(port, path="/a?b=c") == (200, b"GET /a?b=c ")
        assert ask(port, "POST", "/a", b"body") == (200, b"POST /a? body")
        assert ask(port, "HEAD") == (200, b"")


def test_a_path_in_ukrainian_arrives_as_the_protocol_wants() -> None:
    with served(echo, Limits(body_bytes_max=1000)) as port:
        status, body = ask(port, path="/%D1%97")
        assert (status, body.decode()) == (200, "GET /ї? ")


def test_stalled_uploads_hold_no_thread() -> None:
    with served(echo, Limits(body_bytes_max=10_000, threads=1)) as port, ExitStack() as stack:
        for _ in range(STALLED_CLIENTS):
            start = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\npart"
            stack.enter_context(send_raw(port, start))
        assert ask(port)[0] == 200


def test_a_body_announced_too_large_is_refused_before_it_is_sent() -> None:
    with served(echo, Limits(body_bytes_max=1000)) as port:
        start = b"POST / HTTP/1.1\r\nHost: x\r\nAccept-Language: uk\r\nContent-Length: 1001\r\n\r\n"
        with send_raw(port, start) as client:
            answer = read_all(client)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"413 in uk" in answer
    assert b"connection: close" in answer.lower()


def test_a_body_that_grows_too_large_is_refused() -> None:
    with served(echo, Limits(body_bytes_max=1000)) as port:
        start = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        with send_raw(port, start + b"7d0\r\n" + b"x" * 2000 + b"\r\n") as client:
            assert read_all(client).startswith(b"HTTP/1.1 413")


def test_a_silent_upload_is_ended() -> None:
    limits = Limits(body_bytes_max=1000, silence_seconds=0.2)
    with served(echo, limits) as port:
        start = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\npart"
        with send_raw(port, start) as client:
            assert read_all(client).startswith(b"HTTP/1.1 408")


def test_a_large_body_arrives_whole() -> None:
    body = bytes(range(256)) * 12_000
    with served(echo, Limits(body_bytes_max=len(body))) as port:
        assert ask(port, "POST", "/", body) == (200, b"POST /? " + body)


def test_a_slow_reader_holds_no_thread() -> None:
    size = 30_000_000

    def large(environ: Environ, start_response: object) -> Iterable[bytes]:
        assert callable(start_response)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"x" * size] if environ["PATH_INFO"] == "/large" else [b"small"]

    request = b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    limits = Limits(body_bytes_max=1000, threads=1)
    with served(large, limits) as port, send_raw(port, request) as slow:
        assert ask(port) == (200, b"small")
        assert len(read_all(slow)) > size


class Gate:
    """An application whose requests wait until the test lets them go."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.entered = threading.Semaphore(0)
        self.paths: list[str] = []

    def __call__(self, environ: Environ, start_response: object) -> Iterable[bytes]:
        self.paths.append(environ["PATH_INFO"])
        self.entered.release()
        assert self.opened.wait(10)
        assert callable(start_response)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"done"]


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_who_leaves_while_waiting_is_not_served() -> None:
    gate = Gate()
    bridge = Bridge(gate, Limits(body_bytes_max=1000, threads=1), explain)
    with crossing(bridge) as port, send_raw(port, b"GET /first HTTP/1.1\r\nHost: x\r\n\r\n"):
        assert gate.entered.acquire(timeout=10)
        leaver = send_raw(port, b"GET /left HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: len(bridge._free._waiters or ()) == 1)
        leaver.close()
        wait_until(lambda: not bridge._free._waiters)
        gate.opened.set()
        assert ask(port, path="/stays")[0] == 200
    assert gate.paths == ["/first", "/stays"]


def test_who_waits_too_long_is_told() -> None:
    gate = Gate()
    limits = Limits(body_bytes_max=1000, threads=1, queue_seconds=0.2)
    with served(gate, limits) as port:
        with send_raw(port, b"GET /first HTTP/1.1\r\nHost: x\r\n\r\n"):
            assert gate.entered.acquire(timeout=10)
            assert ask(port)[0] == 503
            gate.opened.set()
        assert ask(port)[0] == 200


def test_a_client_that_leaves_early_harms_nobody() -> None:
    gate = Gate()
    with served(gate, Limits(body_bytes_max=1000, threads=1)) as port:
        client = send_raw(port, b"GET /first HTTP/1.1\r\nHost: x\r\n\r\n")
        assert gate.entered.acquire(timeout=10)
        client.close()
        gate.opened.set()
        assert ask(port) == (200, b"done")


def test_a_file_is_sent_and_closed() -> None:
    closed = threading.Event()

    class File(io.BytesIO):
        def close(self) -> None:
            closed.set()
            super().close()

    def download(environ: Environ, start_response: object) -> Iterable[bytes]:
        assert callable(start_response)
        start_response("200 OK", [("Content-Type", "text/plain")])
        found: Iterable[bytes] = environ["wsgi.file_wrapper"](File(b"x" * 200_000))
        return found

    with served(download, Limits(body_bytes_max=1000)) as port:
        assert ask(port) == (200, b"x" * 200_000)
        assert closed.wait(10)


def test_an_application_that_fails_answers_500() -> None:
    def broken(environ: Environ, start_response: object) -> Iterable[bytes]:
        raise RuntimeError("This is meant to happen.")

    with served(broken, Limits(body_bytes_max=1000)) as port:
        assert ask(port)[0] == 500


def test_a_header_cannot_pose_as_another() -> None:
    def show(environ: Environ, start_response: object) -> Iterable[bytes]:
        assert callable(start_response)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [environ.get("HTTP_X_REAL", "none").encode(), environ["HTTP_COOKIE"].encode()]

    with served(show, Limits(body_bytes_max=1000)) as port:
        request = b"GET / HTTP/1.1\r\nHost: x\r\nX_Real: 1\r\nCookie: a=1\r\nCookie: b=2\r\n"
        with send_raw(port, request + b"Connection: close\r\n\r\n") as client:
            assert read_all(client).endswith(b"nonea=1; b=2")


@pytest.mark.parametrize("status", [408, 413, 503])
@pytest.mark.parametrize("language", ["uk", "ru", "en", "xx", ""])
def test_each_refusal_has_a_sentence(status: int, language: str) -> None:
    from desk.config.asgi import explain as explain_in_words

    page = explain_in_words(status, language).decode()
    assert str(status) in page
    assert f'lang="{language if language in {"uk", "ru", "en"} else "uk"}"' in page
