"""Work is done again while the database has a fault, and no longer than that."""

from __future__ import annotations

import errno
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from soc.store import faults
from soc.store.db import sqlite_engine
from soc.store.faults import is_full, is_store_fault, trouble_of, when_the_store_answers

AWAY = sa.exc.OperationalError("SELECT 1", {}, Exception("database is locked"))
WRONG = sa.exc.IntegrityError("INSERT", {}, Exception("UNIQUE"))


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults.time, "monotonic", lambda: 100.0)


def work(*errors: Exception) -> tuple[Callable[[], str], list[Exception]]:
    left = list(errors)

    def once() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return once, left


def test_it_is_done_again_with_longer_waits_until_it_succeeds() -> None:
    once, _ = work(AWAY, AWAY, AWAY, AWAY, AWAY)
    waits: list[float] = []
    assert when_the_store_answers(once, patience=timedelta(minutes=1), sleep=waits.append) == "done"
    assert waits == [0.5, 1.0, 2.0, 4.0, 5.0]


@pytest.mark.parametrize(
    ("error", "gives_up", "patience"),
    [(WRONG, False, 60.0), (AWAY, True, 60.0), (AWAY, False, 0.4), (WRONG, True, 60.0)],
)
def test_its_own_mistake_giving_up_or_no_patience_end_it_at_once(
    error: Exception, gives_up: bool, patience: float
) -> None:
    once, left = work(error, AWAY)
    waits: list[float] = []
    with pytest.raises(type(error)):
        when_the_store_answers(
            once, patience=timedelta(seconds=patience), give_up=lambda: gives_up, sleep=waits.append
        )
    assert (waits, left) == ([], [AWAY])


def test_it_waits_as_long_as_the_patience_allows_to_the_second() -> None:
    once, _ = work(AWAY)
    assert when_the_store_answers(once, patience=timedelta(seconds=0.5), sleep=lambda _: None) == "done"


def test_a_full_disk_is_told_from_a_database_that_is_away_and_from_a_mistake() -> None:
    full = [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        sa.exc.OperationalError("COMMIT", {}, Exception("database or disk is full")),
        sa.exc.OperationalError("INSERT", {}, Exception("could not extend file: No space left on device")),
        OSError(errno.EFBIG, "File too large"),
        sa.exc.OperationalError("COMMIT", {}, Exception("disk I/O error")),
    ]
    assert [is_full(error) for error in [*full, AWAY, WRONG, OSError(errno.EACCES, "no")]] == [True] * 6 + [
        False
    ] * 3
    told = [trouble_of(error) for error in (full[0], full[2], full[4], full[5], AWAY)]
    assert [one and one.message for one in told] == [
        "The disk is full.", "The disk is full.", "The disk cannot be written.", "The disk cannot be written.",
        "The database does not answer.",
    ]  # fmt: skip
    assert trouble_of(WRONG) is None
    assert trouble_of(ValueError("x")) is None


def test_a_broken_file_is_a_fault_of_the_database_and_is_called_damaged(tmp_path: Path) -> None:
    broken = tmp_path / "soc.db"
    broken.write_bytes(b"no database " * 1000)
    engine = faults.call_damage_a_fault(sqlite_engine(broken))
    with pytest.raises(sa.exc.OperationalError) as caught, engine.connect() as connection:
        connection.execute(sa.text("SELECT * FROM batches"))
    engine.dispose()
    told = trouble_of(caught.value)
    assert told is not None
    assert (told.message, "backup" in str(told.hint)) == ("The database is damaged.", True)
    assert is_store_fault(caught.value)
    assert not is_full(caught.value)
