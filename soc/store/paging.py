"""Pages of a list: sorted by the database, each row on one page, with the total and a cursor to what follows.

A cursor is opaque: it names the last row of a page by the values that the list is sorted by. Rows that come or go
meanwhile move nothing: what follows is what sorts after that row. An offset serves lists with numbered pages.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from soc import clock
from soc.errors import ConfigurationError

Row = TypeVar("Row", bound=SQLModel)
One = TypeVar("One")
#: The names by which a list can be sorted; each stands for columns of which the last is unique.
Sorts = Mapping[str, tuple[str, ...]]
#: So many values stand in one statement: a long one holds others up, and a database takes no endless one.
AT_ONCE = 500
#: The largest number that every database takes for an integer.
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Page(Generic[Row]):
    """`total` counts all rows that match, not only these. `next` is the cursor to the rest, empty at the end."""

    rows: Sequence[Row]
    total: int
    next: str = ""


def list_rows(
    session: Session,
    table: type[Row],
    conditions: Sequence[sa.ColumnElement[bool]],
    *,
    sorts: Sorts,
    sort: str,
    offset: int = 0,
    limit: int = 50,
) -> Sequence[Row]:
    """The rows alone, for a list whose number is known already. Raises ConfigurationError for an unknown sort."""
    columns, descending = _columns(table, sorts, sort)
    query = sa.select(table).where(*conditions).order_by(*(c.desc() if descending else c for c in columns))
    return session.scalars(query.offset(offset or None).limit(limit)).all()


def read_again(session: Session, table: type[Row], ids: Sequence[Any]) -> Sequence[Row]:
    """The rows with these primary keys, in this order; those that are gone are left out."""
    (key,) = sa.inspect(table).local_table.primary_key.columns
    found = {getattr(row, key.key): row for row in session.scalars(sa.select(table).where(key.in_(ids)))}
    return [found[one] for one in ids if one in found]


def portions(every: Sequence[One]) -> Iterator[Sequence[One]]:
    """All of them in their order, at most AT_ONCE together; nothing where there are none."""
    for start in range(0, len(every), AT_ONCE):
        yield every[start : start + AT_ONCE]


def count_rows(
    session: Session, table: type[SQLModel], conditions: Sequence[sa.ColumnElement[bool]] = ()
) -> int:
    return session.scalars(sa.select(sa.func.count()).select_from(table).where(*conditions)).one()


def read_page(
    session: Session,
    table: type[Row],
    conditions: Sequence[sa.ColumnElement[bool]],
    *,
    counted: Sequence[sa.ColumnElement[bool]] | None = None,
    sorts: Sorts,
    sort: str,
    cursor: str = "",
    offset: int = 0,
    limit: int = 50,
) -> Page[Row]:
    """One page of the rows that meet the conditions. `sort` is a name in `sorts`; with a minus it is descending.

    `counted`: the same conditions, where they are better put in other words for counting.

    Raises ConfigurationError for an unknown sort and for a cursor that is none, or one of another sort.
    """
    columns, descending = _columns(table, sorts, sort)
    query = sa.select(table).where(*conditions).order_by(*(c.desc() if descending else c for c in columns))
    if cursor:
        query = query.where(_after(columns, _read_cursor(cursor, sort, columns), descending=descending))
    rows = session.scalars(query.offset(offset or None).limit(limit + 1)).all()
    total = count_rows(session, table, conditions if counted is None else counted)
    more = len(rows) > limit
    shown = rows[:limit]
    return Page(shown, total, _write_cursor(shown[-1], sort, columns) if more and shown else "")


def _columns(table: type[Row], sorts: Sorts, sort: str) -> tuple[list[sa.Column[Any]], bool]:
    names = sorts.get(sort.removeprefix("-"))
    if names is None:
        raise ConfigurationError(
            f"This list cannot be sorted by “{sort}”.",
            hint=f"Sort by one of {', '.join(sorts)}; with a minus before it for the other direction.",
        )
    known = sa.inspect(table).local_table.columns
    return [known[name] for name in names], sort.startswith("-")


def _after(
    columns: Sequence[sa.Column[Any]], values: Sequence[Any], *, descending: bool
) -> sa.ColumnElement[bool]:
    """The rows that sort after these values: one comparison of rows, which an index over the columns serves."""
    row = sa.tuple_(*columns)
    last = sa.tuple_(*(sa.literal(value, column.type) for column, value in zip(columns, values, strict=True)))
    return row < last if descending else row > last


def _write_cursor(row: SQLModel, sort: str, columns: Sequence[sa.Column[Any]]) -> str:
    values = [getattr(row, column.key) for column in columns]
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps([sort, *plain]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, sort: str, columns: Sequence[sa.Column[Any]]) -> list[Any]:
    try:
        made_for, *plain = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if made_for != sort:
            raise ConfigurationError("The cursor belongs to another sort.", hint=_BEGIN_AGAIN)
        return [_value(column, one) for column, one in zip(columns, plain, strict=True)]
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise ConfigurationError("This is no cursor of this list.", hint=_BEGIN_AGAIN) from None


_BEGIN_AGAIN = "Begin again without a cursor, then pass on each page's `next` as it is."


def _value(column: sa.Column[Any], plain: Any) -> Any:
    """The cursor's value in the column's own type. It came from outside: ValueError where it does not fit."""
    kind = column.type
    wanted = (kind.impl_instance if isinstance(kind, sa.types.TypeDecorator) else kind).python_type
    if wanted is datetime:
        return clock.parse(plain)
    if type(plain) is not wanted or (wanted is int and abs(plain) > _LARGEST):
        raise ValueError("not a value of this column")
    if wanted is str and "\x00" in plain:
        raise ValueError("no text of a database")
    return plain
