"""Background work: the relay, the schedule and the tasks."""
