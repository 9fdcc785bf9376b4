"""Tickets that exist: read with their history and comments, and changed without overwriting anybody."""
