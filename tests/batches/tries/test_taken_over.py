"""Whose a batch is: a run that was taken over writes nothing any more, and a run that broke off says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import select

from soc.analysis import Progress, analyse_records
from soc.batches import pulse, run
from soc.batches.intake import keep_paste, submit_batch
from soc.batches.storing import store_analysis
from soc.domain.actor import AT_A_PAGE
from soc.errors import LogParseError
from soc.logs import ReadOptions
from soc.settings import get_settings
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches import batches
from soc.store.nouns.batches.batches import BatchRow
from soc.store.nouns.batches.templates import TemplateRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.rules.decisions import DecisionRow

NOW = datetime(2026, 1, 15, 0, 0, tzinfo=UTC)
NIGHT = "source,message\nSecuritySystem,CRITICAL: Multiple failed root login attempts - potential breach\nApp,all is well\n"


@pytest.fixture
def batch() -> Iterator[str]:
    migrate()
    with time_machine.travel(NOW, tick=False):
        yield submit_batch(
            [(keep_paste(NIGHT), ReadOptions())],
            idempotency_key="k",
            enable_jira=True,
            enable_slack=True,
            actor=AT_A_PAGE,
        )


def kept(batch_id: str) -> BatchRow:
    with read_session() as session:
        return batches.get_batch(session, batch_id)


def start(batch_id: str) -> int:
    with write_session() as session:
        return batches.start_run(session, batch_id, now=NOW)


def stored() -> dict[str, int]:
    tables = (IncidentRow, DecisionRow, TemplateRow, DeliveryRow)
    with read_session() as session:
        return {table.__tablename__: len(session.exec(select(table)).all()) for table in tables}


def analysis(batch_id: str, tmp_path: Any) -> Any:
    records = [("S", "CRITICAL: potential breach"), ("App", "fine")]
    return analyse_records(records, batch_id=batch_id, out_dir=tmp_path / "o", settings=get_settings())


def test_a_run_that_was_taken_over_stores_nothing(batch: str, tmp_path: Any) -> None:
    mine, other = start(batch), start(batch)
    assert store_analysis(batch, mine, analysis(batch, tmp_path)) == []
    assert set(stored().values()) == {0}
    assert (kept(batch).state, kept(batch).attempt, kept(batch).lines_in) == ("running", other, 0)


def test_the_run_that_has_the_batch_stores_it_all_once(batch: str) -> None:
    tries = run.run_batch(batch)
    first = stored()
    assert first == {"incidents": 1, "decisions": 3, "templates": 2, "deliveries": 2}
    assert tries == []  # nothing is configured: both are suppressed
    assert (kept(batch).state, kept(batch).finished_at, kept(batch).stage) == ("finished", NOW, "")
    assert (kept(batch).lines_in, kept(batch).lines_done, kept(batch).incidents, kept(batch).eligible) == (
        2,
        2,
        1,
        1,
    )
    assert run.run_batch(batch) == []
    assert (stored(), kept(batch).attempt) == (first, 1)


def test_a_batch_that_is_run_again_after_a_crash_adds_nothing_twice(batch: str, tmp_path: Any) -> None:
    run.run_batch(batch)
    first = stored()
    again = start(batch)
    with read_session() as session:
        assert batches.get_batch(session, batch).state == "running"
    run.run_batch(batch)
    assert stored() == first
    assert kept(batch).attempt == again + 1


def test_a_run_that_was_taken_over_does_not_mark_the_others_as_failed(
    batch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        start(batch)
        raise LogParseError("too late")

    monkeypatch.setattr(run, "analyse_files", broken)
    run.run_batch(batch)
    assert (kept(batch).state, kept(batch).error) == ("running", "")


def progress(lines: int) -> Progress:
    return Progress(lines, lines * 10, 1000, "a.log", "reading")


def test_progress_is_written_with_each_beat_and_a_sign_of_life_without_any(batch: str) -> None:
    writer = pulse.Pulse(batch, start(batch))
    with time_machine.travel(NOW, tick=False) as travel:
        for lines, seconds, heard in ((1, 1, 1), (None, 3, 1), (None, 7, 7)):
            travel.move_to(NOW + timedelta(seconds=seconds))
            if lines is not None:
                writer(progress(lines))
            writer.beat()
            assert kept(batch).heartbeat_at == NOW + timedelta(seconds=heard)
    row = kept(batch)
    assert (row.lines_done, row.bytes_done, row.bytes_total, row.current_file) == (1, 10, 1000, "a.log")
    assert not writer.should_stop()


def test_a_run_notices_that_it_was_taken_over_and_leaves_the_numbers_alone(batch: str) -> None:
    writer = pulse.Pulse(batch, start(batch))
    start(batch)
    writer(progress(7))
    writer.beat()
    assert writer.should_stop()
    assert kept(batch).lines_done == 0


def test_a_run_that_has_nothing_to_write_notices_too(batch: str) -> None:
    writer = pulse.Pulse(batch, start(batch))
    writer.beat()
    assert not writer.lost
    start(batch)
    writer.beat()
    assert writer.lost


def test_late_progress_does_not_touch_a_batch_that_has_ended(batch: str) -> None:
    writer = pulse.Pulse(batch, start(batch))
    with write_session() as session:
        assert batches.update_fenced(session, batch, writer.attempt, state="finished", stage="")
    writer(progress(7))
    writer.beat()
    assert (kept(batch).stage, kept(batch).lines_done) == ("", 0)


def test_taking_a_batch_over_begins_its_numbers_anew_and_keeps_when_it_was_started_first(batch: str) -> None:
    assert start(batch) == 1
    with write_session() as session:
        assert batches.update_fenced(
            session, batch, 1, lines_done=9, bytes_done=9, error="x", stage="writing"
        )
        assert not batches.update_fenced(session, batch, 2, lines_done=99)
        assert batches.start_run(session, batch, now=NOW + timedelta(hours=1)) == 2
    row = kept(batch)
    assert (row.lines_done, row.bytes_done, row.error, row.stage, row.state) == (
        0,
        0,
        "",
        "reading",
        "running",
    )
    assert (row.started_at, row.heartbeat_at) == (NOW, NOW + timedelta(hours=1))
