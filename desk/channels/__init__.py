"""How partners reach us and hear back: intake and outbox of every channel."""
