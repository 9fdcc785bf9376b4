"""Tries of a batch: what broke off through no fault of its files comes again by itself, and says why and when."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from soc.analysis import ProcessDied
from soc.batches import control, faults, run, storing
from soc.batches.intake import Upload, keep_paste, submit_batch
from soc.batches.pulse import end_runs
from soc.delivery import queues
from soc.delivery.queues import Job
from soc.domain.actor import AT_A_PAGE
from soc.errors import LogParseError, StoreError
from soc.logs.layout import ReadOptions
from soc.settings import get_settings
from soc.store import faults as store_faults
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchRow, get_batch
from soc.store.nouns.incidents.incidents import IncidentFilter, list_incidents

NOW = datetime(2026, 1, 15, tzinfo=UTC)
NIGHT = "source,message\nSecuritySystem,CRITICAL: Multiple failed root login attempts - potential breach\n"
AWAY = sa.exc.OperationalError("SELECT 1", {}, Exception("the database system is shutting down"))


@pytest.fixture(autouse=True)
def jobs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Job]]:
    """What is handed to the engine; waits for the store cost no time."""
    migrate()
    found: list[Job] = []
    queues.open_queues(found.extend)
    monkeypatch.setattr(store_faults.time, "sleep", lambda _seconds: None)
    with time_machine.travel(NOW, tick=False):
        yield found
    queues.close_queues()


def submit(*uploads: Upload) -> str:
    files = [(one, ReadOptions()) for one in uploads or (keep_paste(NIGHT),)]
    return submit_batch(files, idempotency_key="k", actor=AT_A_PAGE)


def kept(batch_id: str) -> BatchRow:
    with read_session() as session:
        return get_batch(session, batch_id)


def incidents(batch_id: str) -> int:
    with read_session() as session:
        return len(list_incidents(session, IncidentFilter(batch_id=batch_id)))


def breaking(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(run, "analyse_files", broken)


ENVIRONMENT = [
    AWAY,
    sa.exc.InterfaceError("SELECT 1", {}, Exception("connection is closed")),
    sa.exc.TimeoutError("QueuePool limit"),
    OSError(errno.ENOSPC, "No space left on device", "/secret/path"),
    OSError(errno.EIO, "Input/output error", "/secret/path"),
    StoreError("The place of SOC_FILES_URL cannot be used."),
]


@pytest.mark.parametrize("error", ENVIRONMENT, ids=lambda error: type(error).__name__)
def test_a_fault_of_the_surroundings_is_tried_again_however_often(
    error: Exception, monkeypatch: pytest.MonkeyPatch, jobs: list[Job]
) -> None:
    batch = submit()
    breaking(error, monkeypatch)
    waits = []
    for number in range(1, 12):
        run.run_batch(batch, number)
        row = kept(batch)
        assert (row.state, row.try_number, row.failures) == ("retry", number + 1, number)
        assert row.error
        assert "/secret/path" not in row.error
        assert row.next_try_at is not None
        waits.append((row.next_try_at - NOW).total_seconds())
        assert jobs[-1][2:] == (f"batch-{batch}-{number + 1}", (batch, number + 1), row.next_try_at - NOW)
    assert waits == [5, 15, 30, 60, 120, 300, 300, 300, 300, 300, 300]


@pytest.mark.parametrize("error", [ProcessDied("It died."), MemoryError(), ValueError("secret-value")])
def test_what_breaks_every_time_fails_in_the_end_and_says_so(
    error: Exception, monkeypatch: pytest.MonkeyPatch, jobs: list[Job]
) -> None:
    batch = submit()
    breaking(error, monkeypatch)
    for number in range(1, faults.MOST_TRIES + 1):
        run.run_batch(batch, number)
    row = kept(batch)
    assert (row.state, row.finished_at, row.next_try_at) == ("failed", NOW, None)
    assert f"tried {faults.MOST_TRIES} times" in row.error
    assert "secret-value" not in row.error
    assert len(jobs) == faults.MOST_TRIES


def test_bad_input_fails_at_once(monkeypatch: pytest.MonkeyPatch, jobs: list[Job]) -> None:
    batch = submit()
    breaking(LogParseError("It is no log.", hint="Export it."), monkeypatch)
    run.run_batch(batch, 1)
    assert (kept(batch).state, kept(batch).error) == ("failed", "It is no log. Export it.")
    assert len(jobs) == 1


def test_a_try_that_comes_again_finishes_what_the_one_before_broke_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    batch = submit()
    with monkeypatch.context() as patch:
        breaking(AWAY, patch)
        run.run_batch(batch, 1)
    run.run_batch(batch, 2)
    row = kept(batch)
    assert (row.state, row.error, row.next_try_at, incidents(batch)) == ("finished", "", None, 1)


@pytest.mark.parametrize("number", [1, 3])
def test_a_try_whose_turn_is_over_or_has_not_come_does_nothing(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = submit()
    breaking(AWAY, monkeypatch)
    run.run_batch(batch, 1)
    before = kept(batch)
    assert run.run_batch(batch, number) == []
    assert kept(batch) == before


def test_what_was_read_waits_for_the_store_and_is_stored_once(monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = storing.add_incidents, []

    def away_three_times(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) <= 3:
            raise AWAY
        return real(*arguments, **named)

    monkeypatch.setattr(storing, "add_incidents", away_three_times)
    batch = submit()
    run.run_batch(batch, 1)
    row = kept(batch)
    assert (row.state, row.attempt, row.try_number, incidents(batch)) == ("finished", 1, 1, 1)


def test_a_store_that_stays_away_leaves_the_batch_to_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "STORE_PATIENCE", timedelta(0))
    batch = submit()

    def away(*_: Any, **__: Any) -> None:
        raise AWAY

    monkeypatch.setattr(run, "analyse_files", away)
    monkeypatch.setattr(run, "_break_off", away)
    with pytest.raises(sa.exc.OperationalError):
        run.run_batch(batch, 1)
    assert kept(batch).state == "running"


def test_a_mistake_of_a_statement_is_not_waited_for() -> None:
    tried = []

    def wrong() -> None:
        tried.append(1)
        raise sa.exc.IntegrityError("INSERT", {}, Exception("UNIQUE"))

    with pytest.raises(sa.exc.IntegrityError):
        store_faults.when_the_store_answers(wrong, patience=timedelta(minutes=1))
    assert len(tried) == 1


def test_a_process_that_ends_gives_its_batch_back_at_once_and_it_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, jobs: list[Job]
) -> None:
    batch = submit()
    real = run.analyse_files

    def ended(*arguments: Any, **named: Any) -> Any:
        end_runs(patience=timedelta(0))
        return real(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(run, "analyse_files", ended)
        run.run_batch(batch, 1)
    row = kept(batch)
    assert (row.state, row.failures, row.try_number, row.next_try_at) == ("retry", 0, 2, NOW)
    assert jobs[-1].workflow_id == f"batch-{batch}-2"
    run.run_batch(batch, 2)
    assert kept(batch).state == "finished"


def test_a_file_that_is_gone_fails_the_batch_and_is_never_no_lines_finished(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(type(get_settings()), "many_machines", False)  # whose files a worker sees
    upload = keep_paste(NIGHT)
    batch = submit(upload, keep_paste("a second one"))
    (get_settings().data_dir / upload.path).unlink()
    run.run_batch(batch, 1)
    assert kept(batch).state == "failed"
    assert "'pasted lines' is not there any more" in kept(batch).error


def test_a_worker_that_cannot_see_an_upload_gives_the_try_back_and_says_why(
    monkeypatch: pytest.MonkeyPatch, jobs: list[Job]
) -> None:
    upload = keep_paste(NIGHT)
    batch = submit(upload)
    path: Path = get_settings().data_dir / upload.path
    elsewhere = path.rename(path.with_suffix(".elsewhere"))
    monkeypatch.setattr(type(get_settings()), "many_machines", True)
    run.run_batch(batch, 1)
    row = kept(batch)
    assert (row.state, row.next_try_at, row.lines_in) == ("retry", NOW + timedelta(seconds=2), 0)
    assert "cannot see the file 'pasted lines'" in row.error
    assert "SOC_FILES_URL" in row.error
    assert jobs[-1].workflow_id == f"batch-{batch}-2"
    elsewhere.rename(path)
    run.run_batch(batch, 2)
    assert (kept(batch).state, incidents(batch)) == ("finished", 1)


def test_records_of_a_python_process_that_died_are_not_looked_for_for_ever() -> None:
    batch = submit()
    with write_session() as session:
        session.connection().execute(sa.text("UPDATE batch_files SET path = ''"))
    run.run_batch(batch, 1)
    assert kept(batch).state == "failed"
    assert "in the memory of the process" in kept(batch).error


def test_a_batch_that_kills_its_whole_process_each_time_is_tried_later_and_later_and_then_has_failed(
    monkeypatch: pytest.MonkeyPatch, jobs: list[Job]
) -> None:
    batch, read, waits = submit(), [], []

    def killed(*_: Any, **__: Any) -> None:
        read.append(1)
        raise KeyboardInterrupt  # nothing of the run is written down

    monkeypatch.setattr(run, "analyse_files", killed)
    for _ in range(30):
        row = kept(batch)
        if row.state == "failed":
            break
        waits.append((row.next_try_at - NOW).seconds if row.state == "retry" and row.next_try_at else 0)
        with suppress(KeyboardInterrupt):
            run.run_batch(batch, row.try_number)
    assert (row.state, len(read), sorted(set(waits))) == ("failed", faults.MOST_DEATHS, [0, 5, 15, 30, 60])
    assert "ended without a word" in row.error
    assert "tried 6 times" in row.error
    control.run_again(batch, actor=AT_A_PAGE)
    assert (kept(batch).state, kept(batch).failures) == ("queued", 0)
