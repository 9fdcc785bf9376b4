"""The queues, how fast each hands out its work, and the way for work into them from any floor below the engine.

A process that runs no engine writes its intents all the same: the sweep of a process that does finds them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from soc import clock
from soc.errors import where_it_broke
from soc.integrations.kit.kind import QueueLimits
from soc.integrations.registry import KINDS

log = structlog.get_logger(__name__)


class Job(NamedTuple):
    """A workflow to run: on which queue, which one, its id, its arguments, and how long from now at the earliest."""

    queue: str
    workflow: str
    workflow_id: str
    arguments: tuple[str | int, ...]
    delay: timedelta = timedelta(0)


Enqueue = Callable[[Sequence[Job]], None]

BATCH_QUEUE = "batches"
#: So many batches are under way in a process at once. They share one pool in turns (soc.analysis.lanes), so a small
#: one never waits for a long one; each costs a thread and what has been found in it so far.
BATCHES_AT_ONCE = 32
DELIVER = "deliver"
RUN_BATCH = "run_batch"
INTERACTION_QUEUE = "interactions"
WORK_INTERACTION = "work_interaction"

_enqueue: Enqueue | None = None


def open_queues(enqueue: Enqueue) -> None:
    """The engine is up: work goes to it from now on."""
    global _enqueue
    _enqueue = enqueue


def close_queues() -> None:
    global _enqueue
    _enqueue = None


def try_workflow_id(delivery_id: str, try_number: int) -> str:
    """The same try has the same workflow, whoever enqueues it, so it runs once."""
    return f"deliver-{delivery_id}-{try_number}"


def batch_workflow_id(batch_id: str, number: int) -> str:
    """Of a batch's try, as of a delivery's: an id whose workflow has ended is never run again."""
    return f"batch-{batch_id}-{number}"


def interaction_workflow_id(interaction_id: str, number: int) -> str:
    """Of an interaction's try, as of a delivery's."""
    return f"interaction-{interaction_id}-{number}"


def delivery_queue(integration: str, action: str) -> str:
    """The integration's queue; where a kind declares limits of their own for changes of sent alerts, those queue apart."""
    kind = KINDS.get(integration)
    apart = action == "update_alert" and kind is not None and kind.update_limits is not None
    return f"deliver-{integration}-updates" if apart else f"deliver-{integration}"


def integration_of(queue: str) -> str:
    """The integration whose deliveries wait in this queue."""
    return queue.removeprefix("deliver-").removesuffix("-updates")


#: How often a queue's thread turns. Only where there is work does each turn look into the database (soc.engine.portions).
POLL_SECONDS = 0.1
#: By kind, as each declares them.
VENDOR_LIMITS: dict[str, QueueLimits] = {name: kind.limits for name, kind in KINDS.items()}
QUEUES: dict[str, QueueLimits] = {
    BATCH_QUEUE: QueueLimits(concurrency=BATCHES_AT_ONCE),
    INTERACTION_QUEUE: QueueLimits(concurrency=8),
    **{
        delivery_queue(name, "update_alert"): kind.update_limits
        for name, kind in KINDS.items()
        if kind.update_limits is not None
    },
    **{delivery_queue(name, ""): limits for name, limits in VENDOR_LIMITS.items()},
}


def enqueue_tries(tries: Sequence[tuple[str, str, int, datetime]]) -> None:
    """Each try is (queue, delivery id, try number, not before)."""
    if _enqueue is None or not tries:
        return
    now = clock.now()
    _enqueue(
        [
            Job(
                queue,
                DELIVER,
                try_workflow_id(delivery_id, number),
                (delivery_id, number, integration_of(queue)),
                max(at - now, timedelta(0)),
            )
            for queue, delivery_id, number, at in tries
        ]
    )


def enqueue_batch(batch_id: str, number: int, at: datetime | None = None) -> None:
    """Hand the batch's try `number` to the engine, to run not before `at`.

    An engine whose database does not answer now is not waited for: the row says that it is due, and the sweep looks.
    """
    if _enqueue is None:
        return
    delay = max(at - clock.now(), timedelta(0)) if at is not None else timedelta(0)
    job = Job(BATCH_QUEUE, RUN_BATCH, batch_workflow_id(batch_id, number), (batch_id, number), delay)
    try:
        _enqueue([job])
    except Exception as error:  # noqa: BLE001 - what was submitted is kept; that the engine was not told is made good
        log.warning("batch_not_enqueued", batch=batch_id, **where_it_broke(error))


def enqueue_interactions(which: Sequence[tuple[str, int]]) -> None:
    """Hand these (interaction, number of the try) to the engine; one that it does not hear of, the sweep finds."""
    if _enqueue is None or not which:
        return
    jobs = [
        Job(INTERACTION_QUEUE, WORK_INTERACTION, interaction_workflow_id(one, number), (one, number))
        for one, number in which
    ]
    try:
        _enqueue(jobs)
    except Exception as error:  # noqa: BLE001 - what was heard is kept; that the engine was not told is made good
        log.warning("interactions_not_enqueued", count=len(jobs), **where_it_broke(error))
