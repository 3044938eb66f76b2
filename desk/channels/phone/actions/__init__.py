"""Writing the hotline: lines, calls as they are told, whom to call back, and what was decided."""

from desk.channels.phone.actions.callbacks import called_back, escalate
from desk.channels.phone.actions.calls import assume_over, forget, hear, listen, match
from desk.channels.phone.actions.decisions import (
    Claim,
    Decided,
    UnknownCaller,
    critical,
    file,
    not_critical,
)
from desk.channels.phone.actions.lines import (
    OUR_SECRET,
    LineCard,
    NoSecret,
    TooMany,
    add,
    change,
    pause,
    refused,
    resume,
    rotate,
)
from desk.channels.phone.actions.spoken import NotHeard, hear_confirm

__all__ = [
    "OUR_SECRET",
    "Claim",
    "Decided",
    "LineCard",
    "NoSecret",
    "NotHeard",
    "TooMany",
    "UnknownCaller",
    "add",
    "assume_over",
    "called_back",
    "change",
    "critical",
    "escalate",
    "file",
    "forget",
    "hear",
    "hear_confirm",
    "listen",
    "match",
    "not_critical",
    "pause",
    "refused",
    "resume",
    "rotate",
]
