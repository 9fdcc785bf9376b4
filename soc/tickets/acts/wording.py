"""How outcomes say who was first and when, and which texts an act takes."""

from __future__ import annotations

from datetime import datetime

from soc.domain.actor import Actor, ActorKind
from soc.domain.incident import IncidentStatus
from soc.store.nouns.incidents import IncidentRow

ENDED = (IncidentStatus.RESOLVED.value, IncidentStatus.CLOSED.value)


def is_ended(row: IncidentRow) -> bool:
    return row.status in ENDED


def named(actor: str) -> str:
    """An actor's text as people read it; what is no actor's text stays as it is."""
    try:
        who = Actor.parse(actor)
    except ValueError:
        return actor or "Somebody"
    if who.kind is ActorKind.KEY:
        return f"The API key {who.id}"
    return "Somebody" if who.known == "unsaid" and who.kind is ActorKind.PERSON else who.id


def since(moment: datetime) -> str:
    """The moment in UTC, as texts say it that many people read."""
    return f"at {moment:%Y-%m-%d %H:%M} UTC"


def one_line(text: str) -> bool:
    """No control characters: it is shown on one line, in terminals too."""
    return not any(ord(character) < 32 or ord(character) == 127 for character in text)
