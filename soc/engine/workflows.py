"""What the engine runs: a batch, and one try of a delivery."""

from __future__ import annotations

import structlog
from dbos import DBOS

from soc.batches.run import run_batch
from soc.delivery import queues
from soc.delivery.attempt import attempt
from soc.engine.heartbeat import Heartbeat
from soc.errors import where_it_broke
from soc.tickets.opening import follow_delivery

log = structlog.get_logger(__name__)

# No recorded steps: ledger and batch know themselves how far they are, so a workflow that is run again after a
# crash asks them, and each try costs the engine one transaction less.


_heart: Heartbeat | None = None


def hold_by(heart: Heartbeat) -> None:
    """From now on, what is begun here belongs to this heart's run, and is sent only while that lasts."""
    global _heart
    _heart = heart


@DBOS.workflow(name=queues.DELIVER)
def deliver(delivery_id: str, number: int, integration: str = "") -> None:
    """One try. It catches everything: a workflow that ends on an exception would be lost for good."""
    heart = _heart
    run = heart.run if heart else 0
    try:
        queues.enqueue_tries(
            attempt(
                delivery_id,
                number,
                integration,
                executor=str(DBOS.executor_id),
                run=run,
                holds=lambda: heart is None or heart.holds(run),
                follow=follow_delivery,
            )
        )
    except Exception as error:  # noqa: BLE001 - it must not end the workflow; the sweep or the next tick goes on
        log.error("try_broke_off", delivery=delivery_id, number=number, **where_it_broke(error))


@DBOS.workflow(name=queues.RUN_BATCH)
def run_batch_workflow(batch_id: str, number: int = 0) -> None:
    """One try. An older version enqueued batches without a number."""
    try:
        queues.enqueue_tries(run_batch(batch_id, number))
    except Exception as error:  # noqa: BLE001 - it must not end the workflow; the sweep or the next tick goes on
        log.error("try_of_batch_lost", batch=batch_id, number=number, **where_it_broke(error))
