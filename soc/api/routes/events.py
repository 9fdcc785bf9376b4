"""The lines of a batch, each with its verdict, from the files that its run left."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, ConfigDict, Field, create_model

from soc.access.scopes import Scope
from soc.api.inputs import BatchFilter, ClassFilter, Limit, RowId
from soc.api.lanes import in_lane
from soc.api.lists import Answer, Cursor, Listed, offset_cursor, read_offset
from soc.api.scopes import needs
from soc.batches.reading.lines import count_lines, read_lines
from soc.domain.event import COLUMNS, ColumnType
from soc.store.db import read_session
from soc.store.nouns.batches.batches import get_batch

router = APIRouter(prefix="/batches", tags=["events"])

_TYPES: dict[ColumnType, tuple[Any, Any]] = {
    "int64": (int, 1),
    "int16": (int, 9),
    "float64": (float, 0.9),
    "string": (str, "…"),
    "timestamp[us, UTC]": (AwareDatetime, "2026-01-14T22:01:07Z"),
}


class _Columns(Answer):
    model_config = ConfigDict(validate_by_name=True)


def _name(column: str) -> str:
    """A column's name as Python can say it (`source.ip` → `source_ip`, `@timestamp` → `timestamp`)."""
    return column.replace(".", "_").lstrip("@")


_COLUMNS: dict[str, Any] = {
    _name(column.name): (
        _TYPES[column.type][0] | None,
        Field(alias=column.name, description=column.meaning, examples=[_TYPES[column.type][1]]),
    )
    for column in COLUMNS
}
#: One line: the columns of the events file (docs/events-file.md) under their own names, and the line as it was.
Event: Any = create_model(
    "Event",
    __base__=_Columns,
    __module__=__name__,
    __doc__="One line with its verdict; the columns are those of the events file.",
    raw=(str | None, Field(description="The line as it was, cut at 64 KiB.", examples=["…"])),
    **_COLUMNS,
)


class EventList(Listed[Event]):
    """A page of lines."""


@router.get("/{batch_id}/events", dependencies=[needs(Scope.READ)], summary="Lines of a batch")
@in_lane("events")
def list_batch_events(
    batch_id: RowId,
    incident_id: BatchFilter = "",
    classification: ClassFilter = "",
    min_score: Annotated[int, Query(ge=0, le=10)] = 0,
    rejected: bool = False,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> EventList:
    """In the order of the files. `rejected`: only those that no parser understood."""
    with read_session() as session:
        get_batch(session, batch_id)
    offset = read_offset(cursor) if cursor else 0
    chosen: dict[str, Any] = {
        "incident_id": incident_id or None,
        "rejected_only": rejected,
        "min_score": min_score,
        "classification": classification,
    }
    total = count_lines(batch_id, **chosen)
    rows = read_lines(batch_id, **chosen, offset=offset, limit=limit).to_dicts()
    following = offset + len(rows)
    return EventList(
        items=[Event(**row) for row in rows],
        total=total,
        next=offset_cursor(following) if rows and following < total else None,
    )
