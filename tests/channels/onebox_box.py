"""A OneBox of the tests: a process of its own that answers by HTTP as boxes are known to answer.

It prints its port and lives until its standard input ends. `POST /_told` changes how it behaves
(merged into `Box.state`) and answers everything that it holds and was asked.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.request import Request, urlopen

LOGIN, PASSWORD = "desk", "rest password"
EXPIRED = "token in header not found"
NOT_AN_OBJECT = "Відсутня перший елемент масиву процесів"
FRESH: dict[str, Any] = {
    "mode": "",  # "down", "empty", "garbage": how every request is answered
    "half": 0,  # so many writes are done, but their answer breaks off in the middle
    "tires_after": 0,  # a token is good for so many requests; 0: for all
    "served": 0,
    "full": False,  # all licensed sessions are taken by people
    "slow_seconds": 0.0,
    "root": "array",
    "password": PASSWORD,
    "token": "",
    "tokens": 0,
    "loose": True,
    "texts": True,
    "orders": {},
    "asked": [],
    "refuse": "",
    "comments": True,  # whether comments are written and given back
    "comments_count": 0,
}
SESSIONS_FULL = "Всі сесії зайняті"


class Box(BaseHTTPRequestHandler):
    """One request. All share `state`; only one may be served at a time, as sessions are few."""

    state: dict[str, Any] = dict(FRESH)
    session = threading.Lock()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        body = json.loads(raw or b"{}")
        if self.path == "/_told":
            self.state.update(body)
            self.answer(200, self.state)
            return
        if self.path == "/_done":
            with self.session:
                self.answer(200, self.done_by_people(body))
            return
        if not self.session.acquire(blocking=False):
            self.fault(SESSIONS_FULL)
            return
        try:
            time.sleep(self.state["slow_seconds"])
            self.served(body)
        finally:
            self.session.release()

    def done_by_people(self, body: Any) -> Any:
        """What somebody of the partner does in the box's own pages: open or change a process, and
        write a comment."""
        number = str(body["process"])
        row = self.state["orders"].setdefault(
            number, {"id": int(number), "workflowid": "9", "statusid": 50}
        )
        row.update(body.get("fields", {}))
        if "text" in body:
            self.state["comments_count"] += 1
            found = {"id": self.state["comments_count"], "username": body["author"]}
            row.setdefault("comments", []).append(found | {"content": body["text"]})
        return row

    def served(self, body: Any) -> None:
        self.state["asked"].append([self.path, body])
        broken = {"down": (503, b"down"), "empty": (200, b""), "garbage": (200, b"<html>")}
        if self.state["mode"] in broken:
            self.sent(*broken[self.state["mode"]])
        elif self.state["full"]:
            self.fault(SESSIONS_FULL)
        elif self.path == "/api/v2/token/get/":
            self.token(body)
        elif not self.known():
            self.fault(EXPIRED)
        elif self.path == "/api/v2/workflow/get/":
            self.data([{"id": "9", "name": "Support"}, {"id": 11, "name": "Sales"}])
        elif self.path == "/api/v2/order/get/":
            self.read(body)
        else:
            self.write(body)

    def token(self, body: Any) -> None:
        if (body.get("login"), body.get("restapipassword")) != (LOGIN, self.state["password"]):
            self.answer(200, {"status": 0, "errorArray": [{"message": "Wrong login"}]})
            return
        self.state["tokens"] += 1
        self.state["served"] = 0
        self.state["token"] = f"token-{self.state['tokens']}"
        self.data({"token": self.state["token"]})

    def known(self) -> bool:
        """Whether the token is the present one, and not worn out."""
        self.state["served"] += 1
        if self.state["tires_after"] and self.state["served"] > self.state["tires_after"]:
            self.state["token"] = ""
        return bool(self.state["token"]) and self.headers.get("token") == self.state["token"]

    def read(self, body: Any) -> None:
        asked = body.get("filter", {})
        rows = [
            row
            for row in self.state["orders"].values()
            if self.state["loose"] or all(str(row.get(k)) == str(v) for k, v in asked.items())
        ]
        names = ["id", *body.get("fields", [])]
        cut = [{k: v for k, v in row.items() if k in names} for row in rows]
        self.data(cut[: body.get("limit", 10)])

    def write(self, body: Any) -> None:
        if isinstance(body, list) == (self.state["root"] == "object"):
            self.fault(NOT_AN_OBJECT)
            return
        if self.state["refuse"]:
            self.answer(200, {"status": 0, "errorArray": {"name": [self.state["refuse"]]}})
            return
        done = [self.put(order) for order in (body if isinstance(body, list) else body.values())]
        if self.state["half"]:
            self.state["half"] -= 1
            self.send_response(200)
            self.send_header("content-length", "100")
            self.end_headers()
            self.wfile.write(b'{"status":1,')
            self.close_connection = True
            return
        self.data([each if self.state["texts"] else int(each) for each in done])

    def put(self, order: dict[str, Any]) -> str:
        """Make or change a process; what is said is added to its comments."""
        number = str(order.get("orderid") or 700 + len(self.state["orders"]))
        row = self.state["orders"].setdefault(number, {"id": number, "cdate": "0000-00-00"})
        said = order.pop("comments", "") if self.state["comments"] else ""
        row.update({k: v for k, v in order.items() if k not in ("orderid", "comments")})
        if said:
            self.state["comments_count"] += 1
            comment = {"id": self.state["comments_count"], "content": said, "username": "restapi"}
            row.setdefault("comments", []).append(comment)
        return number

    def data(self, found: object) -> None:
        self.answer(200, {"status": 1, "dataArray": found})

    def fault(self, text: str) -> None:
        self.answer(400, {"status": 0, "errorArray": [text]})

    def answer(self, status: int, found: object) -> None:
        self.sent(status, json.dumps(found).encode())

    def sent(self, status: int, raw: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


class Remote:
    """The box as a test sees it from its own process."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def tell(self, **changes: object) -> dict[str, Any]:
        """Change how it behaves; returns everything that it holds."""
        return self._ask("/_told", changes)

    def opens(self, number: int, **fields: object) -> None:
        """Somebody of the partner opens a process, or changes one."""
        self._do(process=number, fields=fields)

    def says(self, number: int, text: str, author: str = "Ivan") -> None:
        """Somebody of the partner writes a comment."""
        self._do(process=number, text=text, author=author)

    def row(self, number: int) -> dict[str, Any]:
        """A process as it stands there."""
        found: dict[str, Any] = self.tell()["orders"][str(number)]
        return found

    def texts(self, number: int) -> list[str]:
        """What stands in its comments."""
        return [each["content"] for each in self.row(number).get("comments", [])]

    def _do(self, **deed: object) -> None:
        self._ask("/_done", deed)

    def _ask(self, path: str, body: object) -> dict[str, Any]:
        request = Request(f"{self.url}{path}", json.dumps(body).encode())  # noqa: S310
        with urlopen(request, timeout=10) as answer:  # noqa: S310
            found: dict[str, Any] = json.load(answer)
        return found

    def renew(self) -> None:
        """Make it a new box."""
        self.tell(**FRESH)


@contextmanager
def running() -> Iterator[Remote]:
    """Hold a box running in a process of its own."""
    command = [sys.executable, "-S", __file__]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Remote(int(process.stdout.readline()))
        finally:
            process.stdin.close()
            process.wait(10)


def main() -> None:
    """Serve until standard input ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Box)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
