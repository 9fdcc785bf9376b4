"""After a long silence each recipient is told once, the highest step of each ticket; a cap folds the rest into one line."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from soc.domain.escalation.chain import GUIDE_CHAIN
from soc.domain.escalation.settle import FULL_LINES, Waiting, ack_ends, combine, free_at, settle
from soc.domain.severity import Priority

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_the_highest_step_of_each_ticket_is_told_and_the_others_are_listed() -> None:
    due = [Waiting("a", step, 0, NOON + step * MINUTE) for step in (1, 2, 0)] + [
        Waiting("b", 0, 3, NOON),
        Waiting("b", 0, 4, NOON),
    ]
    random.Random(3).shuffle(due)
    found = {
        one.told.ticket: ((one.told.step, one.told.loop), [(m.step, m.loop) for m in one.moot])
        for one in settle(due)
    }
    assert found == {"a": ((2, 0), [(0, 0), (1, 0)]), "b": ((0, 4), [(0, 3)])}


def test_one_notice_holds_all_lines_of_a_recipient() -> None:
    wanted = {
        ("mia", "slack"): [(f"SOC-{n}", False) for n in range(14)],
        ("max", "slack"): [("SOC-1", False)],
    }
    first, second = combine(wanted)
    assert len(first.lines) == FULL_LINES
    assert first.folded == ("SOC-10", "SOC-11", "SOC-12", "SOC-13")
    assert (second.recipient, second.lines, second.folded) == ("max", ("SOC-1",), ())


def test_what_the_cap_held_back_is_folded_behind_what_is_new() -> None:
    (notice,) = combine({("mia", "slack"): [("old", True), ("new", False)]})
    assert (notice.lines, notice.folded) == (("new",), ("old",))
    (alone,) = combine({("mia", "slack"): [("old", True)]})
    assert (alone.lines, alone.folded) == (("old",), ())


def test_a_recipient_is_told_no_more_than_the_cap_in_any_hour() -> None:
    told: list[datetime] = []
    now = NOON
    for _ in range(600):
        if free_at(told, 3, now=now) is None:
            told.append(now)
        now += MINUTE
    for moment in told:
        assert sum(moment <= one < moment + timedelta(hours=1) for one in told) <= 3
    assert len(told) == 30


def test_a_clock_that_was_set_back_does_not_silence_anybody_for_longer_than_an_hour() -> None:
    told, back = [NOON, NOON + MINUTE], NOON - timedelta(hours=3)
    silent = [minute for minute in range(180) if free_at(told, 2, now=back + minute * MINUTE) is not None]
    assert len(silent) <= 60
    assert free_at(told, 2, now=NOON - MINUTE) is not None  # another machine's clock goes before


def test_an_acknowledgement_ends_after_the_time_of_the_priority_or_never() -> None:
    minutes = GUIDE_CHAIN.ack_minutes
    assert ack_ends(NOON, Priority.HIGHEST, minutes) == NOON + 30 * MINUTE
    assert ack_ends(NOON, Priority.HIGH, minutes) == NOON + 120 * MINUTE
    assert ack_ends(NOON, Priority.MEDIUM, minutes) is None
