"""What one peer, one connection and one mail may take of the receiver."""

from __future__ import annotations

from dataclasses import dataclass

# Bigger ones are refused by SIZE before they are sent. IMAP has the same limit.
MESSAGE_BYTES_MAX = 50 * 1024 * 1024
# RFC 5321 asks for 100 recipients; a line may have 1000 bytes, and real mails have longer ones.
RECIPIENTS_MAX = 100
LINE_BYTES_MAX = 256 * 1024
CONNECTIONS_MAX = 30
# A peer that says nothing, or says it byte by byte, is let go; so is one whose mail takes longer.
COMMAND_SECONDS_MAX = 120
DATA_SECONDS_MAX = 600
# How often one connection may say a command; a mail server that keeps a connection sends many.
CALLS_MAX = {"*": 50, "MAIL": 1000, "RCPT": 20_000, "DATA": 1000, "RSET": 1000, "NOOP": 1000}
# With less room than this beside the mail itself, the mail stays with who sends it.
FREE_BYTES_MIN = 200 * 1024 * 1024
STORE_THREADS = 4


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one receiver; tests narrow them."""

    message_bytes_max: int = MESSAGE_BYTES_MAX
    recipients_max: int = RECIPIENTS_MAX
    connections_max: int = CONNECTIONS_MAX
    command_seconds_max: float = COMMAND_SECONDS_MAX
    data_seconds_max: float = DATA_SECONDS_MAX
    free_bytes_min: int = FREE_BYTES_MIN
