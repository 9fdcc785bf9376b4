"""Incidents: how they come, grow, belong together; what people did and wrote."""
