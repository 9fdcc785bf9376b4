"""How people call whoever acts: in outcomes, below alerts, in the history of an incident."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session

from soc.domain.actor import AT_A_PAGE, AT_THE_SHELL, IN_PYTHON, ON_LOOPBACK, Actor, ActorKind
from soc.integrations.registry import titles
from soc.store.nouns.people.people import PersonRow

#: Whom no row and no kind names.
_KNOWN = {
    str(AT_A_PAGE): "Somebody at the page",
    str(ON_LOOPBACK): "Somebody through the API",
    str(AT_THE_SHELL): "Somebody at the shell",
    str(IN_PYTHON): "Somebody's Python",
    str(Actor.rule("assignment")): "The roster's rules",
}
#: Beside what people do, a part's bare name ("joining", "batch") would read as if somebody were called so.
_OTHERS = {
    ActorKind.KEY: "The API key {id}",
    ActorKind.RULE: "The rule {id}",
    ActorKind.SYSTEM: "The product ({id})",
    ActorKind.PERSON: "Somebody ({id})",
    ActorKind.VENDOR: "{id}",
}


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
    called = titles([who.id]) if who.kind is ActorKind.VENDOR else ""
    return _KNOWN.get(actor) or _OTHERS[who.kind].format(id=called or who.id)


def person_named(session: Session, person_id: str) -> str:
    """The name of a person of the roster; the id of one who is not there; “nobody” for none."""
    person = session.get(PersonRow, person_id) if person_id else None
    return person.name if person is not None else person_id or "nobody"
