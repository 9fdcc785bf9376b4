"""The rule itself, and its words. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from soc.clock import describe


class Way(StrEnum):
    """What becomes of something that one knows already."""

    #: It belongs to what is still open: one comment there, fresh fields.
    JOINED = "joined"
    #: What was done is opened again, in a new cycle.
    REOPENED = "reopened"
    #: What was done stays so; a new ticket follows it, and says so.
    FOLLOWS = "follows"


def way_of(ended_at: datetime | None, *, now: datetime, window: timedelta) -> Way:
    """Of what ended then (None: it is open). The window's last moment still reopens."""
    if ended_at is None:
        return Way.JOINED
    return Way.REOPENED if now - ended_at <= window else Way.FOLLOWS


def in_words(way: Way, name: str, ended_at: datetime | None, *, now: datetime) -> str:
    """Why something is not told again, or that it is; `name` is the ticket's key, or how the incident is called."""
    ago = describe(now - ended_at) if ended_at is not None else ""
    if way is Way.JOINED:
        return f"Joined to {name}, which is open."
    if way is Way.REOPENED:
        return f"Joined to {name}, which was done {ago} ago and is open again."
    return f"Follows {name}, which was done {ago} ago."
