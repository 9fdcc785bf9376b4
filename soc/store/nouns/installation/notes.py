"""Small facts about this installation, by name."""

from __future__ import annotations

from typing import Any

from sqlmodel import Field, Session, SQLModel

from soc.store.columns import json_value
from soc.store.db import insert_ignoring


class NoteRow(SQLModel, table=True):
    """Small facts about this installation, by name (which notices were shown, where the sandbox listens)."""

    __tablename__ = "notes"

    name: str = Field(primary_key=True)
    value: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())


def read_note(session: Session, name: str) -> dict[str, Any]:
    """The fact of that name, {} where there is none."""
    row = session.get(NoteRow, name)
    return {} if row is None else row.value


def keep_note(session: Session, name: str, value: dict[str, Any]) -> None:
    """The fact of that name from now on; of two who write the first one at once, the later one's holds."""
    insert_ignoring(session, NoteRow, [{"name": name, "value": value}])
    session.merge(NoteRow(name=name, value=value))
