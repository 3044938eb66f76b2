"""Caps, waiting projects, covers, hand-overs, absences."""
