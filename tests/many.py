"""A store with many rows: 6,000 open tickets and 500 ended ones, 20,000 deliveries, their attempts and incidents.

Everything is derived from a row's number, so that a test can say what must be counted.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from soc.domain.severity import PRIORITY_BY_SEVERITY, severity_of
from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchRow
from soc.store.nouns.deliveries.attempts import AttemptRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.tickets.tickets import TicketRow

OPEN, ENDED, DELIVERIES = 6_000, 500, 20_000
BATCHES = 40
#: The ticket with number n was opened n minutes before `now`, so the highest numbers are the oldest.
AGE = timedelta(minutes=1)
_STATES = ("delivered", "delivered", "delivered", "dead", "retry", "unknown", "suppressed", "pending")
_CLASSES = ("Security Alert", "Critical Error", "Error", "Resource Usage")


def add_many(now: datetime) -> None:
    """Make the schema and fill it, in some seconds."""
    migrate()
    with write_session() as session:
        connection = session.connection()
        for table, rows in (
            (BatchRow, [_batch(n, now) for n in range(BATCHES)]),
            (IncidentRow, [_incident(n, now) for n in range(OPEN + ENDED)]),
            (TicketRow, [_ticket(n, now) for n in range(OPEN + ENDED)]),
            (DeliveryRow, [_delivery(n, now) for n in range(DELIVERIES)]),
            (AttemptRow, [_attempt(n, now) for n in range(DELIVERIES)]),
        ):
            connection.execute(sa.insert(table), rows)


def _batch(n: int, now: datetime) -> dict[str, Any]:
    made = now - timedelta(hours=3 * n)
    return {
        **_BATCH, "id": f"bat-{n}", "name": f"batch {n}", "created_at": made, "finished_at": made, "idempotency_key": str(n),
    }  # fmt: skip


def score_of(n: int) -> int:
    return n % 10 + 1


def _incident(n: int, now: datetime) -> dict[str, Any]:
    return {
        **_INCIDENT, "id": f"inc-{n}", "batch_id": f"bat-{n % BATCHES}", "created_at": now - n * AGE,
        "classification": _CLASSES[n % 4], "score": score_of(n), "severity": severity_of(score_of(n)).value,
        "eligible": n % 2 == 0,
    }  # fmt: skip


def _ticket(n: int, now: datetime) -> dict[str, Any]:
    """Two days each: the newest 1,440 are on track, the next 1,440 at risk, the others overdue."""
    made = now - n * AGE
    return {
        **_TICKET, "incident_id": f"inc-{n}", "key": f"SOC-{n}", "created_at": made, "due_at": made + timedelta(days=2),
        "priority": PRIORITY_BY_SEVERITY[severity_of(score_of(n))].value,
        "resolved_at": made + timedelta(hours=1) if n >= OPEN else None,
    }  # fmt: skip


def _delivery(n: int, now: datetime) -> dict[str, Any]:
    made, state, subject = now - timedelta(seconds=10 * n), _STATES[n % 8], f"inc-{n % (OPEN + ENDED)}"
    return {
        **_DELIVERY, "id": f"dlv-{n}", "key": f"k-{n}", "integration": ("jira", "slack")[n % 2], "state": state,
        "action": ("open_ticket", "send_alert")[n % 2], "incident_id": subject, "batch_id": f"bat-{n % BATCHES}",
        "subject": subject, "created_at": made, "updated_at": made, "next_try_at": made if state == "retry" else None,
    }  # fmt: skip


def _attempt(n: int, now: datetime) -> dict[str, Any]:
    made, arrived = now - timedelta(seconds=10 * n), n % 8 < 3
    return {
        **_ATTEMPT, "delivery_id": f"dlv-{n}", "started_at": made, "finished_at": made + timedelta(seconds=1),
        "outcome": "delivered" if arrived else "failed", "reason": "" if arrived else "server",
    }  # fmt: skip


_NIGHT = datetime(2026, 1, 14, 22, 0, tzinfo=UTC)
_BATCH = BatchRow(
    id="", name="", state="finished", created_at=_NIGHT, idempotency_key="", made_by="", lines_in=100, parsed=90,
    rejected=10,
).model_dump()  # fmt: skip
_INCIDENT = IncidentRow(
    id="", batch_id="", created_at=_NIGHT, title="incident", source="web-1", classification="", score=1, severity="",
    confidence=0.9, rule_id="r", template_id="t", template="t", count=1, message="m" * 200,
).model_dump()  # fmt: skip
_TICKET = TicketRow(
    incident_id="", integration="jira", key="", remote_id="1", url="https://jira.example.com/browse/SOC-1", summary="s",
    priority="", status="Open", created_at=_NIGHT, due_at=_NIGHT, made_by="",
).model_dump(exclude={"id"})  # fmt: skip
_DELIVERY = DeliveryRow(
    id="", key="", integration="", action="", state="", created_at=_NIGHT, updated_at=_NIGHT, made_by=""
).model_dump()
_ATTEMPT = AttemptRow(delivery_id="", number=1, kind="send", started_at=_NIGHT).model_dump(exclude={"id"})
