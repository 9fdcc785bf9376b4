"""Who is on duty, and who is told: the roster and the escalation."""
