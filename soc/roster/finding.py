"""The accounts of people at the vendors, found by their e-mail addresses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from soc import clock
from soc.access.people import change_person
from soc.delivery.connectors import borrow
from soc.domain.actor import Actor
from soc.errors import DeliveryError, SocError
from soc.integrations.registry import KINDS
from soc.roster.practising import fill_from_practice
from soc.store.db import read_session, write_session
from soc.store.nouns.people.people import list_people


class Found(NamedTuple):
    """`account` is "" where the vendor knows nobody by that address; `trouble` says why it could not be asked."""

    name: str
    what: str
    account: str
    trouble: str = ""


def find_accounts(*, actor: Actor) -> Sequence[Found]:
    """Ask each vendor for everybody who has an e-mail address and no account there yet; what is found is kept. A roster that is
    empty is filled with the practice vendors' people first, where these are connected.
    """
    fill_from_practice(actor=actor)
    with read_session() as session:
        people = [one for one in list_people(session) if one.email]
    needed = {
        (name, way.needs): way.needs_words for name, kind in KINDS.items() for way in kind.ways if way.needs
    }
    found: list[Found] = []
    for (kind, column), what in needed.items():
        missing = [one for one in people if not getattr(one, column)]
        with borrow(kind) as connector:
            if connector is None or not missing:
                continue
            for person in missing:
                try:
                    account = connector.find_account(person.email)
                    if account:
                        with write_session() as session:
                            change_person(session, person.id, {column: account}, actor=actor, now=clock.now())
                    found.append(Found(person.name, what, account))
                except DeliveryError as error:
                    found.append(Found(person.name, what, "", error.message))
                    break  # who cannot be asked for one cannot be asked for the others
                except SocError as error:
                    found.append(Found(person.name, what, "", error.message))
    return found
