"""Times that name no zone are of the one that was chosen, and say that it was inferred."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from soc.logs.text.times import kinds_of, read_clocks, stamped
from soc.zone import parse_zone


def read(text: str, zone: str, as_of: str = "2026-11-27T00:00:00+00:00") -> tuple[str | None, bool]:
    column = pl.Series([text])
    handed_in = int(datetime.fromisoformat(as_of).timestamp() * 1e6)
    found = stamped(read_clocks(column, kinds_of(column)), handed_in, zone)
    moment = found["@timestamp"][0]
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if moment else None, bool(found["naive"][0])


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2026-07-01 12:00:00", "Europe/Berlin", "2026-07-01 10:00"),
        ("2026-01-01 12:00:00", "Europe/Berlin", "2026-01-01 11:00"),
        ("2026-07-01 12:00:00", "+05:30", "2026-07-01 06:30"),
        ("2026-07-01 12:00:00", "-03:00", "2026-07-01 15:00"),
        ("2026-07-01 12:00:00", "", "2026-07-01 12:00"),
        ("Nov 26 12:00:00", "America/New_York", "2026-11-26 17:00"),
        # twice, and never
        ("2026-10-25 02:30:00", "Europe/Berlin", "2026-10-25 00:30"),
        ("2026-03-29 02:30:00", "Europe/Berlin", "2026-03-29 01:30"),
    ],
)
def test_a_time_without_zone_is_one_of_the_chosen(text: str, zone: str, moment: str) -> None:
    assert read(text, zone) == (moment, True)


@pytest.mark.parametrize("text", ["2026-07-01T12:00:00Z", "2026-07-01 14:00:00+02:00", "1782907200"])
def test_a_time_that_says_its_zone_is_left_as_it_is(text: str) -> None:
    assert read(text, "Asia/Tokyo") == ("2026-07-01 12:00", False)


def test_a_time_followed_by_what_nobody_understands_is_unknown_in_every_zone() -> None:
    assert read("2026-07-01 12:00:00 XYZT", "Europe/Berlin") == (None, False)


def test_a_zone_is_a_name_or_an_offset() -> None:
    assert [parse_zone(text) for text in ("", " Europe/Berlin ", "+02:00")] == ["", "Europe/Berlin", "+02:00"]
    for text in ("Berlin", "../etc/passwd", "+25:00", "/etc/localtime", "CESTT"):
        with pytest.raises(ValueError, match="zone's name"):
            parse_zone(text)
