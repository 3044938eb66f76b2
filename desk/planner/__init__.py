"""The capacity planner: queueing simulation, no database."""
