"""Shifts follow the wall clock of their zone, through every change of the clocks."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import pytest

from soc import zone as soc_zone
from soc.domain.roster.duty import Absence, Duty
from soc.domain.roster.shifts import Shift
from soc.errors import ConfigurationError

DAILY = frozenset(range(7))
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")


def test_shifts_that_follow_each_other_leave_no_hole_at_any_change_of_the_clocks() -> None:
    dice = random.Random(7)
    for zone in ZONES:
        for _ in range(6):
            # at the very minutes that clocks skip or show twice, too
            cuts = sorted(
                {time(dice.randrange(24), dice.choice((0, 15, 30, 45))) for _ in range(3)} | {time(2, 30)}
            )
            shifts = [Shift(DAILY, cut, cuts[(at + 1) % len(cuts)], zone) for at, cut in enumerate(cuts)]
            spans = Duty(tuple(shifts)).on_duty(
                datetime(2026, 1, 2, tzinfo=UTC), datetime(2027, 1, 2, tzinfo=UTC)
            )
            assert len(spans) == 1, (zone, cuts, spans)


def test_a_moment_is_on_shift_when_a_reader_of_the_wall_clock_would_say_so() -> None:
    """Against a slow reference, away from the hours at which clocks change."""
    dice = random.Random(11)
    for zone in ZONES:
        shift = Shift(frozenset({0, 2, 4}), time(22), time(6), zone)
        duty = Duty((shift,))
        for _ in range(60):
            moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=dice.randrange(525_600))
            wall = moment.astimezone(ZoneInfo(zone))
            if 1 <= wall.hour < 4:
                continue
            expected = (wall.hour >= 22 and wall.weekday() in (0, 2, 4)) or (
                wall.hour < 6 and wall.weekday() in (1, 3, 5)
            )
            assert duty.at(moment).on is expected, (zone, wall)


def test_a_night_shift_is_an_hour_shorter_or_longer_when_the_clocks_change() -> None:
    night = Shift(DAILY, time(22), time(6), "Europe/Berlin")
    lengths = [
        end - begin for begin, end in (night.span_of(date(2026, 3, 28)), night.span_of(date(2026, 10, 24)))
    ]
    assert lengths == [timedelta(hours=7), timedelta(hours=9)]
    half = Shift(DAILY, time(22), time(6), "Australia/Lord_Howe").span_of(date(2026, 4, 4))
    assert half[1] - half[0] == timedelta(hours=8, minutes=30)


def test_presence_says_until_when_in_the_persons_own_time() -> None:
    duty = Duty((Shift(frozenset(range(5)), time(8), time(16), "Europe/Berlin"),), zone="Europe/Berlin")
    friday = datetime(2026, 3, 27, 14, 30, tzinfo=UTC)
    assert duty.at(friday).why == "on shift until Fri 2026-03-27 16:00 Europe/Berlin"
    evening = duty.at(friday + timedelta(hours=1))
    assert (evening.on, evening.why) == (False, "off shift until Mon 2026-03-30 08:00 Europe/Berlin")
    assert evening.until == datetime(2026, 3, 30, 6, tzinfo=UTC)  # summer time has begun


def test_an_absence_takes_away_from_shifts_and_from_being_on_call() -> None:
    start = datetime(2026, 5, 4, 10, tzinfo=UTC)
    away = Absence(start, start + timedelta(hours=2), "dentist")
    on_call = Duty(absences=(away,))
    assert on_call.at(start - timedelta(seconds=1)).until == start
    assert on_call.at(start).why == "out of office until Mon 2026-05-04 12:00 UTC (dentist)"
    assert on_call.at(away.end).on
    shift = Duty((Shift(DAILY, time(11), time(20), "UTC"),), (away,))
    assert shift.at(start).until == away.end
    assert shift.on_duty(start, start + timedelta(days=1)) == [(away.end, start.replace(hour=20))]


def test_a_shift_that_can_never_be_is_refused() -> None:
    for wrong in (
        {"weekdays": frozenset()}, {"weekdays": frozenset({7})}, {"zone": "Mars/Base"},
        {"since": date(2026, 2, 2), "until": date(2026, 2, 1)},
    ):  # fmt: skip
        with pytest.raises(ConfigurationError):
            Shift(**{"weekdays": DAILY, "start": time(8), "end": time(16), "zone": "UTC", **wrong})  # type: ignore[arg-type]


def test_a_shift_has_bounds_in_days() -> None:
    shift = Shift(DAILY, time(8), time(8), "UTC", since=date(2026, 2, 2), until=date(2026, 2, 3))
    spans = Duty((shift,)).on_duty(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
    assert spans == [(datetime(2026, 2, 2, 8, tzinfo=UTC), datetime(2026, 2, 4, 8, tzinfo=UTC))]
    assert shift.words == "every day 08:00–08:00 UTC"


def test_the_list_of_zones_is_read_once_whatever_number_of_shifts(monkeypatch: pytest.MonkeyPatch) -> None:
    read = Mock(return_value={"UTC"})
    monkeypatch.setattr(soc_zone, "available_timezones", read)
    soc_zone.known_zones.cache_clear()
    try:
        for _ in range(3):
            Shift(DAILY, time(8), time(16), "UTC")
    finally:
        soc_zone.known_zones.cache_clear()
    assert read.call_count == 1
