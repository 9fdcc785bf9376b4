"""Who is told before a ticket's time is up, and after: plans that follow its clock, ticks, notices, acknowledgements.

Whoever acts on tickets imports `soc.escalation.calling_off` for its effect: acts stop what is planned.
"""
