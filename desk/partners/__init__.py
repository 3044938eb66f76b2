"""Partners, projects, people and roles, who leads whom, caps, cover."""
