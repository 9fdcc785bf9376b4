"""Who did it at the vendor: a person of the roster by their account there, else somebody whom only the vendor knows."""

from __future__ import annotations

from sqlmodel import Session

from soc.domain.actor import Actor, ActorKind, Known
from soc.integrations.kit.tickets import RemoteChange, RemoteComment
from soc.integrations.registry import KINDS
from soc.store.nouns.people.people import find_by_account, get_person


def actor_of(session: Session, integration: str, said: RemoteChange | RemoteComment | None) -> Actor:
    """A person, except for what a bot did or nobody is named for: that is the vendor's."""
    if said is None or not said.author_id or said.by_bot:
        return Actor.vendor(integration)
    there = KINDS[integration].people if integration in KINDS else None
    person = find_by_account(session, there.column, said.author_id) if there is not None else None
    if person is not None and there is not None:
        return Actor.proved(person.id, by=integration)
    return Actor(ActorKind.PERSON, f"{integration} {said.author_id}"[:200], Known.REPORT)


def owner_of(session: Session, integration: str, account: str) -> str | None:
    """The person of the roster who has this account there; None where nobody is known by it, "" for nobody's."""
    if not account:
        return ""
    there = KINDS[integration].people if integration in KINDS else None
    person = find_by_account(session, there.column, account) if there is not None else None
    return person.id if person is not None and person.active else None


def account_of(session: Session, integration: str, owner: str) -> str | None:
    """The account there of a person of the roster; None where the roster names none, "" for nobody's."""
    if not owner:
        return ""
    there = KINDS[integration].people if integration in KINDS else None
    return str(getattr(get_person(session, owner), there.column)) or None if there is not None else None
