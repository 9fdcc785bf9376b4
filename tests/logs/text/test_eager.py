"""Steps over columns without a query say what Polars' own queries say."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from soc.logs.text.eager import groups_in, is_there, take

_TEXTS = pl.Series("t", ["sshd[7]: a", None, "", "cron[12]: bb", "no"])


@pytest.mark.parametrize("rows", [[], [3], [4, 0, 0, 1], [-1]])
def test_rows_are_taken_in_their_order(rows: list[int]) -> None:
    wanted = _TEXTS.gather(pl.Series(rows, dtype=pl.Int64)).to_list()
    assert take(_TEXTS, np.array(rows, np.int64)).to_list() == wanted
    assert take(_TEXTS, pl.Series(rows, dtype=pl.Int64)).to_list() == wanted


def test_a_row_that_is_not_there_is_refused() -> None:
    with pytest.raises((IndexError, pl.exceptions.OutOfBoundsError)):
        take(_TEXTS, np.array([5]))


@pytest.mark.parametrize("values", [[], ["a", "b"], [None, None], ["a", None, ""]])
def test_values_are_there_or_not(values: list[str | None]) -> None:
    column = pl.Series(values, dtype=pl.String)
    assert is_there(column).tolist() == [value is not None for value in values]


def test_groups_are_those_of_the_expression_by_name() -> None:
    found = groups_in(_TEXTS, r"(?P<name>\w+)\[(?P<pid>\d+)\]")
    again = groups_in(_TEXTS.alias("other"), r"(?P<name>\w+)\[(?P<pid>\d+)\]")
    assert found.to_dict(as_series=False) == {
        "name": ["sshd", None, None, "cron", None],
        "pid": ["7", None, None, "12", None],
    }
    assert again.equals(found)
