"""Schedules, absences, the timeline of what a specialist does."""
