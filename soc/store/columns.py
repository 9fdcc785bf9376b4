"""What tables are made of: columns that keep UTC, JSON values, pointers to another table's rows; and time as a number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import JSON, BigInteger, Column, ColumnElement, Index, and_, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import SQLModel

from soc.clock import UtcDateTime


def moment(*, nullable: bool = True, index: bool = False) -> Any:
    """Takes aware datetimes only; gives aware UTC back."""
    return Column(UtcDateTime(), nullable=nullable, index=index)


def json_value(server_default: str | None = None) -> Any:
    """A list or a dict. `server_default`: what rows have that were there before the column."""
    return Column(JSON, nullable=False, server_default=server_default)


def key_of(table: type[SQLModel]) -> str:
    """For `foreign_key`: naming the class imports its file, so that the table is known wherever it is pointed to."""
    return f"{table.__tablename__}.id"


def partial_index(name: str, *columns: str, of: str, on_postgresql: str = "", unique: bool = False) -> Index:
    """An index of the rows that meet the condition alone. A query uses it that says the same words."""
    return Index(
        name, *columns, sqlite_where=text(of), postgresql_where=text(on_postgresql or of), unique=unique
    )


def practice_index(table: str) -> Index:
    """Of the rows of practice: whether there is one is found at once, however many others there are."""
    return partial_index(f"ix_{table}_practice", "id", of="practice IS 1", on_postgresql="practice IS true")


def whose(owner: Any, owners: Sequence[str]) -> ColumnElement[bool]:
    """Rows of these people by their `owner` column, or nobody's for `("",)`. Says the words of the partial indexes below."""
    nobody = text("''")
    if tuple(owners) == ("",):
        return cast("ColumnElement[bool]", owner == nobody)
    return and_(owner != nobody, owner.in_(owners))


def owner_indexes(table: str, *columns: str) -> tuple[Index, Index]:
    """Somebody's rows and nobody's, each in the order of the columns. Apart, so that neither is taken for other questions."""
    return (
        partial_index(f"ix_{table}_owned", "owner", *columns, of="owner <> ''"),
        partial_index(f"ix_{table}_unowned", *columns, of="owner = ''"),
    )


class Microseconds(FunctionElement[int]):
    """A moment's column as whole microseconds since 1970: exact in both databases, so that lengths can be added up."""

    type = BigInteger()
    inherit_cache = True


@compiles(Microseconds)
def _on_postgresql(element: Microseconds, compiler: SQLCompiler, **words: Any) -> str:
    return f"CAST(EXTRACT(EPOCH FROM {compiler.process(element.clauses, **words)}) * 1000000 AS BIGINT)"


@compiles(Microseconds, "sqlite")
def _on_sqlite(element: Microseconds, compiler: SQLCompiler, **words: Any) -> str:
    # unixepoch() would round the fraction to milliseconds: it gets the whole seconds only
    text = compiler.process(element.clauses, **words)
    return f"(unixepoch(substr({text}, 1, 19)) * 1000000 + CAST(substr({text}, 21, 6) AS INTEGER))"


def microseconds(value: datetime) -> int:
    """The same of a moment in Python."""
    return (value - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
