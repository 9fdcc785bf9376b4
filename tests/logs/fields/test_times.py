"""Times as logs write them: the unit, the zone, the year, and what is left out rather than invented."""

from __future__ import annotations

import json

import pytest

from tests.logs.reading import read


def times_of(*texts: str | int | float) -> list[str | None]:
    """What `@timestamp` says where a record's own time is each of `texts`."""
    data = "".join(json.dumps({"message": "m", "@timestamp": text}) + "\n" for text in texts)
    return [found and str(found) for (found,) in read(data, "a.jsonl").cells("@timestamp")]


def test_the_zone_that_a_record_tells_beside_its_time_is_that_time_s() -> None:
    pairs = 'date=2026-03-01 time=10:00:00 tz="+0200" user=eve action=login srcip=192.0.2.1\n'
    records = '{"time": "2026-03-01 10:00:00", "timezone": "EST"}\n{"time": "2026-03-01 10:00:00", "timezone": "here"}\n'
    assert [str(found) for (found,) in read(pairs, "a.log").cells("@timestamp")] == [
        "2026-03-01 08:00:00+00:00"
    ]
    assert [str(found) for (found,) in read(records, "a.jsonl").cells("@timestamp")] == [
        "2026-03-01 15:00:00+00:00",
        "2026-03-01 10:00:00+00:00",
    ]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        # seconds, milli-, micro- and nanoseconds, by their digits
        ("999999999", "2001-09-09 01:46:39+00:00"),
        ("1767225600", "2026-01-01 00:00:00+00:00"),
        ("1767225600.5", "2026-01-01 00:00:00.500000+00:00"),
        ("1767225600.123456789", "2026-01-01 00:00:00.123456+00:00"),
        ("9999999999", None),
        ("99999999999", "1973-03-03 09:46:39.999000+00:00"),
        ("1767225600123", "2026-01-01 00:00:00.123000+00:00"),
        ("9999999999999", None),
        ("1767225600123456", "2026-01-01 00:00:00.123456+00:00"),
        ("1767225600123456789", "2026-01-01 00:00:00.123456+00:00"),
        ("12345678", None),
        ("17672256001234567890", None),
        # ISO and its relatives
        ("2026-01-02T03:04:05Z", "2026-01-02 03:04:05+00:00"),
        ("2026-01-02 03:04:05", "2026-01-02 03:04:05+00:00"),
        ("2026/01/02 03:04:05", "2026-01-02 03:04:05+00:00"),
        ("2026-01-02T03:04:05.6", "2026-01-02 03:04:05.600000+00:00"),
        ("2026-01-02T03:04:05,678", "2026-01-02 03:04:05.678000+00:00"),
        ("2026-01-02T03:04:05.123456789Z", "2026-01-02 03:04:05.123456+00:00"),
        # zones: east is earlier in UTC
        ("2026-01-02T03:04:05+01:00", "2026-01-02 02:04:05+00:00"),
        ("2026-01-02T03:04:05+0130", "2026-01-02 01:34:05+00:00"),
        ("2026-01-02T03:04:05-05", "2026-01-02 08:04:05+00:00"),
        ("2026-01-02T03:04:05-0530", "2026-01-02 08:34:05+00:00"),
        ("2026-01-02T03:04:05 UTC", "2026-01-02 03:04:05+00:00"),
        ("2026-01-02T03:04:05+14:00", "2026-01-01 13:04:05+00:00"),
        ("2026-01-02T03:04:05+14:01", None),
        ("2026-01-02T03:04:05-14:01", None),
        # other hands
        ("31/Dec/2025:23:59:59 +0100", "2025-12-31 22:59:59+00:00"),
        ("1/Jan/2026:00:00:00 +0000", "2026-01-01 00:00:00+00:00"),
        ("Sun Dec 04 04:51:08 2005", "2005-12-04 04:51:08+00:00"),
        ("Sun Dec  4 04:51:08.123 2005", "2005-12-04 04:51:08.123000+00:00"),
        ("Sun Dec 4 04:51:08 2005", "2005-12-04 04:51:08+00:00"),
        ("20260102030405.6", "2026-01-02 03:04:05.600000+00:00"),
        ("081109 203518", "2008-11-09 20:35:18+00:00"),
        # edges of the calendar and the clock
        ("2024-02-29T00:00:00Z", "2024-02-29 00:00:00+00:00"),
        ("2026-02-29T00:00:00Z", None),
        ("2026-13-01T00:00:00Z", None),
        ("2026-01-00T00:00:00Z", None),
        ("2026-01-01T24:00:00Z", None),
        ("2026-01-01T23:60:00Z", None),
        ("2026-01-01T23:59:60Z", "2026-01-02 00:00:00+00:00"),
        ("2026-01-01T23:59:61Z", None),
        ("1900-01-01T00:00:00Z", "1900-01-01 00:00:00+00:00"),
        ("1899-12-31T23:59:59Z", None),
        ("2199-12-31T23:59:59Z", "2199-12-31 23:59:59+00:00"),
        ("2200-01-01T00:00:00Z", None),
        # without a year: the latest that does not lie after the upload (tests.logs.reading.AS_OF) and a day more
        ("Mar  1 00:00:00", "2026-03-01 00:00:00+00:00"),
        ("Jul  1 23:00:00", "2026-07-01 23:00:00+00:00"),
        ("Jul  3 00:00:00", "2025-07-03 00:00:00+00:00"),
        ("Dec 31 23:59:59", "2025-12-31 23:59:59+00:00"),
        ("Feb 29 10:00:00", "2024-02-29 10:00:00+00:00"),
        ("Feb 30 10:00:00", None),
        # as people and products write them
        ("3/24/2022 2:42:35 PM", "2022-03-24 14:42:35+00:00"),
        ("24/3/2022 12:05:00 am", "2022-03-24 00:05:00+00:00"),
        ("2026-06-27 03:58:00 PM", "2026-06-27 15:58:00+00:00"),
        ("2026-06-27 13:58:00 PM", None),
        ("Thu 2026-02-05 10:20:30 CET", "2026-02-05 09:20:30+00:00"),
        ("2026-06-27 17:58:56 CEST", "2026-06-27 15:58:56+00:00"),
        ("2026-06-27 17:58:56 IST", None),
        ("2026-06-27 17:58:56 later", None),
        ("Jun 25, 2026 @ 19:58:56.628", "2026-06-25 19:58:56.628000+00:00"),
        ("Mon, 05 Jan 2026 10:00:00 -0530", "2026-01-05 15:30:00+00:00"),
        ("2026-01-01 10:00:00 (UTC+02:00)", "2026-01-01 08:00:00+00:00"),
        ("01-Jan-2026 10:00:00", "2026-01-01 10:00:00+00:00"),
        ("31.12.2025 10:11:12", "2025-12-31 10:11:12+00:00"),
        ("20260102T030405Z", "2026-01-02 03:04:05+00:00"),
        ("/Date(1658751973240)/", "2022-07-25 12:26:13.240000+00:00"),
        ("/Date(99999999999999)/", None),
        ("Jul  3 2024 16:39:13 CEST", "2024-07-03 14:39:13+00:00"),
        ("yesterday", None),
    ],
)
def test_a_time_is_read_or_left_out(text: str, moment: str | None) -> None:
    assert times_of(text) == [moment]


