"""Audits of resolved tickets by administrators."""
