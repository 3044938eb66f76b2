"""The document for receivers tells the truth, and its check accepts and refuses what it must."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from desk.channels.webhooks import names
from tests.channels import post
from tests.channels.hooks import added, go_on
from tests.channels.receiver import Receiver
from tests.language import Desk

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/channels/webhooks.md"
CORPUS = Path(__file__).resolve().parents[3] / "shared/corpora/webhook-vectors"
Verify = Callable[[str, dict[str, str], bytes], None]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
WRONG = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="
Request = tuple[str, dict[str, str], bytes]


@pytest.fixture(scope="module")
def verify() -> Verify:
    """The example of the document, as a reader would copy it."""
    (example,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    scope: dict[str, Verify] = {}
    exec(compile(example, DOCUMENT.name, "exec"), scope)  # noqa: S102  it is our own document
    return scope["verify"]


def accepts(verify: Verify, request: Request) -> bool:
    try:
        verify(*request)
    except ValueError:
        return False
    return True


def signature(identity: str, stamp: str, body: bytes) -> str:
    key = b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{identity}.{stamp}.".encode() + body, hashlib.sha256)
    return f"v1,{b64encode(digest).decode()}"


def signed(stamp: int, **changed: str | None) -> Request:
    """A request that is right but for the headers that `changed` names (None: missing)."""
    headers: dict[str, str | None] = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(stamp),
        "webhook-signature": signature("msg_1", str(stamp), BODY),
    }
    headers |= {f"webhook-{name}": value for name, value in changed.items()}
    return SECRET, {name: value for name, value in headers.items() if value is not None}, BODY


def cases(now: int) -> dict[str, list[Request]]:
    """What each case of the specification's own libraries sends."""
    secret, headers, body = right = signed(now)
    good = headers["webhook-signature"]
    several = f"{WRONG} v2,{good[3:]} {good} {WRONG}"
    return {
        "valid signature is valid": [right],
        "valid multi sig (v1 wrong, v2 unknown, v1 right, v1 wrong) is valid": [
            signed(now, signature=several)
        ],
        "secret with and without whsec_ prefix gives the same result": [
            right,
            (secret.removeprefix("whsec_"), headers, body),
        ],
        "missing webhook-id": [signed(now, id=None)],
        "missing webhook-timestamp": [signed(now, timestamp=None)],
        'webhook-timestamp is "hello"': [signed(now, timestamp="hello")],
        "missing webhook-signature": [signed(now, signature=None)],
        f'signature "{WRONG}"': [signed(now, signature=WRONG)],
        'signature "v1,"': [signed(now, signature="v1,")],
        "signature cut to 8 characters": [signed(now, signature=good[:8])],
        'signature not base64 "v1,dawfeoifkpqwoekfpqoekf"': [
            signed(now, signature="v1,dawfeoifkpqwoekfpqoekf")
        ],
        "timestamp 5 min + 1 s old": [signed(now - 301)],
        "timestamp 5 min + 1 s in the future": [signed(now + 302)],
        "timestamp header changed after signing": [signed(now, timestamp=str(now + 1))],
        "body re-serialised (space removed)": [(secret, headers, body.replace(b" ", b""))],
        "only v2 or v0 scheme present": [
            signed(now, signature=f"{version},{good[3:]}") for version in ("v2", "v0")
        ],
        "empty or null secret refused at configuration": [("", headers, body)],
    }


def test_the_check_of_the_document_does_as_the_libraries_do(verify: Verify) -> None:
    if not CORPUS.exists():
        pytest.skip("no corpora beside this project")
    rows = json.loads((CORPUS / "standard_webhooks_behaviour.json").read_text())
    expected = {row["case"]: row["accepted"] for row in rows}
    found = {
        case: [accepts(verify, request) for request in requests]
        for case, requests in cases(int(time.time())).items()
    }
    assert found == {case: [told] * len(found[case]) for case, told in expected.items()}


def test_the_check_of_the_document_accepts_what_is_sent(
    desk: Desk, here: Receiver, verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, secret = added(desk, here.url, "ticket.submitted")
    post.submitted(desk)
    go_on(desk)
    (got,) = here.got
    monkeypatch.setattr("time.time", desk.now.timestamp)
    assert accepts(verify, (secret, dict(got.headers), got.body))
    assert not accepts(verify, (secret, dict(got.headers), got.body + b" "))
    assert not accepts(verify, (SECRET, dict(got.headers), got.body))


def test_the_document_lists_every_event() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([a-z]+\.[a-z_]+)` \|", text, re.MULTILINE)
    assert listed == [*names.ALL, names.PING]
