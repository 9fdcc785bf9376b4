"""What is asked of batches and their files, and what a run may still write."""

from __future__ import annotations

from datetime import timedelta

import pytest

from soc.errors import NotFound
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import (
    BatchFileRow,
    BatchState,
    BatchTotals,
    count_batches,
    find_by_key,
    find_earlier_uploads,
    get_batch,
    list_active,
    list_batches,
    list_files,
    start_run,
    sum_batches,
    update_fenced,
)
from soc.store.nouns.combined.practice import has_practice
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.tickets.tickets import TicketRow
from tests.rows import NIGHT, add_batch, add_delivery, add_ticket

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _store() -> None:
    migrate()


def test_batches_are_found_by_id_and_key_and_listed_newest_first() -> None:
    with write_session() as session:
        for number in range(3):
            add_batch(
                session, f"b{number}", created_at=NIGHT + number * HOUR, idempotency_key=f"key-{number}"
            )
    with read_session() as session:
        assert [row.id for row in list_batches(session)] == ["b2", "b1", "b0"]
        assert [row.id for row in list_batches(session, offset=1, limit=1)] == ["b1"]
        assert get_batch(session, "b1").id == "b1"
        found = find_by_key(session, "key-2")
        assert (found is not None and found.id, find_by_key(session, "b2")) == ("b2", None)
        with pytest.raises(NotFound, match="no batch b9"):
            get_batch(session, "b9")


def test_active_batches_are_those_that_wait_or_run_the_oldest_first() -> None:
    with write_session() as session:
        for number, state in enumerate(BatchState):
            add_batch(session, state.value, state=state.value, created_at=NIGHT - number * HOUR)
    with read_session() as session:
        assert [row.id for row in list_active(session)] == ["retry", "running", "queued"]
        assert (count_batches(session), count_batches(session, states=("failed", "running"))) == (7, 2)


def test_batches_are_added_up_from_a_moment_on_and_none_are_nothing() -> None:
    with write_session() as session:
        add_batch(session, "old", created_at=NIGHT - HOUR, lines_in=1000, parsed=900, rejected=100)
        add_batch(session, "b1", lines_in=10, parsed=7, rejected=3)
        add_batch(session, "b2", lines_in=5, parsed=5)
    with read_session() as session:
        assert sum_batches(session) == BatchTotals(3, 1015, 912, 103)
        assert sum_batches(session, since=NIGHT) == BatchTotals(2, 15, 12, 3)
        assert sum_batches(session, since=NIGHT + HOUR) == BatchTotals(0, 0, 0, 0)


def test_a_batch_s_files_are_in_their_order_and_known_again_by_their_content() -> None:
    with write_session() as session:
        for batch_id, position, sha in (("b", 1, "x"), ("b", 0, "y"), ("c", 0, "x")):
            if position != 0 or batch_id == "c":
                add_batch(session, batch_id)
            session.add(
                BatchFileRow(batch_id=batch_id, position=position, name=f"{batch_id}{position}", path="p", size=1, sha256=sha)
            )  # fmt: skip
            session.flush()
    with read_session() as session:
        assert [row.name for row in list_files(session, "b")] == ["b0", "b1"]
        assert {row.name for row in find_earlier_uploads(session, "x")} == {"b1", "c0"}


def test_a_run_that_takes_a_batch_over_begins_anew_and_keeps_the_first_start() -> None:
    with write_session() as session:
        add_batch(session, "b", state="queued")
        assert start_run(session, "b", now=NIGHT) == 1
    with write_session() as session:
        assert update_fenced(session, "b", 1, bytes_done=5, lines_done=6, error="e", stage="judging")
        assert start_run(session, "b", now=NIGHT + HOUR) == 2
    with read_session() as session:
        row = get_batch(session, "b")
    assert (row.state, row.attempt, row.stage, row.error) == ("running", 2, "reading", "")
    assert (row.started_at, row.heartbeat_at) == (NIGHT, NIGHT + HOUR)
    assert (row.bytes_done, row.lines_done) == (0, 0)


def test_a_run_that_was_taken_over_writes_nothing_and_neither_does_it_to_another_batch() -> None:
    with write_session() as session:
        add_batch(session, "b", attempt=2, state="running")
        add_batch(session, "c", attempt=2, state="running")
        add_batch(session, "e", attempt=2, state="stopped")
        assert not update_fenced(session, "e", 2, stage="late")
        assert not update_fenced(session, "b", 1, stage="late")
        assert update_fenced(session, "b", 2, stage="now")
        assert not update_fenced(session, "d", 2, stage="now")
    with read_session() as session:
        assert (get_batch(session, "b").stage, get_batch(session, "c").stage) == ("now", "")


def test_a_row_of_practice_is_noticed_in_its_own_table() -> None:
    with write_session() as session:
        add_ticket(session, "SOC-1")
        add_delivery(session, "d1")
        assert not has_practice(session, TicketRow)
        add_ticket(session, "SOC-2", practice=True)
        assert has_practice(session, TicketRow)
        assert not has_practice(session, DeliveryRow)
