"""Who somebody at a vendor is here: by the roster's id for them, else by the e-mail address that the vendor tells."""

from __future__ import annotations

from dataclasses import dataclass

from soc import clock
from soc.access.people import change_person
from soc.delivery.connectors import borrow
from soc.domain.actor import Actor
from soc.domain.people import Role
from soc.integrations.kit.inbound.interactive import InteractiveConnector, PeopleThere
from soc.integrations.registry import KINDS
from soc.store.db import read_session, write_session
from soc.store.nouns.people.people import PersonRow, find_by_account, find_by_email
from soc.store.nouns.vendors.interactions import InteractionRow

#: Who may act on incidents there. An executive is told of them and works on none.
MAY_ACT = frozenset({Role.ANALYST, Role.LEAD, Role.MANAGER, Role.ADMINISTRATOR})


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    actor: Actor


@dataclass(frozen=True)
class Nobody:
    """Why whoever asked may not; in words for them."""

    why: str
    person_id: str = ""


def find_person(row: InteractionRow) -> Person | Nobody:
    """Who it was, if they may act here. Asks the vendor where the roster does not have the id; no transaction is open then.

    Raises DeliveryError where the vendor cannot be asked now.
    """
    kind = KINDS.get(row.integration)
    there = kind.people if kind is not None else None
    if there is None or kind is None:
        return Nobody("Nobody's buttons are heard from there.")
    with read_session() as session:
        found = find_by_account(session, there.column, row.who)
    if found is None:
        found = _by_email(row.integration, there, row.who)
    if found is None:
        return Nobody(
            f"{kind.title} tells who you are, and the roster here has nobody of that id or e-mail address: nothing was done. "
            "Ask whoever keeps the roster (page Roster, or `soc people add`) to add you."
        )
    if not found.active:
        return Nobody("The roster says that you have left: nothing was done.", found.id)
    if found.role not in MAY_ACT:
        return Nobody(
            f"Your role in the roster ({found.role}) does not work on incidents: nothing was done.", found.id
        )
    return Person(found.id, found.name, Actor.proved(found.id, by=row.integration))


def _by_email(integration: str, there: PeopleThere, who: str) -> PersonRow | None:
    """The person of this e-mail address; from now on known by the id as well."""
    with borrow(integration) as connector:
        email = connector.email_of(who) if isinstance(connector, InteractiveConnector) else ""
    if not email:
        return None
    with write_session() as session:
        found = find_by_email(session, email)
        if found is not None and not getattr(found, there.column):
            given, vendor = {there.column: who}, Actor.vendor(integration)
            found = change_person(session, found.id, given, actor=vendor, now=clock.now())
    return found
