"""The desk's own settings, with the floors of the benchmark beside the desk's addresses."""

from desk.config.settings import *  # noqa: F403  # all of them, that is the point
from desk.config.settings import MIDDLEWARE as OF_DESK

ROOT_URLCONF = "simulation.bench.urls"
GATE = OF_DESK.index("desk.channels.api.gate.GateMiddleware")
MIDDLEWARE = [*OF_DESK[:GATE], "simulation.bench.bare.BareMiddleware", *OF_DESK[GATE:]]
