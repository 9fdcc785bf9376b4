"""How likely a clock runs out by its like, how good that was, and whether a ticket can still be saved."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from soc.domain.sla.event import ClockKind
from soc.domain.sla.forecast import LEAST_CLOSED, Handling, Past, learn_all, score
from soc.domain.sla.saving import Saving

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = 3600.0


def past(
    number: int, used: float | None, *, target: float = HOUR, priority: str = "High", **values: object
) -> Past:
    """The nth, started a day after the one before; it ran out where it took longer than its time, or goes on."""
    start = BEGIN + timedelta(days=number)
    due = start + timedelta(seconds=target)
    late = used is None or used > target
    ended = None if used is None else start + timedelta(seconds=used)
    known = {"retargeted": False, **values}
    return Past(
        priority, target, used, start, start + timedelta(seconds=target / 2), due, due if late else None, ended,
        **known,  # type: ignore[arg-type]
    )  # fmt: skip


def test_the_chance_is_the_share_of_those_that_lasted_as_long() -> None:
    known = learn_all([past(n, 60.0 * (n + 1)) for n in range(80)])  # 1 … 80 minutes, of one hour
    assert known.chance("High", target=HOUR, used=0) == pytest.approx(20.5 / 81)
    assert known.chance("High", target=HOUR, used=50 * 60.0) == pytest.approx(20.5 / 32)
    assert known.chance("High", target=HOUR, used=HOUR + 1) == 1.0
    rising = [known.chance("High", target=HOUR, used=minute * 60.0) for minute in range(61)]
    assert rising == sorted(rising), "the longer it lasts, the likelier it runs out"
    assert (known.base_rate, known.base()) == (20 / 80, pytest.approx(20.5 / 81))


def test_one_that_ran_out_and_goes_on_counts_as_one_that_ran_out() -> None:
    quick = [past(n, 60.0) for n in range(30)]
    alone = learn_all(quick).chance("High", target=HOUR, used=0)
    known = learn_all([*quick, *(past(n, None) for n in range(30))])
    assert alone == pytest.approx(0.5 / 31)
    assert known.chance("High", target=HOUR, used=0) == pytest.approx(30.5 / 61)


def test_few_of_a_priority_are_compared_with_all_by_the_share_of_their_time() -> None:
    slow = [past(n, 2 * HOUR, target=10 * HOUR, priority="Low") for n in range(40)]
    known = learn_all([*slow, past(41, 2 * HOUR)])
    # a fifth of its time is not two hours of one
    assert known.chance("High", target=HOUR, used=0) == pytest.approx(1.5 / 42)
    assert known.chance("High", target=HOUR, used=HOUR / 5 + 1) == pytest.approx(1.5 / 2), (
        "and it lasts longer"
    )


def _scored(every: list[Past]) -> tuple[int, float, float]:
    closed = sorted(one.ended_at for one in every if one.ended_at)
    found = score(every, closed, now=BEGIN + timedelta(days=10_000))
    assert found is not None
    return found.number, found.brier, found.base_brier


def test_a_forecast_from_history_beats_the_base_rate_where_history_says_something() -> None:
    dice = random.Random(3)
    every = [past(n, dice.choice((600.0, 600.0, 600.0, 2 * HOUR))) for n in range(400)]
    number, brier, base = _scored(every)
    assert number > 400
    assert brier < 0.75 * base


def test_it_is_scored_by_what_was_known_then() -> None:
    dice = random.Random(5)
    every = [past(n, HOUR * dice.random() * 2) for n in range(120)]
    early = _scored(every)
    # what comes afterwards changes no forecast of before
    later = [past(n, None) for n in range(120, 200)]
    closed = sorted(one.ended_at for one in every if one.ended_at)
    assert score([*every, *later], closed, now=BEGIN + timedelta(days=120)) == score(
        every, closed, now=BEGIN + timedelta(days=120)
    )
    assert early == _scored(every)
    # slow reference: forget everything, and learn anew for each forecast
    number = total = 0.0
    for one in every:
        for moment, used in ((one.started_at, 0.0), (one.half_at, HOUR / 2)):
            if used and one.ended_at is not None and moment >= one.ended_at:
                continue
            known = [other for other in every if (other.breached_at or other.ended_at or moment) < moment]
            if sum(other.ended_at is not None and other.ended_at < moment for other in every) < LEAST_CLOSED:
                continue
            chance = learn_all(known).chance("High", target=HOUR, used=used)
            number, total = number + 1, total + (chance - (one.breached_at is not None)) ** 2
    assert (early[0], early[1]) == (number, pytest.approx(total / number))


def test_nothing_is_scored_before_fifty_were_closed_nor_what_is_undecided_or_was_retargeted() -> None:
    few = [past(n, 60.0) for n in range(LEAST_CLOSED)]
    closed = [one.ended_at for one in few if one.ended_at]
    assert score(few, closed, now=BEGIN + timedelta(days=900)) is None
    more = [*few, past(60, 60.0), past(61, 60.0, retargeted=True), past(80, 60.0)]
    found = score(more, closed, now=BEGIN + timedelta(days=80, minutes=30))
    assert found is not None
    assert found.number == 1, "the last one's time is not up yet, though it has ended"


def test_the_work_that_is_left_is_the_median_of_those_that_took_as_long() -> None:
    known = Handling([("High", 60.0 * n) for n in range(1, 101)])
    assert known.rest("High", spent=0) == (51 * 60.0, 100)
    assert known.rest("High", spent=90 * 60.0) == (6 * 60.0, 10)
    assert known.rest("High", spent=99 * 60.0) is None
    assert known.rest("Low", spent=0) == (51 * 60.0, 100)


def saving(**values: object) -> Saving:
    known = {"clock": ClockKind.RESOLUTION, "left": timedelta(hours=1), "free": ("Ana", "Lea")}
    return Saving(**{**known, **values})  # type: ignore[arg-type]


def test_what_can_still_be_saved_is_said_with_its_reasons() -> None:
    fits = saving(typical=timedelta(minutes=40), typical_of=31)
    assert fits.can
    assert fits.words == (
        "can still be saved: 1 h left to resolve, which usually takes 40 min more (median of 31); Ana and Lea are free"
    )
    assert saving(clock=ClockKind.RESPONSE, free=("Ana",)).words == (
        "can still be saved: 1 h left to answer; Ana is free"
    )
    late = saving(typical=timedelta(hours=2), typical_of=9)
    assert (late.can, late.verdict) == (False, "hardly to be saved")
    nobody = saving(free=(), owner="Kim")
    assert (nobody.can, nobody.verdict) == (False, "nobody is on duty")
    assert "Kim has it and is not on duty, nobody is free" in nobody.words
    here = saving(free=("Ana",), owner="Kim", owner_here=True)
    assert here.can
    assert here.words.endswith("; Kim has it and is on duty"), "who has it is asked, whoever else is free"
    assert saving(free=("Ana",), owner="Kim").words.endswith("; Kim has it and is not on duty, Ana is free")
    assert saving(staffed=False, free=(), owner="Kim", owner_here=True).words.endswith(
        "; nobody is in the roster"
    )
    assert saving(free=(), staffed=False).can
    assert "A, B, C and 2 more are free" in saving(free=tuple("ABCDE")).words
    over = saving(left=timedelta(0))
    assert (over.can, over.verdict) == (False, "too late")


def test_what_the_work_still_takes_is_the_median_of_what_lasted_as_long_in_whatever_order_it_was_learned() -> (
    None
):
    handled = Handling([("High", 60.0 * minutes) for minutes in (50, 10, 40, 20, 30, 60)])
    assert handled.rest("High", spent=0) == (60.0 * 40, 6)
    assert handled.rest("High", spent=60.0 * 10) == (60.0 * 30, 5)
    assert handled.rest("High", spent=60.0 * 20) is None, "of four nothing is said"
    assert handled.rest("Low", spent=0) == (60.0 * 40, 6), "there is none of its own: all others are asked"
