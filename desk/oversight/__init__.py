"""The Standard, machine control, violations, audits, complaints, day plans."""
