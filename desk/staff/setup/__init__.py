"""The owner's pages: first-run wizard, plans, calendars, people, health."""
