"""The addresses at which mail is handed in: DESK_LMTP and DESK_SMTP_IN, as 127.0.0.1:2400.

They are opened by who supervises, so that nobody is turned away while the receiver starts again.
"""

import ipaddress
import os
import socket

VARIABLES = {"lmtp": "DESK_LMTP", "smtp": "DESK_SMTP_IN"}
PEERS = "DESK_MAIL_PEERS"
# How the open sockets are handed over: "lmtp=5,smtp=6".
HANDED_OVER = "DESK_DOORS"


class Unopened(RuntimeError):
    """An address cannot be opened; the sentence says which, and why."""


def opened() -> dict[str, socket.socket]:
    """Open what the environment names: {"lmtp": socket}. Raises `Unopened`."""
    named = {kind: os.environ.get(name, "").strip() for kind, name in VARIABLES.items()}
    if any(named.values()):
        _check_peers()
    return {kind: _opened(VARIABLES[kind], text) for kind, text in named.items() if text}


def handed_over() -> dict[str, socket.socket]:
    """The sockets of who started this process, else those that the environment names."""
    text = os.environ.get(HANDED_OVER, "")
    if not text:
        return opened()
    pairs = [one.partition("=") for one in text.split(",")]
    return {kind: socket.socket(fileno=int(number)) for kind, _, number in pairs}


def written(sockets: dict[str, socket.socket]) -> str:
    """The sockets as `HANDED_OVER` tells of them."""
    return ",".join(f"{kind}={one.fileno()}" for kind, one in sockets.items())


def _check_peers() -> None:
    """Who may come in is asked at each connection; a mistake in it is told at the start."""
    for one in filter(None, os.environ.get(PEERS, "").replace(" ", "").split(",")):
        try:
            ipaddress.ip_network(one, strict=False)
        except ValueError as error:
            raise Unopened(f"{PEERS} names addresses as 10.1.0.2; it says {one!r}.") from error


def _opened(variable: str, text: str) -> socket.socket:
    host, _, port = text.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdigit():
        raise Unopened(f"{variable} is address:port, as 127.0.0.1:2400; it says {text!r}.")
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, int(port)))
        made.listen()
    except OSError as error:
        made.close()
        raise Unopened(f"{variable}: {text} cannot be opened ({error.strerror}).") from error
    return made
