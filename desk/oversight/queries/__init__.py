"""Reading the Standard and what came of it."""
