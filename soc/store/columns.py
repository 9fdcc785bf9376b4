"""What tables are made of: columns that keep UTC, JSON values, and pointers to another table's rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import SQLModel

from soc.clock import UtcDateTime


def moment(*, nullable: bool = True, index: bool = False) -> Any:
    """Takes aware datetimes only; gives aware UTC back."""
    return Column(UtcDateTime(), nullable=nullable, index=index)


def json_value() -> Any:
    """A list or a dict."""
    return Column(JSON, nullable=False)


def key_of(table: type[SQLModel]) -> str:
    """For `foreign_key`: naming the class imports its file, so that the table is known wherever it is pointed to."""
    return f"{table.__tablename__}.id"
