"""Tickets, and each side of what is kept in step with their vendor."""
