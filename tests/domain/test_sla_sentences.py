"""The whole story of a clock, word by word."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from soc.domain.sla.calendar import ALWAYS
from soc.domain.sla.event import ClockEvent, ClockKind, EventKind, Mark
from soc.domain.sla.fold import fold
from soc.domain.sla.policy import WorkingTime
from soc.domain.sla.sentences import explain_all

TEN = datetime(2026, 1, 14, 10, tzinfo=UTC)  # a Wednesday
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def row(kind: EventKind, minutes: float, seq: int, **more: object) -> ClockEvent:
    values = {"clock": ClockKind.RESPONSE, "cycle": 1, "by": "kim", "reason": "r", **more}
    return ClockEvent(kind=kind, at=TEN + minutes * MINUTE, seq=seq, **values)  # type: ignore[arg-type]


def begun(minutes: float = 0, seq: int = 1, **more: object) -> ClockEvent:
    known = {
        "reason": "detected",
        "policy": "bank",
        "version": 2,
        "priority": "High",
        "target": 4 * HOUR,
        **more,
    }
    return row(EventKind.ACTIVATE, minutes, seq, **known)


def told(*rows: ClockEvent, minutes: float, zone: str = "UTC", time: WorkingTime | None = None) -> list[str]:
    now = TEN + minutes * MINUTE
    calendar = time.calendar() if time else ALWAYS
    cycles = fold(rows, lambda *_: calendar, now=now)
    return explain_all(cycles, rows, now=now, zone=zone, named=str.title)


def test_each_move_and_each_stretch_between_is_a_sentence() -> None:
    rows = (
        begun(),
        row(EventKind.PAUSE, 60, 2, mark=Mark.HAND, reason="lunch", until=TEN + 120 * MINUTE),
        row(EventKind.RESUME, 90.5, 3, mark=Mark.HAND, reason=""),
        row(EventKind.APPLY_POLICY, 100, 4, reason="the priority is Low", priority="Low", target=2 * HOUR),
        row(EventKind.APPLY_POLICY, 101, 5, reason="an escalation", priority="High"),
        row(EventKind.BREACH, 151, 6),
        row(EventKind.FULFIL, 160, 7, reason="assigned it"),
    )
    assert told(*rows, minutes=200) == [
        "The response clock: missed. 2 h 9 min of 2 h used, 30 min paused; it ran out at 2026-01-14 12:30:30 UTC.",
        "2026-01-14 10:00 UTC: it starts (detected): 4 h for High, by bank version 2.",
        "2026-01-14 10:00 UTC to 2026-01-14 11:00 UTC: it counts 1 h. Used so far: 1 h.",
        "2026-01-14 11:00 UTC: Kim pauses it, until 2026-01-14 12:00 UTC: lunch.",
        "2026-01-14 11:00 UTC to 2026-01-14 11:30:30 UTC: it waits 30 min (lunch).",
        "2026-01-14 11:30:30 UTC: it goes on (Kim).",
        "2026-01-14 11:30:30 UTC to 2026-01-14 11:40 UTC: it counts 9 min. Used so far: 1 h 9 min.",
        "2026-01-14 11:40 UTC: the priority is Low (Kim): 2 h in all from now on; what is used stays used.",
        "2026-01-14 11:40 UTC to 2026-01-14 11:41 UTC: it counts 1 min. Used so far: 1 h 10 min.",
        "2026-01-14 11:41 UTC: an escalation (Kim); the clock keeps its aim.",
        "2026-01-14 11:41 UTC to 2026-01-14 12:31 UTC: it counts 50 min. Used so far: 2 h.",
        "2026-01-14 12:31 UTC: its time is up.",
        "2026-01-14 12:31 UTC to 2026-01-14 12:40 UTC: it counts 9 min. Used so far: 2 h 9 min.",
        "2026-01-14 12:40 UTC: Kim ends it: assigned it.",
    ]


def test_what_was_taken_back_and_what_came_too_late_is_said() -> None:
    rows = (
        begun(),
        row(EventKind.PAUSE, 10, 2, mark=Mark.STATUS, reason="the status is Waiting"),
        row(EventKind.UNDO, 20, 3, undoes=2, reason="a slip"),
        row(EventKind.CANCEL, 30, 4, reason="deleted"),
        row(EventKind.FULFIL, 40, 5, reason="a comment"),
        begun(50, 6, cycle=2, reason="reopened", carried=HOUR),
        row(EventKind.UNDO, 51, 7, cycle=2, undoes=6),
    )
    lines = told(*rows, minutes=60)
    assert lines[0] == "The response clock: cancelled. 30 min of 4 h used."
    assert (
        "2026-01-14 10:10 UTC: Kim pauses it: the status is Waiting. It was taken back: it does not count."
        in lines
    )
    assert "2026-01-14 10:20 UTC: Kim takes back what was written last: a slip." in lines
    assert "2026-01-14 10:30 UTC: Kim cancels it: deleted." in lines
    assert any(
        line.endswith("a comment. It came too late to matter: the clock had ended by then.") for line in lines
    )
    assert (
        lines[-1]
        == "2026-01-14 10:50 UTC: cycle 2 of the response clock began (reopened). It was taken back: it does not count."
    )


def test_nights_are_told_and_so_is_what_was_over_before_anybody_knew() -> None:
    office = WorkingTime(
        zone="Europe/Berlin", week={"wednesday": ("09:00-17:00",), "thursday": ("09:00-17:00",)}
    )
    night = told(begun(9 * 60), minutes=23 * 60, zone="Europe/Berlin", time=office)
    assert night == [
        "The response clock: on track. 1 h of 4 h used; due at 2026-01-15 13:00 CET; it started outside working hours and "
        "counts from 2026-01-15 09:00 CET.",
        "2026-01-14 20:00 CET: it starts (detected): 4 h for High, by bank version 2.",
        "2026-01-14 20:00 CET to 2026-01-15 10:00 CET: it counts 1 h; 13 h lie outside working hours. Used so far: 1 h.",
    ]
    old = told(begun(cycle=2, mark=Mark.INTAKE, carried=HOUR), minutes=300)
    assert old[0] == (
        "The response clock, cycle 2: breached at intake. 6 h of 4 h used; was due at 2026-01-14 13:00 UTC."
    )
    assert (
        old[1]
        == "2026-01-14 10:00 UTC: it starts (detected): 4 h for High, by bank version 2. That time was over before "
        "anybody here could know: breached at intake. 1 h is used already."
    )


def test_why_it_goes_on_is_said() -> None:
    rows = (
        begun(),
        row(EventKind.PAUSE, 1, 2, mark=Mark.STATUS, reason=""),
        row(EventKind.RESUME, 2, 3, mark=Mark.STATUS, reason="answered"),
    )
    lines = told(*rows, minutes=3)
    assert "2026-01-14 10:02 UTC: it goes on: answered (Kim)." in lines
    assert "2026-01-14 10:01 UTC to 2026-01-14 10:02 UTC: it waits 1 min." in lines
