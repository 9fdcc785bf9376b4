"""Runs a batch: one try, from its files to planned deliveries. What broke off through no fault of the files comes again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from threading import Event
from typing import NamedTuple

import structlog
from sqlmodel import Session

from soc import clock
from soc.analysis import Analysis, AnalysisHeld, AnalysisStopped, Budget, analyse_files
from soc.batches import faults
from soc.batches.faults import ProcessEnds
from soc.batches.pulse import Pulse, counted
from soc.batches.reading.folders import drop_run, fetch_source, open_work_folder, publish_run
from soc.batches.ruleset import ruleset_in_force
from soc.batches.storing import store_analysis
from soc.delivery.ledger import Try
from soc.delivery.queues import enqueue_batch
from soc.errors import SocError, where_it_broke
from soc.logs.layout import NO_BUDGET
from soc.settings import get_settings
from soc.store.db import read_session, write_session
from soc.store.faults import is_store_fault, when_the_store_answers
from soc.store.nouns.batches import batches
from soc.store.nouns.batches.batches import BatchFileRow, BatchRow, BatchState
from soc.tracing.attributes import Value
from soc.tracing.spans import Span, span

log = structlog.get_logger(__name__)

#: A store that is away this long when a try begins: the try is over, and the sweep gives the batch another.
BEGIN_PATIENCE = timedelta(minutes=1)
#: What was read is not thrown away for a store that is away: this long it waits to be stored.
STORE_PATIENCE = timedelta(minutes=10)


class _Begun(NamedTuple):
    """A try that has the batch: what fences its writes, its files, and whether a person waived the budget."""

    batch_id: str
    attempt: int
    files: Sequence[BatchFileRow]
    without_budget: bool
    created_at: datetime
    traceparent: str


class _NextTry(NamedTuple):
    number: int
    at: datetime


def run_batch(batch_id: str, number: int = 0, *, read_here: int = 0) -> list[Try]:
    """One try, to its end; returns the deliveries' tries to enqueue. `number` 0 takes whichever try comes next.
    Files of fewer bytes than `read_here` are read in this process, as very small ones always are.

    Only bad input makes the batch fail. What broke off otherwise is written down with its reason and comes again.
    Raises the database's error where it stayed away for the whole patience: the sweep gives the batch another try.
    """
    with counted() as ending:
        begun = when_the_store_answers(
            lambda: _begin(batch_id, number), patience=BEGIN_PATIENCE, give_up=ending.is_set
        )
        if isinstance(begun, _NextTry):
            enqueue_batch(batch_id, begun.number, begun.at)
        if not isinstance(begun, _Begun):
            return []
        of_it: dict[str, Value] = {"soc.batch": batch_id, "soc.batch.try": begun.attempt}
        with span("run batch", "consumer", of_it, parent=begun.traceparent) as seen:
            return _run(begun, ending, seen, read_here)


def _run(begun: _Begun, ending: Event, seen: Span, read_here: int) -> list[Try]:
    try:
        with Pulse(begun.batch_id, begun.attempt, ending) as pulse:
            with span("read files"):
                analysis = _analyse(begun, pulse, read_here)
            seen.say({"soc.batch.incidents": len(analysis.incidents)})
            with span("store incidents"):
                return when_the_store_answers(
                    lambda: store_analysis(begun.batch_id, begun.attempt, analysis),
                    patience=STORE_PATIENCE,
                    give_up=pulse.should_stop,
                )
    except AnalysisStopped:
        return _stopped(begun, ending)
    except AnalysisHeld as question:
        _write(begun, ending, partial(_hold, begun, str(question)))
    except Exception as error:  # noqa: BLE001 - whatever it is, the batch says so and what comes next
        seen.fail(type(error).__name__)
        _note(begun, error)
        _write(begun, ending, partial(_break_off, begun, error))
    return []


def _begin(batch_id: str, number: int) -> _Begun | _NextTry | None:
    with write_session() as session:
        if (put_off := _after_a_death(session, batch_id, number)) is not None:
            return put_off if put_off.number else None
        attempt = batches.begin_try(session, batch_id, number, now=clock.now())
        if attempt is None:
            return None
        row = batches.get_batch(session, batch_id)
        return _Begun(
            batch_id, attempt, batches.list_files(session, batch_id), row.without_budget, row.created_at,
            row.traceparent,
        )  # fmt: skip


def _after_a_death(session: Session, batch_id: str, number: int) -> _NextTry | None:
    """What follows where the run before this one ended without a word; None: this one goes on at once.

    A batch that kills its whole process each time is tried later and later, and has failed after some tries; then
    there is no next try (number 0).
    """
    row = batches.get_batch(session, batch_id)
    if row.state != BatchState.RUNNING or (number and row.try_number != number):
        return None
    row.failures += 1
    session.add(row)
    fault = faults.judge(faults.RunDied("The process that read it ended without a word."), row.failures)
    if fault.wait == timedelta(0):
        return None
    row.attempt += 1
    coming = _end_try(row, fault, now=clock.now())
    return coming or _NextTry(0, clock.now())


def _analyse(begun: _Begun, pulse: Pulse, read_here: int) -> Analysis:
    settings = get_settings()
    with open_work_folder(begun.batch_id) as folder:
        sources = [fetch_source(row, folder) for row in begun.files]
        analysis = analyse_files(
            sources,
            batch_id=begun.batch_id,
            out_dir=folder,
            settings=settings,
            ruleset=when_the_store_answers(
                lambda: ruleset_in_force(settings), patience=BEGIN_PATIENCE, give_up=pulse.should_stop
            ),
            on_progress=pulse,
            should_stop=pulse.should_stop,
            as_of=begun.created_at,
            read_here=read_here,
            budget=NO_BUDGET if begun.without_budget else Budget.of(settings),
        )
        for row, source in zip(begun.files, sources, strict=True):
            if not source.path.is_file():  # it went while it was read
                fetch_source(row, folder)
        publish_run(begun.batch_id, begun.attempt, folder)
    return analysis


def _stopped(begun: _Begun, ending: Event) -> list[Try]:
    """It was taken over or stopped, and others have its row; or this process ends and gives it back."""
    if ending.is_set():
        error = ProcessEnds(
            "The process that read it was told to end; it goes on in another, or at the next start."
        )
        _write(begun, ending, partial(_break_off, begun, error))
    else:
        _clear_up(begun)
    return []


def _clear_up(begun: _Begun) -> None:
    """Remove what was read for nothing, unless another run has the batch: it may write to the same place."""
    with read_session() as session:
        row = batches.get_batch(session, begun.batch_id)
    if row.state == BatchState.STOPPED and row.attempt == begun.attempt + 1:
        drop_run(begun.batch_id, begun.attempt)


def _note(begun: _Begun, error: Exception) -> None:
    """For the log: where it broke, never what the error says of what was read."""
    if isinstance(error, SocError) or is_store_fault(error):
        log.warning("batch_broke_off", batch=begun.batch_id, error=type(error).__name__)
    else:
        log.error("batch_broke_off", batch=begun.batch_id, **where_it_broke(error))


def _write(begun: _Begun, ending: Event, write: Callable[[], _NextTry | None]) -> None:
    """Write how the try ended, as soon as the store answers, and hand its next try to the engine."""
    coming = when_the_store_answers(write, patience=STORE_PATIENCE, give_up=ending.is_set)
    if coming is not None:
        enqueue_batch(begun.batch_id, coming.number, coming.at)


def _hold(begun: _Begun, question: str) -> None:
    with write_session() as session:
        batches.update_fenced(
            session, begun.batch_id, begun.attempt, state=BatchState.HELD.value, error=question, stage=""
        )


def _break_off(begun: _Begun, error: Exception) -> _NextTry | None:
    """Failed, or waiting for the next try, which it returns."""
    now = clock.now()
    with write_session() as session:
        if not batches.still_owned(session, begun.batch_id, begun.attempt):
            return None
        row = batches.get_batch(session, begun.batch_id)
        row.failures += 1
        fault = faults.judge(error, row.failures)
        if isinstance(error, ProcessEnds):
            row.failures -= 1
        return _end_try(row, fault, now=now)


def _end_try(row: BatchRow, fault: faults.Fault, *, now: datetime) -> _NextTry | None:
    row.error, row.stage, row.current_file = fault.reason, "", ""
    if fault.wait is None:
        row.state, row.finished_at = BatchState.FAILED.value, now
        return None
    row.state, row.next_try_at = BatchState.RETRY.value, now + fault.wait
    row.try_number += 1
    return _NextTry(row.try_number, row.next_try_at)
