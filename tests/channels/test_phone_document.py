"""What the guide tells administrators to enter is what the desk takes."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from desk.channels.models import Arrival
from desk.channels.phone import guide, signatures
from desk.channels.phone.models import Provider
from tests.channels import exchanges
from tests.language import Desk

GUIDE = Path(__file__).parents[2] / "docs" / "channels" / "phone.md"
SECONDS_MAX = 30


def script() -> str:
    found = re.search(r"```bash\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_script_for_asterisk_is_taken(committed: str, tmp_path: Path) -> None:
    tools = [shutil.which(name) for name in ("bash", "openssl", "curl")]
    if not all(tools):
        pytest.skip("bash, openssl and curl are not all here")
    desk = Desk.open()
    exchange = exchanges.connected(desk, Provider.GENERIC)
    secret = tmp_path / "secret"
    secret.write_text(exchange.secret + "\n")
    server = LiveServer("127.0.0.1:0")
    try:
        text = re.sub(r'url="[^"]*"', f'url="{server.url}{exchange.path}"', script())
        program = tmp_path / "tell-desk"
        program.write_text(text.replace("/etc/tell-desk.secret", str(secret)))
        told = ["bash", str(program), "ringing", "1795762800.77", exchanges.CALLER]
        subprocess.run(told, check=True, timeout=SECONDS_MAX, capture_output=True)
    finally:
        server.stop()
    exchanges.uses(desk)
    assert Arrival.objects.get().state == "waiting" or Arrival.objects.get().outcome == "call:1"


def test_the_servers_of_binotel_are_those_that_are_published() -> None:
    published = [f"194.88.218.{last}" for last in (114, *range(116, 121))]
    published += [f"194.88.219.{n}" for n in (67, *range(70, 73), *range(78, 90), 92)]
    published += [f"185.100.66.{last}" for last in range(145, 148)]
    for address in published:
        assert signatures.from_network(address, guide.BINOTEL_NETWORKS), address
    for other in ("194.88.218.113", "194.88.218.115", "194.88.219.90", "185.100.66.148"):
        assert not signatures.from_network(other, guide.BINOTEL_NETWORKS), other


def test_the_guide_names_every_kind_and_field() -> None:
    text = GUIDE.read_text("utf-8")
    for name in ("ringing", "answered", "ended", "missed", "recording", "duration_seconds"):
        assert f"`{name}`" in text
