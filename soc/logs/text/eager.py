"""Small steps over columns that are no queries.

Polars plans and runs a query for most methods of a Series: 0.1 ms of CPU each, however few rows there are, and a block asked for
a thousand. What is here does the same without one.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from soc.logs.text.views import Ints

Flags = npt.NDArray[np.bool_]


def take(column: pl.Series, rows: pl.Series | Ints) -> pl.Series:
    """The values in these rows, in their order. Raises IndexError for a row that is not there."""
    places = rows if isinstance(rows, pl.Series) else pl.Series(rows)
    return column[places]


def is_there(column: pl.Series) -> Flags:
    """Row for row whether there is a value."""
    missing = column.null_count()
    if missing in (0, len(column)):
        return np.full(len(column), missing == 0)
    return column.is_not_null().to_numpy()


@lru_cache(maxsize=512)
def find_groups(column: str, expression: str) -> pl.Expr:
    """What the groups of `expression` find in `column`, a struct. To make one reads the whole expression: it is made once."""
    return pl.col(column).str.extract_groups(expression)


def groups_in(texts: pl.Series, expression: str) -> pl.DataFrame:
    """A column a group, by name: what it finds in each text, null where the expression does not fit."""
    named = pl.DataFrame({"text": texts})
    return named.select(find_groups("text", expression)).to_series().struct.unnest()
