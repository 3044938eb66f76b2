"""The areas of the API, in the order of the reference. A new area is one import and one line."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from desk.channels.api.batch import batch
from desk.channels.api.billing import billing
from desk.channels.api.complaints import complaints
from desk.channels.api.deposit import deposit
from desk.channels.api.files import files
from desk.channels.api.home import home
from desk.channels.api.hours import hours
from desk.channels.api.me import me
from desk.channels.api.people import team
from desk.channels.api.projects import projects
from desk.channels.api.routing import Area
from desk.channels.api.tickets import tickets
from desk.channels.api.verbs import moves
from desk.channels.api.work import work

# `batch` stands before `tickets`: its address would else be read as a ticket's number.
OWN: tuple[Area, ...] = (
    me,
    batch,
    tickets,
    moves,
    files,
    home,
    projects,
    team,
    deposit,
    billing,
    hours,
    complaints,
    work,
)
# Areas of other channels, which do not know this one: they are put together elsewhere.
AREAS: tuple[Area, ...] = (*OWN, *(import_string(path) for path in settings.API_AREAS))
