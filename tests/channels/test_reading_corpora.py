"""Real mail, against what independent parsers agree on (../shared/corpora)."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import pytest

from desk.channels.email import reading
from desk.channels.email.reading import Mail
from tests.channels import mails

SETS = ("mail/zammad", "mail/mikel-mail", "mail/stalwart-mail-parser")
BARS = {"from": 0.995, "subject": 0.99, "text": 0.97, "attachments": 0.99, "message_id": 0.99}


@dataclass
class Score:
    """What was asked, and where the answer was another."""

    asked: int = 0
    wrong: list[str] = field(default_factory=list)


def words(text: str) -> str:
    return " ".join(text.split())


def answers(mail: Mail, asked: dict[str, Any]) -> dict[str, list[bool]]:
    """For each field on which the parsers agree whether we agree with them."""
    found: dict[str, list[bool]] = {}
    if "from" in asked:
        found["from"] = [mail.sender.address == asked["from"]["value"].lower()]
    if "messageId" in asked:
        found["message_id"] = [mail.message_id == asked["messageId"]["value"]]
    if "subject" in asked:
        found["subject"] = [words(mail.subject) == words(asked["subject"]["value"])]
    if "text" in asked:
        digest = hashlib.sha256(words(mail.text).encode()).hexdigest()
        found["text"] = [digest == asked["text"]["sha256"]]
    ours = [(a.name, a.sha256) for a in mail.attachments]
    found["attachments"] = [
        any(
            sha256 == theirs["sha256"] and theirs["filename"] in {None, name}
            for name, sha256 in ours
        )
        for theirs in asked.get("named_attachments", [])
    ]
    return found


@pytest.fixture(scope="module")
def scores() -> dict[str, Score]:
    found: dict[str, Score] = defaultdict(Score)
    for name in SETS:
        folder = mails.corpus(name)
        consensus = json.loads((folder / "consensus.json").read_bytes())["messages"]
        for file, asked in consensus.items():
            mail = reading.read((folder / file).read_bytes())
            for what, agreed in answers(mail, asked).items():
                found[what].asked += len(agreed)
                found[what].wrong += [f"{name}/{file}"] * agreed.count(False)
    return found


@pytest.mark.parametrize("what", BARS)
def test_we_agree_with_independent_parsers(what: str, scores: dict[str, Score]) -> None:
    score = scores[what]
    right = score.asked - len(score.wrong)
    assert right >= BARS[what] * score.asked, f"{right} of {score.asked}: {score.wrong}"
    assert score.asked > 50


def test_every_real_mail_is_read() -> None:
    files = [
        file
        for name in (*SETS, "bounce/sisimai")
        for file in mails.corpus(name).rglob("*")
        if file.suffix in {".eml", ".box"}
    ]
    assert len(files) > 500
    for file in files:
        mail = reading.read(file.read_bytes())
        unread = [problem for problem in mail.problems if "cannot be read (" in problem]
        assert unread == [], file
        texts = (mail.text, mail.reply_text, mail.subject, mail.html or "", mail.sender.name)
        assert not any("\0" in text for text in texts), file
        "".join(texts).encode("utf-8")


def test_a_help_desk_expects_the_same_names_and_subjects() -> None:
    folder = mails.corpus("mail/zammad")
    expected = json.loads((folder / "expected.json").read_bytes())
    wrong = []
    for file, asked in expected.items():
        mail = reading.read((folder / "raw" / file).read_bytes())
        name = asked.get("from_display_name")
        if name and words(mail.sender.name) != words(name):
            wrong.append((file, "name", mail.sender.name, name))
        subject = asked.get("subject")
        if subject and words(mail.subject) != words(subject):
            wrong.append((file, "subject", mail.subject, subject))
    assert len(wrong) <= 0.1 * len(expected), wrong
