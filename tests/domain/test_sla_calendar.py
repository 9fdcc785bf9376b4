"""Working time, by cases that a person can count: nights, weekends, holidays, days of 23 and 25 hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from soc.domain.sla.calendar import Calendar

HOUR = timedelta(hours=1)
DAY_SHIFT, NIGHT_SHIFT = (9 * 60, 17 * 60), (22 * 60, 30 * 60)


def office(zone: str = "UTC", **values: object) -> Calendar:
    """Monday to Friday, 9 to 17."""
    return Calendar(zone, ((DAY_SHIFT,),) * 5 + ((), ()), **values)  # type: ignore[arg-type]


def at(day: int, hour: int, minute: int = 0, *, month: int = 3) -> datetime:
    """March 2026 begins on a Sunday: the 6th is a Friday, the 9th a Monday."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "counts_from"),
    [
        (at(6, 12), at(6, 12)), (at(6, 9), at(6, 9)), (at(6, 8, 59), at(6, 9)), (at(6, 17), at(9, 9)), (at(7, 12), at(9, 9)),
    ],
)  # fmt: skip
def test_work_goes_on_at_once_or_when_the_next_shift_begins(moment: datetime, counts_from: datetime) -> None:
    assert office().next_working(moment) == counts_from
    assert Calendar().next_working(moment) == moment, "day and night"


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (at(6, 9), 8, at(6, 17)), (at(6, 16), 2, at(9, 10)), (at(7, 3), 1, at(9, 10)), (at(6, 16), 0, at(6, 16)),
        (at(7, 3), 0, at(7, 3)), (at(6, 16), 41, at(13, 17)),
    ],
)  # fmt: skip
def test_time_is_used_in_shifts_alone(start: datetime, hours: int, end: datetime) -> None:
    assert office().add(start, hours * HOUR) == end
    assert office().working(start, end) == hours * HOUR
    assert office().working(end, start) == timedelta(0), "backwards nothing passes"


def test_a_day_of_its_own_wins_over_the_yearly_one_and_both_over_the_week() -> None:
    closed = office(yearly={(3, 9): ()})
    assert closed.next_working(at(7, 0)) == at(10, 9)
    opened = office(yearly={(3, 9): ()}, days={date(2026, 3, 9): ((10 * 60, 11 * 60),)})
    assert opened.add(at(7, 0), 2 * HOUR) == at(10, 10)
    assert opened.intervals_of(date(2027, 3, 9)) == ()


def test_a_night_shift_belongs_to_the_day_on_which_it_begins() -> None:
    nights = Calendar("UTC", ((NIGHT_SHIFT,),) + ((),) * 6)  # Monday night alone
    assert nights.next_working(at(9, 0)) == at(9, 22)
    assert nights.working(at(9, 0), at(11, 0)) == 8 * HOUR
    assert nights.add(at(9, 23), 3 * HOUR) == at(10, 2)


def test_shifts_that_touch_are_one_stretch() -> None:
    both = Calendar("UTC", ((DAY_SHIFT, (17 * 60, 22 * 60), NIGHT_SHIFT),) * 7)
    assert [(end - start) for start, end in both._spans(date(2026, 3, 10))] == [6 * HOUR, 15 * HOUR]


def test_a_shift_is_kept_by_the_clock_on_its_wall() -> None:
    berlin = office("Europe/Berlin")
    assert (berlin.next_working(at(27, 0)), berlin.next_working(at(28, 0))) == (at(27, 8), at(30, 7))
    whole_day = Calendar("Europe/Berlin", (((0, 24 * 60),),) * 7)
    assert whole_day.working(at(28, 23), at(29, 22)) == 23 * HOUR, (
        "in spring a day has 23 hours, all of them work"
    )
    tonga, samoa = office("Pacific/Tongatapu"), office("Pacific/Pago_Pago")
    assert (tonga.next_working(at(7, 0)), samoa.next_working(at(7, 0))) == (at(8, 20), at(7, 0))


def test_no_working_time_at_all_is_an_error_and_no_endless_search() -> None:
    never = Calendar("UTC", ((),) * 7)
    assert never.next_working(at(6, 0)) == at(6, 0)
    with pytest.raises(ValueError, match="no working time"):
        never.add(at(6, 0), HOUR)
