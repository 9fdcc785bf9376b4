"""All that one person holds goes to another, ticket by ticket, as one group of the audit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from soc import clock
from soc.delivery.ledger import Try
from soc.delivery.queues import enqueue_tries
from soc.domain.actor import Actor
from soc.domain.acts import Ending
from soc.errors import ConfigurationError
from soc.ids import new_id
from soc.store.db import read_session, write_session
from soc.store.nouns.people.people import get_person
from soc.store.nouns.people.roster import list_held
from soc.store.nouns.tickets.tickets import TicketRow
from soc.tickets import acts


class HandedOver(NamedTuple):
    """`moved` have the new owner; `kept` (key, reason) do not: somebody else was first."""

    moved: Sequence[str]
    kept: Sequence[tuple[str, str]]


#: So many change hands in one transaction.
_PORTION = 100


def what_is_held(person_id: str) -> Sequence[TicketRow]:
    """What would change hands, the one that runs out first on top. Raises NotFound."""
    with read_session() as session:
        get_person(session, person_id)
        return list_held(session, person_id)


def hand_over(from_id: str, to_id: str, *, actor: Actor, key: str = "") -> HandedOver:
    """Every open ticket of the one becomes the other's. The same `key` does it once. Raises NotFound, ConfigurationError."""
    if from_id == to_id:
        raise ConfigurationError("That is the same person.", hint="Choose who takes over.")
    with read_session() as session:
        get_person(session, from_id)
        if not get_person(session, to_id).active:
            raise ConfigurationError("Whoever takes over has left.", hint="Choose somebody who works here.")
    group = key or new_id("hov")
    moved: dict[str, None] = {}
    kept: list[tuple[str, str]] = []
    tickets = what_is_held(from_id)
    for start in range(0, len(tickets), _PORTION):
        tries: list[Try] = []
        with write_session() as session:
            for one in tickets[start : start + _PORTION]:
                asked = acts.Asked(actor, f"hand-over:{group}", group=group, at=clock.now())
                outcome = acts.assign(session, one.incident_id, to_id, asked, expected=from_id)
                tries += outcome.tries
                if outcome.ending in (Ending.DONE, Ending.ALREADY):
                    moved[one.key] = None
                else:
                    kept.append((one.key, outcome.said))
        enqueue_tries(tries)
    return HandedOver(tuple(moved), tuple(kept))
