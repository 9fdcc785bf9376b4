"""Which addresses are of one's own networks, one by one and a column at once."""

from __future__ import annotations

import polars as pl
import pytest

from soc.detection.inside import are_inside, is_inside

WHERE = {
    "10.0.0.9": True,
    "172.31.255.255": True,
    "172.32.0.0": False,
    "192.168.7.1": True,
    "127.0.0.1": True,
    "203.0.113.9": False,
    "fd00::1": True,
    "fe80::1": True,
    "::1": True,
    "2001:db8::9": False,
}


def test_a_column_says_of_each_address_what_is_said_of_it_alone_and_a_missing_one_is_outside() -> None:
    assert {one: is_inside(one) for one in WHERE} == WHERE
    column = pl.Series([*WHERE, None, "10.0.0.9"])
    assert are_inside(column).to_list() == [*WHERE.values(), False, True]
    assert are_inside(pl.Series([None, "203.0.113.9"])).to_list() == [False, False]
    assert are_inside(pl.Series([], dtype=pl.String)).to_list() == []


def test_what_is_no_address_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="host"):
        are_inside(pl.Series(["host"]))
