"""A ticket that a call of the API opened: it gets a row and a clock, and is kept in step like all others."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from soc import clock
from soc.audit.write import record
from soc.delivery.actions import find_action
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.domain.message import CallAction, Receipt, read_message
from soc.errors import NotFound
from soc.sla.ledger import opened, priority_changed
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.incidents import get_incident, to_incident
from soc.store.nouns.tickets.tickets import TicketRow, find_of_incident


def opens_ticket(row: DeliveryRow) -> bool:
    """Whether the call's action is declared as one that opens the incident's ticket."""
    message = read_message(row.payload)
    try:
        action = find_action(row.integration, message.name) if isinstance(message, CallAction) else None
    except NotFound:  # it was called in another version of the product
        action = None
    return action is not None and action.incident is not None and row.incident_id is not None


def told_end(row: DeliveryRow) -> str:
    """The moment at which the call said that the response target ends; "" where it said none."""
    message = read_message(row.payload)
    return message.ends if isinstance(message, CallAction) else ""


def record_called_ticket(session: Session, row: DeliveryRow, receipt: Receipt, *, now: datetime) -> None:
    """The incident's ticket as it is now: a new row, or the known one with the priority that was asked for.

    The same incident may have had its ticket elsewhere (in practice, at another address): then its row is this one's
    from now on.
    """
    incident = to_incident(get_incident(session, row.incident_id or ""))
    said = receipt.extra.get("opened")
    created = clock.parse(said) if said else row.sent_at or now
    ticket = find_of_incident(session, incident.id, integration=row.integration)
    if ticket is None:
        ticket = TicketRow(
            incident_id=incident.id, integration=row.integration, key="", remote_id="", url="", summary="",
            priority="", status="", made_by=row.made_by, created_at=created, due_at=created,
        )  # fmt: skip
    same = (ticket.key, ticket.remote_id, ticket.practice) == (receipt.key, receipt.remote_id, row.practice)
    if (ends := told_end(row)) and (not same or "updated" in receipt.extra):
        ticket.end_told = clock.parse(ends)
    if not same:
        ticket.sqlmodel_update(
            {
                "key": receipt.key,
                "remote_id": receipt.remote_id,
                "url": receipt.url,
                "summary": incident.title,
                "priority": incident.priority.value,
                "status": "Open",
                "status_category": "new",
                "assignee": "",
                "practice": row.practice,
                "created_at": created,
                "resolved_at": None,
                "breached_at": None,
                "synced_at": None,
            }
        )
    elif "updated" in receipt.extra:
        ticket.priority, ticket.changed_by = incident.priority.value, row.made_by
    if not same or "updated" in receipt.extra:
        session.add(ticket)
        session.flush()
        caller = Actor.parse(row.made_by)
        told = {name: getattr(ticket, name) for name in ("integration", "key", "url", "priority", "practice")}
        action = "change ticket" if same else "open ticket"
        record(session, caller, action, Subject(SubjectKind.INCIDENT, incident.id), after=told)
        if not same:
            opened(session, ticket, at=created, actor=caller, known_at=row.created_at, anew=True)
        else:
            priority_changed(session, ticket, priority=incident.priority, at=now, actor=caller)
