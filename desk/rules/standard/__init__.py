"""The Standard: what a specialist owes when, found in what happened, and judged (specification 4).

A rule turns a stretch of journal and timeline into obligations: who owed what until when, and
when it was done. `judge` tells what became of one at an instant. Nothing here stores or asks the
time: whoever evaluates again, at whatever moments, finds the same violations at the same instants.
"""
