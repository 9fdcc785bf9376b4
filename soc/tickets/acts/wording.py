"""How outcomes say who was first and when, and which texts an act takes."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from soc.domain.actor import Actor
from soc.store.nouns.incidents.incidents import ENDED, IncidentRow
from soc.store.nouns.tickets.tickets import find_ticket


def is_ended(row: IncidentRow) -> bool:
    return row.status in ENDED


def called_by(session: Session, incident_id: str) -> str:
    """How people call an incident: by its ticket's key, else by its title."""
    ticket = find_ticket(session, incident_id)
    if ticket is not None:
        return ticket.key
    row = session.get(IncidentRow, incident_id)
    return f"“{row.title}”" if row is not None else incident_id


def is_same(one: str, other: Actor) -> bool:
    """Whether the actor's text means the same one, however he is known this time."""
    kind, _, rest = one.partition(":")
    return (kind, rest.rpartition("@")[0]) == (other.kind, other.id)


def since(moment: datetime) -> str:
    """The moment in UTC, as texts say it that many people read."""
    return f"at {moment:%Y-%m-%d %H:%M} UTC"