def test_a_number_in_json_is_a_time_like_its_text() -> None:
    assert times_of(1767225600, 1767225600123) == [
        "2026-01-01 00:00:00+00:00",
        "2026-01-01 00:00:00.123000+00:00",
    ]


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("2026-01-02T03:04:05+01:00 host app[1]: x", "2026-01-02 02:04:05+00:00"),
        ("2026-01-02 03:04:05,678 - INFO x", "2026-01-02 03:04:05.678000+00:00"),
        ("[2026-01-02 03:04:05] x", "2026-01-02 03:04:05+00:00"),
        ("1767225600 x", "2026-01-01 00:00:00+00:00"),
        ("1767225600123 x", "2026-01-01 00:00:00.123000+00:00"),
        ("1767225600123456 x", "2026-01-01 00:00:00.123456+00:00"),
        ("1767225600123456789 x", "2026-01-01 00:00:00.123456+00:00"),
        ('h - - [31/Dec/2025:23:59:59 -0030] "GET / HTTP/1.1" 200 1', "2026-01-01 00:29:59+00:00"),
        ("[Sun Dec 04 04:51:08 2005] [error] x", "2005-12-04 04:51:08+00:00"),
        ("081109 203518 143 INFO x", "2008-11-09 20:35:18+00:00"),
        ("<34>1 2026-01-02T03:04:05.006Z h app 1 ID - x", "2026-01-02 03:04:05.006000+00:00"),
        ("<34>1 - h app 1 ID - x", None),
        ("Mar  1 00:00:00 h app: x", "2026-03-01 00:00:00+00:00"),
        ("no time", None),
    ],
)
def test_a_line_that_begins_with_its_time_has_it(line: str, moment: str | None) -> None:
    ((found,),) = read(line + "\n").cells("@timestamp")
    assert (found and str(found)) == moment


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2026 Mar 1 02:00:00", "2026-03-01 02:00:00+00:00"),
        ("2026-Mar-01 02:00:00", "2026-03-01 02:00:00+00:00"),
        ("01-Mar-26 02:00:00 PM", "2026-03-01 14:00:00+00:00"),
        ("01Mar2026 02:00:00", "2026-03-01 02:00:00+00:00"),
        ("Mar-01-2026 02:00:00", "2026-03-01 02:00:00+00:00"),
        ("20260301 02:00:00", "2026-03-01 02:00:00+00:00"),
        ("1.3.2026 02:00:00", "2026-03-01 02:00:00+00:00"),
        ("02:00:00.5 2026/03/01", "2026-03-01 02:00:00.500000+00:00"),
        ("March 1, 2026 at 2:00:00 PM GMT+1", "2026-03-01 13:00:00+00:00"),
        ("2026-03-01 02:00:00 (UTC+01:00)", "2026-03-01 01:00:00+00:00"),
        ("2026-03-01 02:00:00 UTC-5", "2026-03-01 07:00:00+00:00"),
        # no day of any month, and no clock of any day
        ("20261301 02:00:00", None),
        ("2026 Mar 32 02:00:00", None),
        ("01Mar2026 25:00:00", None),
    ],
)
def test_a_line_has_its_time_in_whatever_order_its_parts_stand(said: str, moment: str | None) -> None:
    ((found,),) = read(f"{said} login refused\n", "a.log").cells("@timestamp")
    assert (found and str(found)) == moment


