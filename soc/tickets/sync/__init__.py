"""Tickets kept in step with the vendor that has them, in both directions: what is changed there, and where both were changed."""

from soc.tickets.sync.poll import sync_quietly, sync_tickets

__all__ = ["sync_quietly", "sync_tickets"]
