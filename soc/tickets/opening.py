"""What follows a delivery: a ticket row for an opened ticket, and the ticket's link in the alert."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from soc import clock
from soc.delivery import ledger
from soc.delivery.ledger import Intent, Try
from soc.domain.delivery import DeliveryState
from soc.domain.message import MESSAGE, OpenTicket, Receipt, TicketLink, UpdateAlert
from soc.domain.sla import due_at
from soc.integrations.vendors.jira.ticket import ticket_summary
from soc.store.db import insert_ignoring, write_session
from soc.store.deliveries import DeliveryRow
from soc.store.incidents import get_incident, to_incident
from soc.store.policies import read_thresholds
from soc.store.tickets import TicketRow, find_ticket

#: Whose alerts can be changed after they were sent, to show the ticket's link.
LINKED = "slack"


def follow_delivery(session: Session, row: DeliveryRow, receipt: Receipt) -> list[Try]:
    """Record what the vendor now has, in the same transaction that marks the delivery as delivered."""
    now = clock.now()
    if row.action == "open_ticket":
        _record_ticket(session, row, receipt, now=now)
    linked = row.action == "open_ticket" or (row.action == "send_alert" and row.integration == LINKED)
    return link_alert(session, row.incident_id, now=now) if linked and row.incident_id else []


def _record_ticket(session: Session, row: DeliveryRow, receipt: Receipt, *, now: datetime) -> None:
    message = MESSAGE.validate_python(row.payload)
    assert isinstance(message, OpenTicket)
    incident = message.incident
    created = row.sent_at or now
    ticket = TicketRow(
        incident_id=incident.id,
        integration=row.integration,
        key=receipt.key,
        remote_id=receipt.remote_id,
        url=receipt.url,
        summary=ticket_summary(incident),
        priority=incident.priority.value,
        status="Open",
        practice=row.practice,
        created_at=created,
        due_at=due_at(created, incident.priority, read_thresholds(session)),
    )
    insert_ignoring(session, TicketRow, [ticket.model_dump(exclude={"id"})])


def link_alert(session: Session, incident_id: str, *, now: datetime) -> list[Try]:
    """Plan the alert's update once both the alert and the ticket exist; planning twice is planning once."""
    ticket = find_ticket(session, incident_id)
    alert = session.exec(
        select(DeliveryRow).where(
            DeliveryRow.incident_id == incident_id,
            DeliveryRow.integration == LINKED,
            DeliveryRow.action == "send_alert",
            DeliveryRow.state == DeliveryState.DELIVERED.value,
        )
    ).first()
    if ticket is None or alert is None:
        return []
    receipt = Receipt.model_validate(alert.receipt)
    message = UpdateAlert(
        incident=to_incident(get_incident(session, incident_id)),
        ticket=TicketLink(key=ticket.key, url=ticket.url),
        channel=receipt.key,
        ts=receipt.remote_id,
    )
    intent = Intent(
        key=f"{alert.integration}:update_alert:{incident_id}",
        integration=alert.integration,
        message=message,
        incident_id=incident_id,
        batch_id=alert.batch_id,
        practice=alert.practice,
        score=message.incident.score,
    )
    return ledger.plan(session, [intent], now=now)


def link_forgotten_alerts() -> list[Try]:
    """For the sweep: two deliveries that ended in the same instant may each have missed the other."""
    updated = select(DeliveryRow.incident_id).where(DeliveryRow.action == "update_alert")
    with write_session() as session:
        waiting = session.exec(
            select(DeliveryRow.incident_id)
            .join(TicketRow, col(TicketRow.incident_id) == col(DeliveryRow.incident_id))
            .where(
                DeliveryRow.integration == LINKED,
                DeliveryRow.action == "send_alert",
                DeliveryRow.state == DeliveryState.DELIVERED.value,
                col(DeliveryRow.incident_id).not_in(updated),
            )
            .limit(500)
        ).all()
        tries: list[Try] = []
        for incident_id in waiting:
            if incident_id:
                tries += link_alert(session, incident_id, now=clock.now())
    return tries
