"""For the sweep: interactions that lost their workflow get one, and those that broke off too often are given up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta

from soc import clock
from soc.delivery.ledger import Try
from soc.delivery.queues import enqueue_interactions, enqueue_tries, interaction_workflow_id
from soc.domain.acts import InteractionState
from soc.store.db import read_session, write_session
from soc.store.nouns.vendors.interactions import list_due, lock_interaction
from soc.tickets.interactions.working import MOST_TRIES, give_up

#: The states of workflows by their ids.
States = Callable[[Sequence[str]], dict[str, str]]


def arm_lost_interactions(states: States, *, alive: Collection[str], silent: timedelta) -> int:
    """Give each that has not ended, and that nobody works on, its next try; returns how many those were."""
    now = clock.now()
    with read_session() as session:
        late = [(row.id, row.number) for row in list_due(session, before=now - silent)]
    known = states([interaction_workflow_id(*one) for one in late])
    armed: list[tuple[str, int]] = []
    tries: list[Try] = []
    for interaction_id, number in late:
        state = known.get(interaction_workflow_id(interaction_id, number))
        if state in alive:
            continue
        with write_session() as session:
            row = lock_interaction(session, interaction_id)
            if row.state != InteractionState.RECEIVED.value or row.number != number:
                continue
            if number >= MOST_TRIES:
                tries += give_up(session, row)
                continue
            row.number += state is not None  # a workflow that has ended is not run again under its id
            row.next_try_at = now
            session.add(row)
            armed.append((row.id, row.number))
    enqueue_interactions(armed)
    enqueue_tries(tries)
    return len(armed)
