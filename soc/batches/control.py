"""What a person may do to a batch: stop it, run it again, let it go on; and what the sweep does for lost ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from soc import clock
from soc.audit.write import record
from soc.batches.reading.folders import drop_run
from soc.delivery.queues import batch_workflow_id, enqueue_batch
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.errors import Conflict
from soc.store.db import read_session, write_session
from soc.store.nouns.batches import batches
from soc.store.nouns.batches.batches import ACTIVE, BatchRow, BatchState

log = structlog.get_logger(__name__)

CAN_RUN_AGAIN = (BatchState.FAILED, BatchState.STOPPED, BatchState.HELD, BatchState.RETRY)
#: What goes on by itself.
MOVES = ACTIVE
CAN_STOP = (*ACTIVE, BatchState.HELD.value)


def stop_batch(batch_id: str, *, actor: Actor) -> None:
    """End it at once: nothing of it is stored, and it may be run again. Raises NotFound, Conflict.

    The run that is under way loses its right to write now, and ends its work within a second.
    """
    with write_session() as session:
        row = batches.get_batch(session, batch_id)
        if row.state == BatchState.STOPPED:
            return
        if row.state not in CAN_STOP:
            raise Conflict(
                f"The batch has {row.state} already.", hint="Only a batch that has not ended can be stopped."
            )
        was, attempt = row.state, row.attempt
        row.attempt += 1
        row.state, row.finished_at = BatchState.STOPPED.value, clock.now()
        row.stage, row.current_file, row.error, row.next_try_at = "", "", "", None
        row.changed_by = str(actor)
        session.add(row)
        _tell(session, actor, "stop", batch_id, before=was, after=row.state)
    if was != BatchState.RUNNING:  # else the run that is under way clears up behind itself
        drop_run(batch_id, attempt)
    log.info("batch_stopped", batch=batch_id, by=str(actor))


def run_again(batch_id: str, *, actor: Actor) -> None:
    """Have it read anew, or its next try at once. Raises NotFound, Conflict.

    One that waits for its turn or is being read is left as it is.
    """
    _take_up("run again", batch_id, CAN_RUN_AGAIN, actor, lambda _row: None)


def go_on(batch_id: str, *, actor: Actor) -> None:
    """Read a batch that was held, however large it is. Raises NotFound, Conflict."""

    def waive(row: BatchRow) -> None:
        row.without_budget = True

    _take_up("go on", batch_id, (BatchState.HELD,), actor, waive)


def _tell(session: Session, actor: Actor, action: str, batch_id: str, *, before: str, after: str) -> None:
    subject = Subject(SubjectKind.BATCH, batch_id)
    record(session, actor, action, subject, before={"state": before}, after={"state": after})


def _take_up(
    action: str,
    batch_id: str,
    states: Collection[BatchState],
    actor: Actor,
    change: Callable[[BatchRow], None],
) -> None:
    now = clock.now()
    with write_session() as session:
        row = batches.get_batch(session, batch_id)
        if row.state in (BatchState.QUEUED, BatchState.RUNNING):
            return
        if row.state not in states:
            ended = "It has finished." if row.state == BatchState.FINISHED else f"It is {row.state}."
            raise Conflict(
                f"The batch does not wait for that. {ended}", hint="Upload the files as a new batch."
            )
        _tell(session, actor, action, batch_id, before=row.state, after=BatchState.QUEUED)
        change(row)
        row.failures, row.error, row.changed_by = 0, "", str(actor)
        row.started_at = None
        number = batches.arm(session, batch_id, number=row.try_number, state=BatchState.QUEUED, now=now)
    assert number is not None  # the row was read in the same transaction
    log.info("batch_taken_up", batch=batch_id, number=number, by=str(actor))
    enqueue_batch(batch_id, number)


def arm_lost(workflow_states: Callable[[Sequence[str]], Mapping[str, str]], *, alive: Collection[str],
             silent: timedelta) -> int:  # fmt: skip
    """Give every batch that is due and has no live workflow one; returns how many.

    What the engine never heard of (a process without one took it in) is handed over at once; in place of a workflow
    that has ended comes the next try, once the batch was silent this long.
    `workflow_states` gives the state of each workflow that the engine knows; `alive` are those that go on by themselves.
    """
    now = clock.now()
    with read_session() as session:
        rows = [row for row in batches.list_active(session) if _is_due(row, now, silent)]
    known = workflow_states([name for row in rows for name in _names(row)])
    lost = [row for row in rows if not any(known.get(name) in alive for name in _names(row))]
    armed = 0
    for row in lost:
        number: int | None = row.try_number
        if batch_workflow_id(row.id, row.try_number) in known or row.state == BatchState.RUNNING:
            if _moved_last(row) >= now - silent:
                continue  # it may have ended a moment ago, with its last word on the way
            with write_session() as session:
                number = batches.arm(
                    session, row.id, number=row.try_number, state=BatchState.QUEUED, now=clock.now()
                )
        if number is not None:
            log.info("batch_armed", batch=row.id, number=number, was=row.state)
            enqueue_batch(row.id, number)
            armed += 1
    return armed


def _names(row: BatchRow) -> tuple[str, str]:
    """Its workflow's name, and the one that an older version gave."""
    return batch_workflow_id(row.id, row.try_number), f"batch-{row.id}"


def _is_due(row: BatchRow, now: datetime, silent: timedelta) -> bool:
    """Whether it should be known to the engine, or (while it runs) be heard of."""
    return _moved_last(row) < now - silent if row.state == BatchState.RUNNING else _moved_last(row) <= now


def _moved_last(row: BatchRow) -> datetime:
    if row.state == BatchState.RUNNING:
        return row.heartbeat_at or row.created_at
    return row.next_try_at or row.created_at
