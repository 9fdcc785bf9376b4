"""The log events of deliveries, under the integrations guide's names: what was done where, for whom, and how long it took.

Names, ids and figures only: never a message's words, never what a vendor put out.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlmodel import Session

from soc.domain.message import Receipt
from soc.integrations.registry import KINDS, acted_event
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.trail.committed import LogOnceCommitted

log = structlog.get_logger(__name__)
_LONGEST = 200


def note_delivered(
    session: Session, row: DeliveryRow, receipt: Receipt, *, found_there: bool, now: datetime
) -> None:
    """`jira_action_executed`, `webhook_sent` …: the vendor has it. `seconds` count from the beginning of the send."""
    kind = KINDS.get(row.integration)
    details = {
        name: receipt.extra[name][:_LONGEST]
        for name in (kind.logged if kind else ())
        if name in receipt.extra
    }
    LogOnceCommitted(session, log).info(
        acted_event(row.integration),
        action=_action(row),
        delivery=row.id,
        subject=row.subject,
        **({"ticket": receipt.key} if kind is not None and "open_ticket" in kind.takes else {}),
        id=receipt.remote_id,
        seconds=_seconds(row, now),
        caller=row.made_by,
        practice=row.practice,
        found_there=found_there,
        sends=row.sends,
        **details,
    )


def note_failed(session: Session, row: DeliveryRow, *, now: datetime) -> None:
    """`jira_action_failed` …: this try did not bring it there; `state` says what becomes of it."""
    LogOnceCommitted(session, log).warning(
        f"{row.integration}_action_failed",
        action=_action(row),
        delivery=row.id,
        subject=row.subject,
        state=row.state,
        reason=row.reason,
        status=row.http_status,
        seconds=_seconds(row, now),
        caller=row.made_by,
        practice=row.practice,
        sends=row.sends,
    )


def _action(row: DeliveryRow) -> str:
    """The called action's own name (`create-ticket`), or the message's (`open_ticket`)."""
    return str(row.payload.get("name") or row.action) if row.action == "call_action" else row.action


def _seconds(row: DeliveryRow, now: datetime) -> float | None:
    return round((now - row.sent_at).total_seconds(), 3) if row.sent_at else None
