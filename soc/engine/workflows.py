"""What the engine runs: a batch, one try of a delivery, and what a person did at a vendor."""

from __future__ import annotations

import structlog
from dbos import DBOS

from soc.batches.run import run_batch
from soc.delivery import queues
from soc.delivery.attempt import attempt
from soc.delivery.local.sender import sender
from soc.errors import where_it_broke
from soc.escalation.following import follow_delivery
from soc.tickets.interactions.working import work_interaction
from soc.tickets.told import record_refusal

log = structlog.get_logger(__name__)

# No recorded steps: ledger and batch know themselves how far they are, so a workflow that is run again after a
# crash asks them, and each try costs the engine one transaction less.


@DBOS.workflow(name=queues.DELIVER)
def deliver(delivery_id: str, number: int, integration: str = "") -> None:
    """One try. It catches everything: a workflow that ends on an exception would be lost for good."""
    mine = sender()
    try:
        queues.enqueue_tries(
            attempt(
                delivery_id,
                number,
                integration,
                executor=mine.executor,
                run=mine.run,
                holds=mine.holds,
                follow=follow_delivery,
                refused=record_refusal,
            )
        )
    except Exception as error:  # noqa: BLE001 - it must not end the workflow; the sweep or the next tick goes on
        log.error("try_broke_off", delivery=delivery_id, number=number, **where_it_broke(error))


@DBOS.workflow(name=queues.WORK_INTERACTION)
def work_interaction_workflow(interaction_id: str, number: int) -> None:
    """One try. What a person did at a vendor is done in one transaction: cut off, it is done by the next one."""
    try:
        queues.enqueue_tries(work_interaction(interaction_id, number))
    except Exception as error:  # noqa: BLE001 - it must not end the workflow; the sweep goes on
        log.error("interaction_broke_off", interaction=interaction_id, number=number, **where_it_broke(error))


@DBOS.workflow(name=queues.RUN_BATCH)
def run_batch_workflow(batch_id: str, number: int = 0) -> None:
    """One try. An older version enqueued batches without a number."""
    try:
        queues.enqueue_tries(run_batch(batch_id, number))
    except Exception as error:  # noqa: BLE001 - it must not end the workflow; the sweep or the next tick goes on
        log.error("try_of_batch_lost", batch=batch_id, number=number, **where_it_broke(error))