def test_what_was_assumed_or_left_out_is_said() -> None:
    lines = ("2026-01-02T03:04:05 h a: x\n" * 2 + "Mar  1 00:00:00 h a: x\n" * 3
             + "2026-13-02T03:04:05Z h a: x\n" + "2026-01-02T03:04:05Z h a: x\n" * 9)  # fmt: skip
    (file,) = read(lines).analysis.files
    said = " ".join(file.warnings)
    assert "3 times have no year" in said
    assert "2 times have no zone and were taken as UTC" in said
    assert "1 time is impossible" in said


def test_nothing_is_said_of_times_that_are_whole() -> None:
    assert read("2026-01-02T03:04:05Z h a: x\n" * 3).analysis.files[0].warnings == ()


def test_a_column_of_times_wins_over_a_time_in_the_message() -> None:
    text = "time,source,message\n2026-01-02T03:04:05Z,s,2020-01-01T00:00:00Z INFO x\n,s,2020-01-01T00:00:00Z INFO y\n"
    found = [str(moment) for (moment,) in read(text, "a.csv").cells("@timestamp")]
    assert found == ["2026-01-02 03:04:05+00:00", "2020-01-01 00:00:00+00:00"]


def test_times_without_a_year_still_order_and_part_incidents() -> None:
    line = "{} h app[1]: kernel panic - not syncing\n"
    joined = read("".join(line.format(f"Mar  1 {hour:02d}:00:00") for hour in (1, 2, 3)))
    parted = read("".join(line.format(f"Mar  1 {hour:02d}:00:00") for hour in (1, 2, 5)))
    assert [one.count for one in joined.incidents] == [3]
    assert sorted(one.count for one in parted.incidents) == [1, 2]
