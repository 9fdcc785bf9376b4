"""What may go, and nothing else: the engine's workflows that are over, and the files of batches that are done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchFileRow
from soc.store.upkeep import engine_tables
from soc.store.upkeep.engine_tables import count_rows, forget_ahead, forget_over
from soc.store.upkeep.retention import count_kept_files, is_used, list_file_paths, list_prunable, mark_pruned
from tests.rows import NIGHT, add_batch, add_delivery

NOW = 1_000_000
MINUTE = timedelta(minutes=1)


@pytest.fixture
def engine() -> Iterator[sa.Connection]:
    """The engine's tables as far as they are tidied; an older one has no `streams`."""
    place = sa.create_engine("sqlite://")
    with place.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE workflow_status (workflow_uuid TEXT, status TEXT, updated_at INT, created_at INT,"
            " delay_until_epoch_ms INT)"
        )
        for table in ("workflow_input", "operation_outputs", "workflow_events"):
            connection.exec_driver_sql(f"CREATE TABLE {table} (workflow_uuid TEXT)")
        connection.exec_driver_sql("CREATE TABLE notifications (destination_uuid TEXT)")
        yield connection
    place.dispose()


def _add(
    engine: sa.Connection, name: str, status: str, *, updated: int = 0, created: int = 0, delay: Any = None
) -> None:
    row = (name, status, updated, created, delay)
    engine.exec_driver_sql("INSERT INTO workflow_status VALUES (?, ?, ?, ?, ?)", row)
    for table in ("workflow_input", "operation_outputs", "workflow_events", "notifications"):
        engine.exec_driver_sql(f"INSERT INTO {table} VALUES (?)", (name,))


def _left(engine: sa.Connection, table: str = "workflow_status", column: str = "workflow_uuid") -> list[str]:
    found = engine.exec_driver_sql(f"SELECT {column} FROM {table} ORDER BY 1")
    return [row[0] for row in found]


def test_workflows_that_ended_before_the_moment_go_with_all_their_parts(engine: sa.Connection) -> None:
    over = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
    for number, status in enumerate(over):
        _add(engine, f"over-{number}", status, updated=NOW - 1)
    _add(engine, "just", "SUCCESS", updated=NOW)
    for status in ("PENDING", "ENQUEUED", "DELAYED"):
        _add(engine, status.lower(), status)
    assert forget_over(engine, schema=None, before_ms=NOW) == 4
    kept = ["delayed", "enqueued", "just", "pending"]
    assert _left(engine) == kept
    for table in ("workflow_input", "operation_outputs", "workflow_events"):
        assert _left(engine, table) == kept
    assert _left(engine, "notifications", "destination_uuid") == kept
    assert forget_over(engine, schema=None, before_ms=NOW) == 0
    assert count_rows(engine, schema=None) == {
        "success": 1,
        "pending": 1,
        "enqueued": 1,
        "delayed": 1,
        "steps": 4,
    }


def test_so_many_go_in_one_transaction(engine: sa.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    assert engine_tables.PORTION == 500
    monkeypatch.setattr(engine_tables, "PORTION", 2)
    monkeypatch.setattr("soc.store.paging.AT_ONCE", 2)
    for number in range(5):
        _add(engine, f"w-{number}", "SUCCESS")
    assert [forget_over(engine, schema=None, before_ms=NOW) for _ in range(4)] == [2, 2, 1, 0]
    for number in range(5):
        _add(engine, f"sched-{number}", "SUCCESS", created=NOW)
    assert forget_ahead(engine, schema=None, now_ms=NOW) == 5  # in portions, too
    assert (_left(engine), _left(engine, "workflow_input")) == ([], [])


def test_ticks_of_a_time_that_has_not_come_go_and_what_is_delayed_waits_as_long_as_it_was_to(
    engine: sa.Connection,
) -> None:
    ahead = NOW - 120_000 + 1
    _add(engine, "sched-tick-ahead", "SUCCESS", created=ahead)
    _add(engine, "sched-tick-past", "SUCCESS", created=ahead - 1)
    _add(engine, "sched-tick-runs", "PENDING", created=ahead)
    _add(engine, "deliver-1", "SUCCESS", created=ahead)
    _add(engine, "deliver-2", "DELAYED", created=NOW + 50, delay=NOW + 80)
    _add(engine, "deliver-3", "DELAYED", created=NOW, delay=NOW + 80)
    assert forget_ahead(engine, schema=None, now_ms=NOW) == 1
    assert "sched-tick-ahead" not in _left(engine)
    assert len(_left(engine)) == 5
    delayed = engine.exec_driver_sql(
        "SELECT created_at, delay_until_epoch_ms FROM workflow_status WHERE status = 'DELAYED' ORDER BY workflow_uuid"
    )
    assert [tuple(row) for row in delayed] == [(NOW, NOW + 30), (NOW, NOW + 80)]


def _file(session: Session, batch_id: str, path: str) -> None:
    session.add(BatchFileRow(batch_id=batch_id, name=path, path=path, size=1, sha256=path, position=0))
    session.flush()


def test_files_of_batches_that_are_done_may_go_and_their_rows_say_so() -> None:
    migrate()
    with write_session() as session:
        for name, values in {
            "young": {"finished_at": NIGHT},
            "newer": {"finished_at": NIGHT - MINUTE},
            "older": {"finished_at": NIGHT - 2 * MINUTE, "state": "failed"},
            "stopped": {"finished_at": NIGHT - 3 * MINUTE, "state": "stopped"},
            "runs": {"finished_at": NIGHT - 9 * MINUTE, "state": "running"},
            "bare": {"finished_at": NIGHT - 9 * MINUTE},
            "telling": {"finished_at": NIGHT - 9 * MINUTE},
            "told": {"finished_at": NIGHT - 4 * MINUTE},
        }.items():
            add_batch(session, name, **values)
            if name != "bare":
                _file(session, name, f"uploads/{name}.log")
        add_delivery(session, "d1", batch_id="telling", state="retry")
        add_delivery(session, "d2", batch_id="told", state="dead")
        assert list_prunable(session, before=NIGHT, limit=9) == ["told", "stopped", "older", "newer"]
        assert list_prunable(session, before=NIGHT, limit=1) == ["told"]
        assert (is_used(session, "uploads/told.log"), is_used(session, "uploads/none.log")) == (True, False)
        assert mark_pruned(session, "told", said="It was deleted.") == ["uploads/told.log"]
        session.flush()
        assert list_prunable(session, before=NIGHT, limit=1) == ["stopped"]
        assert (count_kept_files(session), len(list_file_paths(session))) == (6, 6)
        assert "uploads/told.log" not in list_file_paths(session)
        [row] = [one for one in session.exec(sa.select(BatchFileRow)).scalars() if one.batch_id == "told"]
        assert (row.path, row.warnings[-1]) == ("pruned/told.log", "It was deleted.")
