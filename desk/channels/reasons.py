"""Why somebody is told, and when: the words of the table in recipients.py."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from desk.partners.models import Person


class Why(StrEnum):
    """Why somebody is told; shown with every notice and mail."""

    AUTHOR = "author"
    FOLLOWER = "follower"
    EXECUTOR = "executor"
    BEFORE = "before"
    COVER = "cover"
    ADMINISTRATOR = "administrator"
    SPECIALIST = "specialist"
    PRODUCTION = "production"
    PAYS = "pays"
    RAISER = "raiser"
    OWNER = "owner"
    VENDOR = "vendor"
    ACCOUNTANT = "accountant"
    ON_CALL = "on_call"
    SPOKE = "spoke"
    INVITED = "invited"
    ACCOUNT = "account"
    OWN = "own"
    HELP = "help"
    AUDITED = "audited"
    NAMED = "named"
    OFFERED = "offered"
    STANDS_IN = "stands_in"


class Only(StrEnum):
    """When a rule applies; found in the facts of the entry."""

    ALWAYS = "always"
    FOR_MONEY = "for_money"
    FOR_PRODUCTION = "for_production"
    POOL = "pool"
    BY_SYSTEM = "by_system"
    ON_BEHALF = "on_behalf"
    HEARD = "heard_by"
    ESCALATED = "escalated"
    FROM_75 = "from_75"
    FROM_90 = "from_90"
    OF_PRODUCTION = "of_production"
    OF_RULING = "of_ruling"
    OF_WORK = "of_work"
    OF_MAIL = "of_mail"
    OF_CRITICAL = "of_critical"
    UNEXCUSED = "unexcused"
    OF_LEAD = "of_lead"


@dataclass(frozen=True, slots=True)
class Rule:
    who: Why
    mail: bool = True
    only: Only = Only.ALWAYS


@dataclass(frozen=True, slots=True)
class Told:
    """One person to tell, and why. `mail` says whether by mail besides the bell."""

    person: Person
    why: Why
    mail: bool
