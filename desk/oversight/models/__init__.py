"""The Standard and what came of it: editions, day plans, violations, audits, complaints."""

from desk.oversight.models.audits import Audit, AuditAnswer
from desk.oversight.models.capacity import (
    BriefNote,
    ManagerRequest,
    Offer,
    OfferEnd,
    OfferKind,
    Return,
)
from desk.oversight.models.complaints import Complaint
from desk.oversight.models.control import (
    Explanation,
    Heartbeat,
    Outage,
    Reminder,
    Ruling,
    Verdict,
    Violation,
    Watch,
    WeekScore,
)
from desk.oversight.models.days import DayPlan, Slot
from desk.oversight.models.editions import Acknowledgement, Edition, EditionState
from desk.oversight.models.replays import Replay

__all__ = [
    "Acknowledgement",
    "Audit",
    "AuditAnswer",
    "BriefNote",
    "Complaint",
    "DayPlan",
    "Edition",
    "EditionState",
    "Explanation",
    "Heartbeat",
    "ManagerRequest",
    "Offer",
    "OfferEnd",
    "OfferKind",
    "Outage",
    "Reminder",
    "Replay",
    "Return",
    "Ruling",
    "Slot",
    "Verdict",
    "Violation",
    "Watch",
    "WeekScore",
]
