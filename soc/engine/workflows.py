"""What the engine runs: batches, tries, and the schedules."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from dbos import DBOS, ScheduleInput

from soc import clock
from soc.batches.run import list_unmoved, run_batch
from soc.configuration.readiness import check_every_readiness
from soc.delivery import queues
from soc.delivery.attempt import attempt
from soc.delivery.fallback import send_fallbacks
from soc.delivery.follow_up import follow_open_ends
from soc.delivery.ledger import Try
from soc.delivery.revival import rearm
from soc.errors import where_it_broke
from soc.sla.clocks import watch
from soc.store.db import read_session, write_session
from soc.store.deliveries import list_overdue
from soc.tickets.opening import follow_delivery, link_forgotten_alerts
from soc.tickets.sync import sync_quietly

log = structlog.get_logger(__name__)

#: A delivery that is due this long and has not moved has lost its workflow.
OVERDUE = timedelta(seconds=45)
#: States of a workflow that will go on by itself.
_ALIVE = frozenset({"PENDING", "ENQUEUED", "DELAYED"})

# No recorded steps: ledger and batch know themselves how far they are, so a workflow that is run again after a
# crash asks them, and each try costs the engine one transaction less.


@DBOS.workflow(name=queues.DELIVER)
def deliver(delivery_id: str, number: int, integration: str = "") -> None:
    """One try. It catches everything: a workflow that ends on an exception would be lost for good."""
    try:
        queues.enqueue_tries(
            attempt(delivery_id, number, integration, executor=str(DBOS.executor_id), follow=follow_delivery)
        )
    except Exception as error:  # noqa: BLE001 - it must not end the workflow; the sweep or the next tick goes on
        log.error("try_broke_off", delivery=delivery_id, number=number, **where_it_broke(error))


@DBOS.workflow(name=queues.RUN_BATCH)
def run_batch_workflow(batch_id: str) -> None:
    try:
        queues.enqueue_tries(run_batch(batch_id))
    except Exception as error:  # noqa: BLE001 - it must not end the workflow; the sweep or the next tick goes on
        log.error("batch_broke_off", batch=batch_id, **where_it_broke(error))


def sweep(*, overdue: timedelta = OVERDUE) -> int:
    """Find what lost its workflow and give it one; returns how many that were.

    The ledger is the truth: whatever is not final and is due has to have a live workflow.
    """
    now = clock.now()
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
    tries += link_forgotten_alerts()
    tries += send_fallbacks()
    queues.enqueue_tries(tries)
    batches = list_unmoved(max(overdue, OVERDUE))
    known = _workflow_states([queues.batch_workflow_id(batch_id) for batch_id in batches])
    for batch_id in batches:
        if queues.batch_workflow_id(batch_id) not in known:
            queues.enqueue_batch(batch_id)
    return len(tries)


def _workflow_states(ids: list[str]) -> dict[str, str]:
    """The state of each workflow that the engine knows."""
    known: dict[str, str] = {}
    for start in range(0, len(ids), 500):
        found = DBOS.list_workflows(
            workflow_ids=ids[start : start + 500], load_input=False, load_output=False
        )
        known.update({one.workflow_id: str(one.status) for one in found})
    return known


def sweep_at_start() -> None:
    """Look after everything that is due at once; a row that cannot be read must not keep the product from starting."""
    _quietly(lambda: sweep(overdue=timedelta(0)))


@DBOS.workflow(name="sweep")
def sweep_tick(_scheduled: datetime, _context: Any) -> None:
    _quietly(sweep)


@DBOS.workflow(name="sync_tickets")
def sync_tick(_scheduled: datetime, _context: Any) -> None:
    _quietly(sync_quietly)


@DBOS.workflow(name="follow_open_ends")
def follow_tick(_scheduled: datetime, _context: Any) -> None:
    _quietly(follow_open_ends)


@DBOS.workflow(name="check_readiness")
def readiness_tick(_scheduled: datetime, _context: Any) -> None:
    _quietly(check_every_readiness)


@DBOS.workflow(name="watch_sla")
def watch_tick(_scheduled: datetime, _context: Any) -> None:
    _quietly(watch)


def _quietly(work: Any) -> None:
    """A schedule's work may fail at one tick (the database is away); the next tick does it again."""
    try:
        work()
    except Exception as error:  # noqa: BLE001 - it must not end the workflow; the sweep or the next tick goes on
        log.error("schedule_failed", work=getattr(work, "__name__", "?"), **where_it_broke(error))


SCHEDULES: list[ScheduleInput] = [
    {"schedule_name": "sweep", "workflow_fn": sweep_tick, "schedule": "*/15 * * * * *", "context": None},
    {
        "schedule_name": "sync_tickets",
        "workflow_fn": sync_tick,
        "schedule": "*/30 * * * * *",
        "context": None,
    },
    {
        "schedule_name": "follow_open_ends",
        "workflow_fn": follow_tick,
        "schedule": "*/10 * * * * *",
        "context": None,
    },
    {
        "schedule_name": "check_readiness",
        "workflow_fn": readiness_tick,
        "schedule": "0 15 5 * * *",
        "context": None,
    },
    {"schedule_name": "watch_sla", "workflow_fn": watch_tick, "schedule": "0 * * * * *", "context": None},
]
