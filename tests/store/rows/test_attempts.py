"""Attempts: begun, ended once, counted, ranked by how long they took, and sliced by time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.attempts import (
    AttemptCount,
    AttemptRow,
    Ending,
    close_attempt,
    count_attempts,
    count_slices,
    list_attempts,
    open_attempt,
    read_durations,
)
from soc.store.nouns.deliveries.deliveries import get_delivery
from tests.rows import NIGHT, add_delivery

SECOND, TICK = timedelta(seconds=1), timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def _store() -> Iterator[None]:
    migrate()
    with write_session() as session:
        add_delivery(session, "d1")
        add_delivery(session, "d2", integration="slack", try_number=2)
    return


def attempt(
    number: int, delivery: str = "d1", *, at: datetime = NIGHT, took: timedelta | None = SECOND, **values: Any
) -> None:
    known = {"kind": "send", "outcome": "delivered", "finished_at": None if took is None else at + took}
    with write_session() as session:
        session.add(AttemptRow(delivery_id=delivery, number=number, started_at=at, **{**known, **values}))


def test_ended_attempts_are_counted_from_a_moment_on_by_what_came_of_them() -> None:
    attempt(1)
    attempt(2)
    attempt(3, "d2", outcome="failed", reason="rejected")
    attempt(4, kind="reconcile")
    attempt(5, at=NIGHT - TICK)
    attempt(6, took=None)
    with read_session() as session:
        assert count_attempts(session, since=NIGHT) == [
            AttemptCount("jira", "reconcile", "delivered", "", 1),
            AttemptCount("jira", "send", "delivered", "", 2),
            AttemptCount("slack", "send", "failed", "rejected", 1),
        ]


def test_a_rank_names_the_delivered_send_that_took_so_long_the_fastest_is_none() -> None:
    for number, seconds in enumerate((3, 1, 2), start=1):
        attempt(number, took=seconds * SECOND)
    attempt(4, took=TICK, outcome="failed")
    attempt(5, took=TICK, kind="reconcile")
    attempt(8, took=TICK, kind="z")
    attempt(9, took=TICK, outcome="a")
    attempt(6, took=TICK, at=NIGHT - SECOND)
    attempt(7, "d2", took=9 * SECOND + TICK)
    with read_session() as session:
        found = read_durations(session, since=NIGHT, ranks={"jira": [0, 2, 2, 3], "slack": [0]})
        assert found == {"jira": {0: SECOND, 2: 3 * SECOND}, "slack": {0: 9 * SECOND + TICK}}
        assert read_durations(session, since=NIGHT, ranks={"slack": [1]}) == {}
        assert read_durations(session, since=NIGHT, ranks={}) == {}


def test_a_slice_of_time_was_answered_by_what_was_reached_or_refused_for_a_reason_of_its_own() -> None:
    minute = timedelta(minutes=1)
    attempt(1)
    attempt(
        2, at=NIGHT + minute - TICK, outcome="failed", reason="timeout"
    )  # the same slice: answered all the same
    attempt(3, at=NIGHT + minute, outcome="failed", reason="timeout")
    attempt(4, at=NIGHT + 2 * minute, outcome="failed", reason="rejected")
    attempt(5, at=NIGHT + 3 * minute, outcome="unknown", reason="")
    attempt(6, "d2", at=NIGHT - TICK)
    attempt(7, "d2", at=NIGHT, outcome="failed", reason="timeout")
    attempt(8, at=NIGHT + 5 * minute, outcome="given back", reason="local")
    words = {"length": minute, "reached": ("delivered",), "away": ("timeout",), "ours": ("local",)}
    with read_session() as session:
        assert count_slices(session, since=NIGHT, **words) == {"jira": (4, 2), "slack": (1, 0)}


def test_an_attempt_ends_once_and_only_the_one_that_was_meant() -> None:
    with write_session() as session:
        one, two = get_delivery(session, "d1"), get_delivery(session, "d2")
        for row, kind in ((one, "send"), (one, "reconcile"), (two, "send")):
            open_attempt(session, row, kind, executor="me", now=NIGHT)
        close_attempt(session, one, "send", Ending("failed", "rejected", 400, "e", "h"), now=NIGHT + SECOND)
        close_attempt(session, one, "send", Ending("delivered"), now=NIGHT + 2 * SECOND)
    with read_session() as session:
        send, look = list_attempts(session, "d1")
        (other,) = list_attempts(session, "d2")
    assert (send.outcome, send.reason, send.http_status, send.error, send.hint) == (
        "failed",
        "rejected",
        400,
        "e",
        "h",
    )
    assert (send.started_at, send.finished_at, send.executor, send.number) == (NIGHT, NIGHT + SECOND, "me", 1)
    assert (look.kind, look.finished_at, other.finished_at, other.number) == ("reconcile", None, None, 2)


def test_other_tries_of_the_same_delivery_go_on() -> None:
    for number in (1, 2, 3):
        attempt(number, "d2", took=None)
    with write_session() as session:
        close_attempt(session, get_delivery(session, "d2"), "send", Ending("delivered"), now=NIGHT)
    with read_session() as session:
        ended = [one.number for one in list_attempts(session, "d2") if one.finished_at is not None]
    assert ended == [2]


def test_an_attempt_that_is_begun_again_is_the_same_row_begun_anew() -> None:
    with write_session() as session:
        row = get_delivery(session, "d1")
        open_attempt(session, row, "send", executor="first", now=NIGHT)
        close_attempt(session, row, "send", Ending("interrupted"), now=NIGHT + SECOND)
        open_attempt(session, row, "send", executor="second", now=NIGHT + 2 * SECOND)
    with read_session() as session:
        (kept,) = list_attempts(session, "d1")
    assert (kept.executor, kept.outcome) == ("second", "")
    assert (kept.started_at, kept.finished_at) == (NIGHT + 2 * SECOND, None)
