"""Of many processes only some hold a vendor's connections, and a dead one's place becomes free."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.installation.executors import Process, mark_stopped, register
from soc.store.nouns.vendors.listeners import leave_places, take_place

NOW = datetime(2026, 1, 15, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def runs() -> dict[str, int]:
    """Three executors at work, by name the run of each."""
    migrate()
    with write_session() as session:
        return {
            name: register(session, Process(name, "host", 7, "1", "worker"), now=NOW)
            for name in ("a", "b", "c")
        }


def _take(name: str, runs: dict[str, int], *, places: int = 2) -> bool:
    with write_session() as session:
        return take_place(session, "slack", places=places, executor=name, run=runs[name], now=NOW)


def test_there_are_so_many_places_and_whoever_has_one_keeps_it(runs: dict[str, int]) -> None:
    assert [_take(name, runs) for name in ("b", "a", "c", "b", "a", "c")] == [True, True, False] * 2


def test_a_place_that_is_left_is_the_next_one_s(runs: dict[str, int]) -> None:
    assert [_take(name, runs, places=1) for name in ("b", "a")] == [True, False]
    with write_session() as session:
        leave_places(session, "slack", executor="a")  # has none: nobody else's is taken from them
    assert not _take("c", runs, places=1)
    with write_session() as session:
        leave_places(session, "slack", executor="b")
    assert [_take(name, runs, places=1) for name in ("a", "c")] == [True, False]


def test_a_place_of_one_that_ended_is_free_and_its_next_run_takes_its_own_again(runs: dict[str, int]) -> None:
    assert _take("c", runs, places=1)
    with write_session() as session:
        runs["c"] = register(session, Process("c", "host", 8, "1", "worker"), now=NOW)
    assert [_take(name, runs, places=1) for name in ("c", "a")] == [True, False]
    with write_session() as session:
        mark_stopped(session, "c", runs["c"], now=NOW)
    assert _take("a", runs, places=1)
