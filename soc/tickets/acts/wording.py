"""How outcomes say who was first and when, and which texts an act takes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from soc.domain.actor import AT_A_PAGE, AT_THE_SHELL, IN_PYTHON, ON_LOOPBACK, Actor, ActorKind
from soc.store.nouns.incidents.incidents import ENDED, IncidentRow
from soc.store.nouns.people.people import PersonRow
from soc.store.nouns.tickets.tickets import find_ticket


def is_ended(row: IncidentRow) -> bool:
    return row.status in ENDED


def named(session: Session, actor: str) -> str:
    """An actor's text as people read it: a person of the roster by name. What is no actor's text stays as it is."""
    try:
        who = Actor.parse(actor)
    except ValueError:
        return actor or "Somebody"
    return display_actor(actor, {who.id: person_named(session, who.id)} if who.of_roster else {})


def display_actor(actor: str, names: Mapping[str, str]) -> str:
    """The same where people's names are at hand, by their ids."""
    try:
        who = Actor.parse(actor)
    except ValueError:
        return actor or "Somebody"
    if who.of_roster:
        return names.get(who.id, who.id)
    if who.kind is ActorKind.KEY:
        return f"The API key {who.id}"
    return _WAYS_IN.get(actor, who.id)


_WAYS_IN = {
    str(AT_A_PAGE): "Somebody at the page",
    str(ON_LOOPBACK): "Somebody through the API",
    str(AT_THE_SHELL): "Somebody at the shell",
    str(IN_PYTHON): "Somebody's Python",
}


def called_by(session: Session, incident_id: str) -> str:
    """How people call an incident: by its ticket's key, else by its title."""
    ticket = find_ticket(session, incident_id)
    if ticket is not None:
        return ticket.key
    row = session.get(IncidentRow, incident_id)
    return f"“{row.title}”" if row is not None else incident_id


def person_named(session: Session, person_id: str) -> str:
    """The name of a person of the roster; the id of one who is not there; “nobody” for none."""
    person = session.get(PersonRow, person_id) if person_id else None
    return person.name if person is not None else person_id or "nobody"


def is_same(one: str, other: Actor) -> bool:
    """Whether the actor's text means the same one, however he is known this time."""
    kind, _, rest = one.partition(":")
    return (kind, rest.rpartition("@")[0]) == (other.kind, other.id)


def since(moment: datetime) -> str:
    """The moment in UTC, as texts say it that many people read."""
    return f"at {moment:%Y-%m-%d %H:%M} UTC"
