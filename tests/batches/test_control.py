"""Stop, run again, go on; and the sweep that gives lost batches their next try."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from soc.batches import control, run
from soc.batches.intake import keep_paste, submit_batch
from soc.batches.reading.folders import events_of
from soc.delivery import queues
from soc.delivery.queues import Job
from soc.domain.actor import AT_A_PAGE, Actor
from soc.errors import Conflict, NotFound
from soc.logs.layout import ReadOptions
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchRow, BatchState, get_batch
from soc.store.nouns.deliveries.deliveries import count_by_state
from tests.rows import add_batch

NOW = datetime(2026, 1, 15, tzinfo=UTC)
SILENT = timedelta(seconds=45)
WHO = Actor.system("test")


@pytest.fixture(autouse=True)
def jobs() -> Iterator[list[Job]]:
    migrate()
    found: list[Job] = []
    queues.open_queues(found.extend)
    yield found
    queues.close_queues()


def submit() -> str:
    return submit_batch([(keep_paste("a line"), ReadOptions())], idempotency_key="k", actor=AT_A_PAGE)


def kept(batch_id: str) -> BatchRow:
    with read_session() as session:
        return get_batch(session, batch_id)


def add(batch_id: str = "b", **values: Any) -> None:
    with write_session() as session:
        add_batch(session, batch_id, **{"state": "running", **values})


def test_a_batch_that_is_stopped_before_its_turn_is_never_read() -> None:
    batch = submit()
    control.stop_batch(batch, actor=WHO)
    assert run.run_batch(batch, 1) == []
    row = kept(batch)
    assert (row.state, row.attempt, row.lines_in, row.changed_by) == ("stopped", 1, 0, str(WHO))


def test_a_run_that_is_stopped_stores_nothing_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = submit()
    real = run.analyse_files

    def stopped(*arguments: Any, **named: Any) -> Any:
        control.stop_batch(batch, actor=WHO)
        named["on_progress"].beat()
        return real(*arguments, **named)

    monkeypatch.setattr(run, "analyse_files", stopped)
    assert run.run_batch(batch, 1) == []
    row = kept(batch)
    assert (row.state, row.lines_in, row.error) == ("stopped", 0, "")
    assert events_of(batch).names() == []


def test_a_run_that_is_stopped_while_it_stores_stores_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = submit()
    real = run.analyse_files

    def stopped(*arguments: Any, **named: Any) -> Any:
        found = real(*arguments, **named)
        control.stop_batch(batch, actor=WHO)
        return found

    monkeypatch.setattr(run, "analyse_files", stopped)
    assert run.run_batch(batch, 1) == []
    with read_session() as session:
        assert sum(count_by_state(session, batch_id=batch).values()) == 0
    assert kept(batch).state == "stopped"


def test_a_batch_that_was_stopped_can_be_run_again_to_its_end(jobs: list[Job]) -> None:
    batch = submit()
    control.stop_batch(batch, actor=WHO)
    control.run_again(batch, actor=WHO)
    assert (kept(batch).state, jobs[-1].workflow_id) == ("queued", f"batch-{batch}-2")
    run.run_batch(batch, 2)
    assert (kept(batch).state, kept(batch).lines_in) == ("finished", 1)


@pytest.mark.parametrize("state", ["failed", "stopped", "held", "retry"])
def test_what_has_broken_off_can_be_run_again_with_its_failures_forgotten(
    state: str, jobs: list[Job]
) -> None:
    add(state=state, failures=4, try_number=7, error="why", next_try_at=NOW, finished_at=NOW)
    control.run_again("b", actor=WHO)
    row = kept("b")
    assert (row.state, row.failures, row.error, row.try_number, row.finished_at) == ("queued", 0, "", 8, None)
    assert [job.workflow_id for job in jobs] == ["batch-b-8"]


@pytest.mark.parametrize("state", ["queued", "running"])
def test_what_is_under_way_is_not_run_twice(state: str, jobs: list[Job]) -> None:
    add(state=state)
    control.run_again("b", actor=WHO)
    control.go_on("b", actor=WHO)
    assert (kept("b").state, kept("b").try_number, jobs) == (state, 1, [])


def test_a_held_batch_goes_on_without_its_budget() -> None:
    add(state="held", error="It unpacks to much.")
    control.go_on("b", actor=WHO)
    assert (kept("b").state, kept("b").without_budget, kept("b").changed_by) == ("queued", True, str(WHO))


def test_what_has_ended_is_neither_stopped_nor_run_again() -> None:
    add(state="finished")
    add("f", state="failed")
    for refused in (control.stop_batch, control.run_again, control.go_on):
        with pytest.raises(Conflict):
            refused("b", actor=WHO)
    for refused in (control.stop_batch, control.go_on):
        with pytest.raises(Conflict):
            refused("f", actor=WHO)
    with pytest.raises(NotFound):
        control.stop_batch("none", actor=WHO)


def test_to_stop_twice_is_to_stop_once() -> None:
    add(state="running", attempt=1)
    control.stop_batch("b", actor=WHO)
    control.stop_batch("b", actor=Actor.system("another"))
    assert (kept("b").attempt, kept("b").changed_by) == (2, str(WHO))


def arm(known: dict[str, str]) -> int:
    def states(ids: Sequence[str]) -> dict[str, str]:
        return {one: known[one] for one in ids if one in known}

    with time_machine.travel(NOW, tick=False):
        return control.arm_lost(states, alive={"PENDING", "ENQUEUED", "DELAYED"}, silent=SILENT)


@pytest.mark.parametrize("ended", ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"])
@pytest.mark.parametrize("state", ["queued", "running", "retry"])
def test_a_batch_whose_workflow_has_ended_without_it_gets_another(
    ended: str, state: str, jobs: list[Job]
) -> None:
    add(state=state, try_number=3, attempt=3, created_at=NOW - timedelta(days=1))
    assert arm({"batch-b-3": ended}) == 1
    assert (kept("b").state, kept("b").try_number, kept("b").attempt) == ("queued", 4, 4)
    assert [job.workflow_id for job in jobs] == ["batch-b-4"]


def test_a_batch_that_an_older_version_left_running_is_found(jobs: list[Job]) -> None:
    add(attempt=1, heartbeat_at=NOW - timedelta(days=1), created_at=NOW - timedelta(days=2))
    assert arm({"batch-b": "SUCCESS"}) == 1
    assert [job.workflow_id for job in jobs] == ["batch-b-2"]


def test_a_batch_that_was_never_handed_to_an_engine_is_at_once_and_keeps_its_try(jobs: list[Job]) -> None:
    add(state="queued", created_at=NOW - timedelta(seconds=1))
    assert arm({}) == 1
    assert (kept("b").try_number, jobs[0].workflow_id) == (1, "batch-b-1")


@pytest.mark.parametrize("alive", ["PENDING", "ENQUEUED", "DELAYED"])
@pytest.mark.parametrize("workflow", ["batch-b-1", "batch-b"])
def test_a_batch_whose_workflow_lives_is_left_to_it(alive: str, workflow: str, jobs: list[Job]) -> None:
    add(heartbeat_at=NOW - timedelta(days=1), created_at=NOW - timedelta(days=1))
    assert (arm({workflow: alive}), jobs) == (0, [])


@pytest.mark.parametrize(
    ("values", "lost"),
    [
        ({"heartbeat_at": NOW - timedelta(seconds=46)}, 1),
        ({"heartbeat_at": NOW - timedelta(seconds=44)}, 0),
        ({"state": "queued", "created_at": NOW - timedelta(seconds=46)}, 1),
        ({"state": "queued", "created_at": NOW - timedelta(seconds=44)}, 0),
        ({"state": "retry", "next_try_at": NOW - timedelta(seconds=46)}, 1),
        ({"state": "retry", "next_try_at": NOW - timedelta(seconds=44)}, 0),
        ({"state": "retry", "next_try_at": NOW + timedelta(minutes=5)}, 0),
        ({"state": "held"}, 0),
        ({"state": "stopped"}, 0),
        ({"state": "failed"}, 0),
        ({"state": "finished"}, 0),
    ],
)
def test_in_place_of_a_workflow_that_has_ended_another_comes_after_a_silence(
    values: dict[str, Any], lost: int
) -> None:
    add(**{"created_at": NOW - timedelta(days=1), **values})
    assert arm({"batch-b-1": "SUCCESS"}) == lost


def test_a_try_that_is_not_due_yet_is_not_handed_over_early(jobs: list[Job]) -> None:
    add(state="retry", next_try_at=NOW + timedelta(seconds=1), created_at=NOW - timedelta(days=1))
    assert (arm({}), jobs) == (0, [])


def test_every_state_either_moves_by_itself_or_can_be_moved_by_a_person() -> None:
    for state in BatchState:
        stuck = state not in control.MOVES and state not in control.CAN_RUN_AGAIN
        assert stuck == (state == BatchState.FINISHED)


def test_the_thread_of_a_pulse_ends_with_its_run() -> None:
    run.run_batch(submit(), 1)
    assert not [one for one in threading.enumerate() if one.name.startswith("pulse-")]
