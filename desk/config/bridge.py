"""From an ASGI server to a WSGI application in threads, such that no client can hold a thread.

A thread is taken only when the whole request body lies on our side (in memory, from 1 MB on in a
file), and it is given back before the first byte of the answer goes out: whoever uploads or reads
slowly costs a file, never a thread.
"""

import asyncio
import contextlib
import logging
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, Any, Literal

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Environ = dict[str, Any]
Headers = list[tuple[bytes, bytes]]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]
WsgiApplication = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
# Given the status and the reader's Accept-Language, returns a page that says what happened.
Explain = Callable[[int, str], bytes]

# Who calls below this address reads no pages.
PROGRAMS = "/api/"
CHUNK_BYTES = 64 * 1024
MEMORY_BYTES_MAX = 1024 * 1024

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """What one client may take.

    Bytes of a body; seconds of silence while sending one, of the whole upload, of waiting for a
    thread, and of not reading the answer.
    """

    body_bytes_max: int
    silence_seconds: float = 20
    upload_seconds: float = 600
    queue_seconds: float = 30
    reader_seconds: float = 120
    threads: int = 8


class TooLarge(Exception):
    """The body is larger than the limit."""


class TooSlow(Exception):
    """The body did not arrive in time."""


class ClientGone(Exception):
    """Nobody waits for the answer any more."""


class FileAnswer:
    """What `wsgi.file_wrapper` makes: a file that the event loop sends without a thread."""

    def __init__(self, file: IO[bytes], block_size: int = CHUNK_BYTES) -> None:
        self.file = file
        self.block_size = max(block_size, CHUNK_BYTES)

    def __iter__(self) -> "FileAnswer":
        return self

    def __next__(self) -> bytes:
        data = self.file.read(self.block_size)
        if not data:
            raise StopIteration
        return data

    def close(self) -> None:
        """Close the file, and with it Django's response."""
        if hasattr(self.file, "close"):
            self.file.close()


@dataclass
class Answer:
    """What the application answered; the body lies in a file from its start on."""

    status: int = 0
    headers: Headers = field(default_factory=list)
    body: IO[bytes] | FileAnswer | None = None

    def begin(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None
    ) -> Callable[[bytes], None]:
        """`start_response` of the WSGI protocol."""
        if self.status and exc_info is None:
            raise AssertionError("start_response was called twice.")
        self.status = int(status.split(" ", 1)[0])
        self.headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
        ]
        return self.write

    def write(self, data: bytes) -> None:
        """Append to the body."""
        if self.body is None:
            self.body = _spool()
        assert not isinstance(self.body, FileAnswer)
        self.body.write(data)

    def rewind(self) -> None:
        """Go to the start of a complete body, whose length is now known."""
        if self.body is None or isinstance(self.body, FileAnswer):
            return
        if not any(name == b"content-length" for name, _ in self.headers):
            self.headers.append((b"content-length", str(self.body.tell()).encode()))
        self.body.seek(0)


