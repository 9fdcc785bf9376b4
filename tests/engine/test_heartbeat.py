"""Who lives: told by beats that grow, by steady clocks; whose work is handed on, and who may not send any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from soc import clock
from soc.delivery.ledger import Try
from soc.delivery.local import outcomes
from soc.engine.heartbeat import LEASE_SHARE, Heartbeat, Watch, bury
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.installation import executors
from soc.store.nouns.installation.executors import ExecutorRow, Process

SILENCE = 36.0


def _process(name: str, host: str = "here") -> Process:
    return Process(name, host=host, pid=1, version="1", role="worker")


def _row(name: str = "other-0") -> ExecutorRow:
    with read_session() as session:
        row = session.get(ExecutorRow, name)
    assert row is not None
    return row


class Steady:
    """A steady clock that the test moves."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> Steady:
    migrate()
    one = Steady()
    monkeypatch.setattr(clock, "steady", one)
    return one


@pytest.fixture
def handed_on() -> list[str]:
    return []


@pytest.fixture
def heart(steady: Steady, handed_on: list[str]) -> Heartbeat:
    def recover(names: list[str]) -> int:
        handed_on.extend(names)
        return len(names)

    return Heartbeat(_process("mine-0"), recover)


def _other() -> int:
    with write_session() as session:
        return executors.register(session, _process("other-0", "there"), now=clock.now())


def _beats(heart: Heartbeat, steady: Steady, seconds: float) -> None:
    end = steady.at + seconds
    while steady.at < end:
        steady.at += heart.interval
        heart.beat()


def test_a_silent_process_is_taken_for_gone_and_its_work_is_handed_on_once(
    heart: Heartbeat, steady: Steady, handed_on: list[str]
) -> None:
    _other()
    _beats(heart, steady, SILENCE)
    assert handed_on == []
    _beats(heart, steady, 2 * heart.interval)
    assert handed_on == ["other-0"]
    assert _row().gone_at is not None
    _beats(heart, steady, SILENCE)
    assert handed_on == ["other-0"]


def test_a_process_that_beats_is_never_taken_for_gone(
    heart: Heartbeat, steady: Steady, handed_on: list[str]
) -> None:
    run = _other()
    for _ in range(5):
        _beats(heart, steady, SILENCE / 2)
        with write_session() as session:
            assert executors.beat(session, "other-0", run, trouble="", now=clock.now())
    assert handed_on == []


def test_who_was_away_himself_takes_nobody_for_gone(
    heart: Heartbeat, steady: Steady, handed_on: list[str]
) -> None:
    _other()
    _beats(heart, steady, SILENCE / 2)
    steady.at += 10 * SILENCE
    heart.beat()
    assert handed_on == []


def test_work_that_was_marked_but_not_handed_on_is_handed_on_by_the_next_who_looks(
    heart: Heartbeat, steady: Steady, handed_on: list[str]
) -> None:
    run = _other()
    with write_session() as session:
        assert executors.mark_gone(session, "other-0", run, 1, now=clock.now())
    _beats(heart, steady, heart.interval)
    assert handed_on == ["other-0"]


def test_what_a_process_left_that_ended_in_order_is_handed_on_too(
    heart: Heartbeat, steady: Steady, handed_on: list[str]
) -> None:
    run = _other()
    with write_session() as session:
        executors.mark_stopped(session, "other-0", run, now=clock.now())
    _beats(heart, steady, heart.interval)
    assert handed_on == ["other-0"]


def test_a_process_that_stood_still_may_not_send_what_it_had_begun(heart: Heartbeat, steady: Steady) -> None:
    begun = heart.run
    assert heart.holds(begun)
    steady.at += SILENCE * LEASE_SHARE
    assert not heart.holds(begun)
    heart.beat()
    assert heart.holds(begun), "nobody had taken it for gone"


