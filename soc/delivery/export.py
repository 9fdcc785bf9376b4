"""Deliveries as a file for a spreadsheet: what was to be said, how it stands, and what to do about it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from soc.clock import isoformat
from soc.links import incident_url
from soc.store.db import read_session
from soc.store.nouns.deliveries import DeliveryRow, walk_deliveries

COLUMNS = (
    "id", "state", "integration", "action", "subject", "incident_id", "batch_id", "about", "reason", "http_status", "error",
    "what_to_do", "sends", "failures", "created_at", "sent_at", "next_try_at", "delivered_at", "url", "practice", "incident_url",
)  # fmt: skip
#: A cell that begins so is a formula to some spreadsheet (also full-width, and behind a tab or a line's end).
FORMULA_STARTS = tuple("=+-@|%\t\r\n＝＋－＠")
#: Excel reads a file as UTF-8 only when it begins with this.
BOM = "\ufeff"
ROWS_A_PIECE = 500


def export_deliveries(
    *,
    states: Sequence[str] = (),
    integration: str = "",
    incident_id: str = "",
    batch_id: str = "",
) -> Iterator[bytes]:
    """The matching deliveries as CSV (UTF-8 with BOM), oldest first, in pieces; always with a head line.

    No payload, no secret. Times are ISO-8601 in UTC.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    text.write(BOM)
    writer.writerow(COLUMNS)
    with read_session() as session:
        rows = walk_deliveries(
            session, states=states, integration=integration, incident_id=incident_id, batch_id=batch_id
        )
        for number, row in enumerate(rows, 1):
            writer.writerow([harmless(value) for value in _cells(row)])
            if number % ROWS_A_PIECE == 0:
                yield _taken(text)
    yield _taken(text)


def harmless(value: Any) -> Any:
    """Text that no spreadsheet takes for a formula: an apostrophe before it, which spreadsheets do not show."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def about(row: DeliveryRow) -> str:
    """What the message is about, from its own payload."""
    incident = row.payload.get("incident")
    return str(incident.get("title", "") if isinstance(incident, dict) else row.payload.get("name", ""))


def _cells(row: DeliveryRow) -> list[Any]:
    return [
        row.id, row.state, row.integration, row.action, row.subject, row.incident_id, row.batch_id, about(row), row.reason,
        row.http_status, row.error, row.hint, row.sends, row.failures, isoformat(row.created_at),
        *(isoformat(at) if at else "" for at in (row.sent_at, row.next_try_at, row.delivered_at)),
        row.receipt.get("url", ""), "yes" if row.practice else "", incident_url(row.incident_id),
    ]  # fmt: skip


def _taken(text: io.StringIO) -> bytes:
    piece = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return piece