class Bridge:
    """An ASGI application that answers `http` scopes by a WSGI application.

    `explain` makes the page of a refusal, `problem` the body of one to a program."""

    def __init__(
        self,
        application: WsgiApplication,
        limits: Limits,
        explain: Explain,
        problem: Explain | None = None,
    ) -> None:
        self.application = application
        self.limits = limits
        self.explain = explain
        self.problem = problem
        self._threads = ThreadPoolExecutor(limits.threads, thread_name_prefix="page")
        self._free = asyncio.Semaphore(limits.threads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        with contextlib.ExitStack() as stack:
            try:
                body = stack.enter_context(await self._receive_body(scope, receive))
                answer = await self._answer(scope, receive, body)
            except ClientGone:
                return
            except (TooLarge, TooSlow, TimeoutError) as refusal:
                status = {TooLarge: 413, TooSlow: 408}.get(type(refusal), 503)
                await self._refuse(scope, send, status)
                return
            await self._send(answer, scope, send)

    def close(self) -> None:
        """Let running requests end and the threads go."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def _receive_body(self, scope: Scope, receive: Receive) -> IO[bytes]:
        """Return the whole body, at its start; nothing of it has touched a thread."""
        if _announced_bytes(scope) > self.limits.body_bytes_max:
            raise TooLarge
        body = _spool()
        try:
            async with asyncio.timeout(self.limits.upload_seconds):
                await self._fill(body, receive)
        except BaseException as error:
            body.close()
            if isinstance(error, TimeoutError):
                raise TooSlow from error
            raise
        body.seek(0)
        return body

    async def _fill(self, body: IO[bytes], receive: Receive) -> None:
        received = 0
        more = True
        while more:
            async with asyncio.timeout(self.limits.silence_seconds):
                message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            chunk = message.get("body", b"")
            more = message.get("more_body", False)
            received += len(chunk)
            if received > self.limits.body_bytes_max:
                raise TooLarge
            body.write(chunk)

    async def _answer(self, scope: Scope, receive: Receive, body: IO[bytes]) -> Answer:
        """Run the application in a thread, unless the client leaves while waiting for one."""
        await self._wait_for_thread(receive)
        try:
            work = asyncio.get_running_loop().run_in_executor(
                self._threads, self._run, environ_of(scope, body, self.limits.threads > 1)
            )
        except BaseException:
            self._free.release()
            raise
        # The slot is free when the thread is, also if this task is cancelled before.
        work.add_done_callback(lambda _: self._free.release())
        return await asyncio.shield(work)

    async def _wait_for_thread(self, receive: Receive) -> None:
        if not self._free.locked():
            await self._free.acquire()
            return
        free = asyncio.ensure_future(self._free.acquire())
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            done, _ = await asyncio.wait(
                {free, gone},
                timeout=self.limits.queue_seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
        except asyncio.CancelledError:
            free.add_done_callback(self._give_back)
            free.cancel()
            raise
        finally:
            gone.cancel()
        if free in done:
            return
        free.add_done_callback(self._give_back)
        free.cancel()
        raise ClientGone if done else TimeoutError

    def _give_back(self, acquired: "asyncio.Future[Literal[True]]") -> None:
        """Release a slot that was granted in the very moment its request gave up."""
        if not acquired.cancelled():
            self._free.release()

    def _run(self, environ: Environ) -> Answer:
        """In a thread: call the application and take its whole answer, but leave files unread."""
        answer = Answer()
        result = self.application(environ, answer.begin)
        if isinstance(result, FileAnswer):
            answer.body = result
            return answer
        try:
            for chunk in result:
                if chunk:
                    answer.write(chunk)
        except BaseException:
            if answer.body is not None:
                answer.body.close()
            raise
        finally:
            if hasattr(result, "close"):
                result.close()
        answer.rewind()
        return answer

    async def _send(self, answer: Answer, scope: Scope, send: Send) -> None:
        """Send the answer as fast as the client reads; a client that leaves ends it."""
        await send(
            {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
        )
        try:
            if answer.body is not None and scope["method"] != "HEAD":
                await self._send_body(answer.body, send)
            await send({"type": "http.response.body", "body": b""})
        except OSError as error:
            # TimeoutError is one of these: the reader took nothing for too long.
            log.debug("The client left before the end of the answer: %r", error)
        finally:
            if answer.body is not None:
                await asyncio.get_running_loop().run_in_executor(None, answer.body.close)

    async def _send_body(self, body: IO[bytes] | FileAnswer, send: Send) -> None:
        loop = asyncio.get_running_loop()
        read: Callable[[int], bytes] = body.file.read if isinstance(body, FileAnswer) else body.read
        in_memory = not isinstance(body, FileAnswer) and not getattr(body, "_rolled", True)
        while True:
            # What lies in memory needs no thread to be read; a file might wait for the disk.
            if in_memory:
                chunk = read(CHUNK_BYTES)
            else:
                chunk = await loop.run_in_executor(None, read, CHUNK_BYTES)
            if not chunk:
                return
            async with asyncio.timeout(self.limits.reader_seconds):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def _refuse(self, scope: Scope, send: Send, status: int) -> None:
        """Answer without the application; the rest of the body is not waited for."""
        language = _header(scope, b"accept-language")
        explain, media = self.explain, b"text/html; charset=utf-8"
        if self.problem is not None and scope["path"].startswith(PROGRAMS):
            explain, media = self.problem, b"application/problem+json"
        page = explain(status, language)
        headers = [
            (b"content-type", media),
            (b"content-length", str(len(page)).encode()),
            (b"connection", b"close"),
            (b"cache-control", b"no-store"),
        ]
        if status == 503:
            headers.append((b"retry-after", b"5"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": page})


def environ_of(scope: Scope, body: IO[bytes], multithread: bool) -> Environ:
    """Return the WSGI environment of an ASGI request."""
    server = scope.get("server") or ("localhost", 80)
    client = scope.get("client") or ("", 0)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope.get("root_path", "").encode().decode("latin-1"),
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": multithread,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileAnswer,
    }
    for name, value in scope["headers"]:
        _add_header(environ, name.decode("latin-1"), value.decode("latin-1"))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    if "CONTENT_LENGTH" in environ or body.seek(0, 2):
        environ["CONTENT_LENGTH"] = str(body.seek(0, 2))
    body.seek(0)
    return environ


def _add_header(environ: Environ, name: str, value: str) -> None:
    if "_" in name:
        # X_Forwarded_For would become the same variable as X-Forwarded-For: only one may speak.
        return
    key = name.upper().replace("-", "_")
    if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
        key = f"HTTP_{key}"
    if key in environ:
        value = environ[key] + ("; " if key == "HTTP_COOKIE" else ",") + value
    environ[key] = value


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


def _announced_bytes(scope: Scope) -> int:
    length = _header(scope, b"content-length")
    return int(length) if length.isdigit() else 0


def _spool() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(MEMORY_BYTES_MAX)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