def test_who_was_taken_for_gone_has_another_run_when_he_wakes(heart: Heartbeat, steady: Steady) -> None:
    begun = heart.run
    with write_session() as session:
        assert executors.mark_gone(session, "mine-0", begun, 1, now=clock.now())
    steady.at += heart.interval
    heart.beat()
    assert heart.run == begun + 1
    assert not heart.holds(begun)
    assert heart.holds(heart.run)


def test_a_beat_that_comes_between_saves_its_process(steady: Steady) -> None:
    run = _other()
    with write_session() as session:
        assert executors.beat(session, "other-0", run, trouble="", now=clock.now())
        assert not executors.mark_gone(session, "other-0", run, 1, now=clock.now())
    assert _row().gone_at is None


def test_after_the_end_nothing_is_sent(heart: Heartbeat) -> None:
    begun = heart.run
    heart.stop()
    assert not heart.holds(begun)
    assert _row("mine-0").stopped_at is not None


def test_a_dead_neighbour_s_run_is_over(steady: Steady) -> None:
    run = _other()
    bury(["other-0"])
    with read_session() as session:
        assert not executors.is_at_work(session, "other-0", run)


def test_one_that_cannot_be_marked_keeps_no_other_waiting(
    heart: Heartbeat, steady: Steady, handed_on: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _other()
    with write_session() as session:
        executors.register(session, _process("other-1", "there"), now=clock.now())
    real = executors.mark_gone

    def locked(session: Session, name: str, *arguments: Any, **named: Any) -> bool:
        if name == "other-0":
            raise sa.exc.OperationalError("", {}, Exception("lock timeout"))
        return real(session, name, *arguments, **named)

    monkeypatch.setattr(executors, "mark_gone", locked)
    _beats(heart, steady, SILENCE * 2)
    assert handed_on == ["other-1"]


def test_what_the_gone_one_had_heard_is_written_before_its_work_is_handed_on(steady: Steady) -> None:
    done: list[str] = []
    adopt = lambda names: done.append(f"adopt {names[0]}")  # noqa: E731
    heart = Heartbeat(_process("mine-0"), lambda names: done.append(f"recover {names[0]}") or 1, adopt=adopt)
    _other()
    _beats(heart, steady, SILENCE * 2)
    assert done == ["adopt other-0", "recover other-0"]


def test_a_process_that_ends_while_the_store_is_away_writes_what_it_heard_when_it_answers(
    heart: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    away, written = [1, 2, 3], []

    def record(_session: Session) -> list[Try]:
        if away:
            away.pop()
            raise sa.exc.OperationalError("", {}, Exception("the database system is starting up"))
        written.append("heard")
        return []

    monkeypatch.setattr("soc.engine.heartbeat.time.sleep", lambda _seconds: None)
    outcomes.keep(outcomes.Which("dlv-1", 1, "send"), record)
    heart.stop()
    assert (written, outcomes.count_kept(), outcomes.waiting.is_set()) == (["heard"], 0, False)


def test_two_silent_ones_are_told_apart_by_name_and_run() -> None:
    watch, moved = Watch(SILENCE), clock.now()
    rows = [ExecutorRow(name=name, run=1, beats=5, started_at=moved, seen_at=moved) for name in "ab"]
    for now in range(0, 36, 6):
        assert watch.silent(rows, now=float(now)) == []
        rows[0].beats += 1
    assert [row.name for row in watch.silent(rows, now=36.0)] == ["b"]
    rows[1].run += 1
    assert watch.silent(rows, now=42.0) == []


def test_a_clock_that_was_set_back_is_noticed_said_and_acted_upon(
    steady: Steady, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall = clock.now()
    monkeypatch.setattr(clock, "now", lambda: wall + timedelta(seconds=steady.at) - back)
    back, noticed = timedelta(0), []
    heart = Heartbeat(_process("mine-0"), lambda _names: 0, lambda: noticed.append(1))
    _beats(heart, steady, SILENCE)
    assert noticed == []
    back = timedelta(hours=1)
    _beats(heart, steady, SILENCE)
    assert noticed == [1]
    assert "set back by 1 h" in _row("mine-0").trouble
    assert heart.holds(heart.run)
