"""Specialists who obey and specialists who break named clauses at known moments: the proof that
the machine's control finds every violation that was planned, and no other."""
