"""Composition root: settings, urls, asgi, worker, embedded database, command line."""
