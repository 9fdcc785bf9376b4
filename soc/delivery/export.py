"""Deliveries as a file for a spreadsheet: what was to be said, how it stands, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from soc.domain.message import message_title
from soc.domain.spreadsheet import write_csv
from soc.integrations.registry import KINDS
from soc.links import incident_url
from soc.store.db import read_session
from soc.store.nouns.deliveries.deliveries import DeliveryRow, walk_deliveries

COLUMNS = (
    "id", "state", "integration", "action", "subject", "incident_id", "batch_id", "about", "reason", "http_status", "error",
    "what_to_do", "sends", "failures", "created_at", "sent_at", "next_try_at", "delivered_at", "url", "practice", "incident_url",
)  # fmt: skip


def export_deliveries(
    *,
    states: Sequence[str] = (),
    integration: str = "",
    incident_id: str = "",
    batch_id: str = "",
    owners: tuple[str, ...] | None = None,
) -> Iterator[bytes]:
    """The matching deliveries as CSV (see `write_csv`), oldest first. No payload, no secret."""
    with read_session() as session:
        rows = walk_deliveries(
            session,
            states=states,
            integration=integration,
            incident_id=incident_id,
            batch_id=batch_id,
            owners=owners,
        )
        yield from write_csv(COLUMNS, map(_cells, rows))


#: Where a message says what it is about, the first that it has: an incident, tickets, keys of tickets, or what it is called.
ABOUT = ("incident", "tickets", "ticket", "keys", "name", "title", "handover_id", "who")
_SOME = 200


def done_by(row: DeliveryRow) -> str:
    """What is done, as people call it: the message's title, or that of the action that somebody called."""
    kind = KINDS.get(row.integration)
    if row.action == "call_action" and kind is not None:
        called = next((one.title for one in kind.actions if one.name == row.payload.get("name")), "")
        return f"{called[:1].lower()}{called[1:]}" if called else message_title(row.action)
    return message_title(row.action)


def about(row: DeliveryRow) -> str:
    """What the message is about, from its own payload: `Failed logins`, `SOC-7 Failed logins and 2 more`, `SOC-7`."""
    told = next((row.payload[part] for part in ABOUT if row.payload.get(part)), "")
    many = told if isinstance(told, list) else [told]
    return _named(many[0])[:_SOME] + (f" and {len(many) - 1} more" if len(many) > 1 else "")


def _named(one: Any) -> str:
    return " ".join(filter(None, (one.get("key"), one.get("title")))) if isinstance(one, dict) else str(one)


def _cells(row: DeliveryRow) -> list[Any]:
    return [
        row.id, row.state, row.integration, row.action, row.subject, row.incident_id, row.batch_id, about(row), row.reason,
        row.http_status, row.error, row.hint, row.sends, row.failures, row.created_at, row.sent_at, row.next_try_at,
        row.delivered_at, row.receipt.get("url", ""), row.practice, incident_url(row.incident_id),
    ]  # fmt: skip
