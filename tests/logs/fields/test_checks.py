"""A value that cannot be what its field means is null, whoever gave it."""

from __future__ import annotations

import polars as pl
import pytest

from soc.domain.event import ECS_FIELDS
from soc.logs.fields.checks import check_values
from soc.logs.fields.search import search_fields
from soc.logs.formats.json_lines import _ALSO, KEYS


def checked(name: str, *texts: str | None) -> list[object]:
    return check_values(name, pl.Series(texts, dtype=pl.String)).to_list()


def test_a_port_is_a_whole_number_up_to_65535() -> None:
    assert checked("source.port", "0", "65535", "65536", "-1", "+1", "1.0", "", None) == [
        0,
        65535,
        *[None] * 6,
    ]


def test_a_number_is_digits_and_no_more_than_18_of_them() -> None:
    eighteen = "9" * 18
    assert checked("process.pid", "007", eighteen, "1" * 19, "12a", " 1", "+5") == [
        7,
        int(eighteen),
        *[None] * 4,
    ]


def test_an_address_is_valid_and_ipv4_in_ipv6_clothes_is_ipv4() -> None:
    assert checked("source.ip", "192.0.2.1", "::ffff:192.0.2.1", "[2001:db8::1]", "999.1.1.1", "host") == [
        "192.0.2.1", "192.0.2.1", "2001:db8::1", None, None,
    ]  # fmt: skip


def test_a_level_is_in_lower_case_and_a_path_stays_as_it_is() -> None:
    assert checked("log.level", "WARN") == ["warn"]
    assert checked("log.level", "Metadata") == [None]  # how much of a request an audit writes down
    assert checked("url.path", "/A?b") == ["/A?b"]


@pytest.mark.parametrize(("name", "kind"), [("source.port", pl.Int64), ("user.name", pl.String)])
def test_a_column_without_values_still_has_its_fields_type(name: str, kind: type[pl.DataType]) -> None:
    assert check_values(name, pl.Series([None, None], dtype=pl.String)).dtype == kind


def test_whatever_fills_fields_knows_only_ecs_fields() -> None:
    head = pl.DataFrame({"body": ["x"], "source.ip": [None], "process.name": [None]}).cast(pl.String)
    found = set(search_fields(head, pl.Series([True])).columns)
    keys = set(KEYS) - {"text", "source", "time"}
    assert found <= set(ECS_FIELDS)
    assert keys == set(ECS_FIELDS)
    assert set(_ALSO) <= set(ECS_FIELDS)
