"""Signing in: the gate before the pages, and the plain pages at which people prove who they are."""
