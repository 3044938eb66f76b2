"""Mails that wait for a person, and whose they are: read, released, attributed, blocked."""
