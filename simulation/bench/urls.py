"""The desk's addresses and the floor beside them, behind the same middleware."""

from django.urls import path

from desk.config.urls import handler400, handler403, handler404, handler500
from desk.config.urls import urlpatterns as of_desk
from simulation.bench import pages

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [*of_desk, path("bench/floor", pages.floor), path("bench/empty", pages.empty)]
