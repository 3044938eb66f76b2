"""A seeded world of partners, specialists and days that drives the real actions."""
