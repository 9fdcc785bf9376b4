"""Rows for tests of reads: each builder fills in what the test does not care about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session

from soc.domain.actor import AT_A_PAGE
from soc.domain.severity import severity_of
from soc.store.db import write_session
from soc.store.nouns.batches.batches import BatchRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.people.people import PersonRow
from soc.store.nouns.tickets.tickets import TicketRow
from soc.store.nouns.vendors.integrations import open_secrets, read_integration, save_integration

_WHO = str(AT_A_PAGE)
NIGHT = datetime(2026, 1, 14, 22, 0, tzinfo=UTC)


def add_batch(session: Session, batch_id: str = "b", **values: Any) -> BatchRow:
    known = {
        "name": batch_id,
        "state": "finished",
        "created_at": NIGHT,
        "idempotency_key": batch_id,
        "made_by": _WHO,
    }
    return _add(session, BatchRow(id=batch_id, **{**known, **values}))


def add_incident(session: Session, incident_id: str = "inc-1", **values: Any) -> IncidentRow:
    """Its batch (`b`) is made where there is none."""
    batch_id = values.setdefault("batch_id", "b")
    if session.get(BatchRow, batch_id) is None:
        add_batch(session, batch_id)
    score = values.get("score", 9)
    known = {
        "created_at": NIGHT, "title": "t", "source": "s", "classification": "Error", "score": score,
        "severity": severity_of(score).value, "confidence": 0.9, "rule_id": "r", "template_id": "t", "template": "t",
        "count": 1, "message": "m",
    }  # fmt: skip
    return _add(session, IncidentRow(id=incident_id, **{**known, **values}))


def add_ticket(session: Session, key: str = "SOC-1", **values: Any) -> TicketRow:
    """Due an hour after it was created, for an incident of its own (`inc-<key>`)."""
    incident_id = values.setdefault("incident_id", f"inc-{key}")
    if session.get(IncidentRow, incident_id) is None:
        add_incident(session, incident_id)
    created = values.setdefault("created_at", NIGHT)
    known = {
        "integration": "jira", "remote_id": "1", "url": f"https://jira.example.com/browse/{key}", "summary": "s",
        "priority": "Highest", "status": "Open", "due_at": created + timedelta(hours=1), "made_by": _WHO,
    }  # fmt: skip
    return _add(session, TicketRow(key=key, **{**known, **values}))


def add_delivery(session: Session, delivery_id: str = "dlv-1", **values: Any) -> DeliveryRow:
    known = {
        "key": delivery_id, "integration": "jira", "action": "open_ticket", "state": "pending", "created_at": NIGHT,
        "updated_at": NIGHT, "made_by": _WHO,
    }  # fmt: skip
    return _add(session, DeliveryRow(id=delivery_id, **{**known, **values}))


def add_person(session: Session, person_id: str = "per-kim", **values: Any) -> PersonRow:
    """An analyst, called by the last part of the id."""
    known = {
        "name": person_id.rpartition("-")[2].title(),
        "role": "analyst",
        "created_at": NIGHT,
        "made_by": _WHO,
    }
    return _add(session, PersonRow(id=person_id, **{**known, **values}))


def _add(session: Session, row: Any) -> Any:
    session.add(row)
    session.flush()
    return row


def keep_wrong(kind: str) -> None:
    """The integration's saved settings become some that this version does not take, as an earlier one may have kept them."""
    with write_session() as session:
        row = read_integration(session, kind)
        assert row is not None
        values = {**row.public, "timeout": -5}
        save_integration(
            session, kind, values, open_secrets(row), practice=row.practice, actor=AT_A_PAGE, now=NIGHT
        )
