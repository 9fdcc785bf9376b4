"""The sweep: whatever has lost its workflow gets one. The ledger is the truth, the engine only works on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from dbos import DBOS
from sqlmodel import Session

from soc import clock
from soc.batches.control import arm_lost
from soc.delivery import queues
from soc.delivery.connectors import borrow
from soc.delivery.fallback import send_fallbacks
from soc.delivery.ledger import Try
from soc.delivery.local.clock_set import bring_nearer
from soc.delivery.replay import rearm, release_forgotten
from soc.errors import SocError, where_it_broke
from soc.store.db import STORE_IS_AWAY, read_session, write_session
from soc.store.nouns.deliveries.deliveries import get_delivery
from soc.store.nouns.deliveries.outbox_due import list_orphans, list_overdue
from soc.store.paging import portions
from soc.tickets.interactions.arming import arm_lost_interactions
from soc.tickets.opening import link_forgotten_alerts

log = structlog.get_logger(__name__)

#: A delivery that is due this long and has not moved has lost its workflow.
OVERDUE = timedelta(seconds=45)
#: Two deliveries that ended in the same instant are looked for so long; at a start all are looked through.
LATELY = timedelta(hours=1)
#: What a person did at a vendor waits no longer than this for somebody who works on it.
HEARD = timedelta(seconds=10)
#: A send that was cut off is looked up so much later where its connector cannot be asked: vendors show late what they took.
SETTLE = timedelta(seconds=60)
#: A send of a process without a heart: every time-out of a request is shorter.
UNHEARD = timedelta(minutes=2)
#: States of a workflow that will go on by itself.
_ALIVE = frozenset({"PENDING", "ENQUEUED", "DELAYED"})


def sweep(*, overdue: timedelta = OVERDUE) -> int:
    """Find what lost its workflow and give it one; returns how many that were.

    The ledger is the truth: whatever is not final and is due has to have a live workflow. A part that breaks on a row is
    logged and holds no other part up; where the store is away, that is raised.
    """
    now = clock.now()
    tries: list[Try] = []
    parts: tuple[Callable[[], list[Try]], ...] = (
        lambda: _arm_late(now, overdue),
        bring_nearer,
        _bring_back_orphans,
        release_forgotten,
        lambda: link_forgotten_alerts(since=now - LATELY if overdue else None),
        send_fallbacks,
    )
    for find in parts:
        with _by_itself():
            tries += find()
    queues.enqueue_tries(tries)
    with _by_itself():
        arm_lost_interactions(_workflow_states, alive=_ALIVE, silent=min(overdue, HEARD))
    with _by_itself():
        arm_lost(_workflow_states, alive=_ALIVE, silent=max(overdue, OVERDUE))
    return len(tries)


@contextmanager
def _by_itself() -> Iterator[None]:
    try:
        yield
    except STORE_IS_AWAY:
        raise
    except Exception as error:  # noqa: BLE001 - what breaks one part must not keep the others' work from being done
        log.error("sweep_part_failed", **where_it_broke(error))


def _arm_late(now: datetime, overdue: timedelta) -> list[Try]:
    """What is due so long and has no workflow that will go on by itself."""
    with read_session() as session:
        late = [
            Try(queues.delivery_queue(row.integration, row.action), row.id, row.try_number, now)
            for row in list_overdue(session, before=now - overdue)
        ]
    status = _workflow_states([queues.try_workflow_id(one.delivery_id, one.number) for one in late])
    tries: list[Try] = []
    for one in late:
        state = status.get(queues.try_workflow_id(one.delivery_id, one.number))
        if state is None:
            tries.append(one)
        elif state not in _ALIVE:
            with write_session() as session:
                fresh = rearm(session, one.delivery_id, one.number, now=now)
            tries += [fresh] if fresh else []
    return tries


def _bring_back_orphans() -> list[Try]:
    """Sends whose process is gone and whose workflow ended all the same: nobody else would look for ten minutes."""
    with read_session() as session:
        orphans = list_orphans(session, unheard=clock.now() - UNHEARD)
    tries = []
    for delivery_id, number in orphans:
        with write_session() as session:
            settle = _settle_of(get_delivery(session, delivery_id).integration, session)
            fresh = rearm(session, delivery_id, number, now=clock.now(), settle=settle)
        tries += [fresh] if fresh else []
    return tries


def _settle_of(kind: str, session: Session) -> timedelta:
    """After how long this vendor shows what it took, as its connector says."""
    try:
        with borrow(kind, session) as connector:
            return connector.settle if connector is not None else SETTLE
    except SocError:  # settings that cannot be used: it waits for them anyway
        return SETTLE


def _workflow_states(ids: Sequence[str]) -> dict[str, str]:
    """The state of each workflow that the engine knows."""
    known: dict[str, str] = {}
    for some in portions(ids):
        found = DBOS.list_workflows(workflow_ids=list(some), load_input=False, load_output=False)
        known.update({one.workflow_id: str(one.status) for one in found})
    return known
