"""The desk's own settings, with one address more: the floor of the pages."""

from desk.config.settings import *  # noqa: F403  # all of them, that is the point

ROOT_URLCONF = "simulation.bench.urls"
