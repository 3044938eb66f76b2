"""What happened: append-only facts, and the source of the outbox."""
