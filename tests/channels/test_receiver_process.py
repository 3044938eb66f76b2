"""The receiver as a process of its own: the doors it is given, and what a kill -9 leaves."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys

import pytest

from desk.channels.email.models import OwnAddress
from desk.channels.models import Arrival
from desk.config import database, doors
from tests import cluster
from tests.channels import handing
from tests.language import OPENED

OURS = "desk@desk.example"


def test_a_kill_between_two_mails_loses_none_and_turns_nobody_away(
    committed: str, tmp_path: os.PathLike[str]
) -> None:
    OwnAddress.objects.create(address=OURS, created_at=OPENED)
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        environment = os.environ | {
            "DESK_DATA": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "desk.config.settings",
            database.APP_VARIABLE: cluster.address(database.APP_VARIABLE, committed),
            doors.HANDED_OVER: doors.written({"lmtp": door}),
        }
        for number, end in ((1, signal.SIGKILL), (2, signal.SIGTERM)):
            command = [sys.executable, "-m", "desk.config.receiver"]
            process = subprocess.Popen(command, env=environment, pass_fds=[door.fileno()])
            # The door is open already: who knocks waits until the process has started.
            try:
                with handing.lmtp(port) as client:
                    raw = f"Message-ID: <{number}@olh.example>\r\n\r\ntext\r\n".encode()
                    client.sendmail("a@olh.example", OURS, raw)
                    process.send_signal(end)
                    client.close()
                assert process.wait(30) == (0 if end == signal.SIGTERM else -end)
            finally:
                process.kill()
                process.wait()
    assert Arrival.objects.count() == 2


def test_the_doors_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_LMTP", "127.0.0.1:0")
    monkeypatch.setenv("DESK_SMTP_IN", "[::1]:0")
    opened = doors.opened()
    for kind, family in (("lmtp", socket.AF_INET), ("smtp", socket.AF_INET6)):
        assert opened[kind].family == family
        opened[kind].close()


@pytest.mark.parametrize("text", ["2400", ":2400", "127.0.0.1:lmtp", "192.0.2.1:2400"])
def test_a_door_that_cannot_be_opened_is_named(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("DESK_LMTP", text)
    with pytest.raises(doors.Unopened, match="DESK_LMTP"):
        doors.opened()


def test_a_peer_that_is_no_address_is_named_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_LMTP", "127.0.0.1:0")
    monkeypatch.setenv("DESK_MAIL_PEERS", "10.1.0.2/8, mx.example")
    with pytest.raises(doors.Unopened, match=r"mx\.example"):
        doors.opened()
