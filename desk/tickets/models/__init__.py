"""A ticket and everything that hangs on it."""

from desk.tickets.models.clocks import Alarm, AlarmKind, Clock, ClockKind, Outcome, Pause
from desk.tickets.models.conversation import Attachment, Follower, Message, MessageKind
from desk.tickets.models.matters import (
    Consultation,
    ConsultationKind,
    Dispute,
    DisputeAbout,
    DisputeKind,
    Estimate,
    EstimateKind,
    HoursLog,
    RePromise,
)
from desk.tickets.models.ticket import Part, PartState, Promise, Ticket

__all__ = [
    "Alarm",
    "AlarmKind",
    "Attachment",
    "Clock",
    "ClockKind",
    "Consultation",
    "ConsultationKind",
    "Dispute",
    "DisputeAbout",
    "DisputeKind",
    "Estimate",
    "EstimateKind",
    "Follower",
    "HoursLog",
    "Message",
    "MessageKind",
    "Outcome",
    "Part",
    "PartState",
    "Pause",
    "Promise",
    "RePromise",
    "Ticket",
]
