"""A zone's name that stands behind a time, where a header ends before it."""

from __future__ import annotations

import polars as pl

from soc.logs.fields.named_zones import take_zones

_HOUR = 3_600_000_000


def test_a_zones_name_moves_the_time_and_leaves_the_body_a_name_of_several_makes_it_unknown() -> None:
    bodies = ["CEST [77] x", "(EST) x", "IST x", "INFO x", "CESTA x", "UTC: x"]
    head = pl.DataFrame(
        {"body": bodies, "time": None, "micros": 10 * _HOUR, "naive": True, "read": True}
    ).cast({"time": pl.String})
    taken = take_zones(head)
    assert taken["body"].to_list() == ["[77] x", "x", "x", "INFO x", "CESTA x", "x"]
    assert (taken["micros"] // _HOUR).to_list() == [8, 15, None, 10, 10, 10]
    assert taken["naive"].to_list() == [False, False, False, True, True, False]


def test_a_time_that_is_still_text_gets_the_name_unless_it_has_a_zone() -> None:
    head = pl.DataFrame(
        {
            "body": ["CEST x", "CEST x"],
            "time": ["2026/06/25 10:00:00", "2026/06/25 10:00:00Z"],
            "micros": pl.Series([None, None], dtype=pl.Int64),
            "naive": False,
            "read": False,
        }
    )
    assert take_zones(head)["time"].to_list() == ["2026/06/25 10:00:00 CEST", "2026/06/25 10:00:00Z"]
