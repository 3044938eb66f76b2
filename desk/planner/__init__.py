"""The capacity planner: queueing simulation, no database (specification 5).

All durations are minutes of working time: the hours in which the desk is closed are left out, as
the desk's own clocks leave them out. The same seed gives the same figures.
"""
