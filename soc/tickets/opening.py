"""What follows a delivery: a ticket row for an opened ticket, and the ticket's link in the alert."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from soc import clock
from soc.delivery import ledger
from soc.delivery.idempotency import key_of
from soc.delivery.ledger import Intent, Try
from soc.domain.actor import Actor
from soc.domain.delivery import DeliveryState
from soc.domain.incident import Incident
from soc.domain.message import OpenTicket, Receipt, TicketLink, UpdateAlert, read_message
from soc.integrations.registry import KINDS, takers
from soc.links import incident_url
from soc.sla.ledger import opened
from soc.store.db import insert_ignoring, read_session, write_session
from soc.store.nouns.deliveries import DeliveryRow
from soc.store.nouns.incidents import get_incident, to_incident
from soc.store.nouns.outbox import list_told, list_unlinked
from soc.store.nouns.tickets import TicketRow, find_of_incident, find_ticket
from soc.tickets.called import opens_ticket, record_called_ticket

#: Whose alerts can be changed after they were sent, to show the ticket's link.
LINKED = takers("update_alert")
_LINKING = Actor.system("ticket-link")


def follow_delivery(session: Session, row: DeliveryRow, receipt: Receipt) -> list[Try]:
    """Record what the vendor now has, in the same transaction that marks the delivery as delivered."""
    now = clock.now()
    if row.action == "open_ticket":
        _record_ticket(session, row, receipt, now=now)
    called = row.action == "call_action" and opens_ticket(row)
    if called:
        record_called_ticket(session, row, receipt, now=now)
    linked = (
        row.action == "open_ticket" or called or (row.action == "send_alert" and row.integration in LINKED)
    )
    return link_alert(session, row.incident_id, now=now) if linked and row.incident_id else []


def _record_ticket(session: Session, row: DeliveryRow, receipt: Receipt, *, now: datetime) -> None:
    message = read_message(row.payload)
    assert isinstance(message, OpenTicket)
    incident = message.incident
    created = row.sent_at or now
    ticket = TicketRow(
        incident_id=incident.id,
        integration=row.integration,
        key=receipt.key,
        remote_id=receipt.remote_id,
        url=receipt.url,
        summary=_summary_of(row.integration, incident),
        priority=incident.priority.value,
        status="Open",
        practice=row.practice,
        made_by=row.made_by,
        created_at=created,
        due_at=created,  # the clocks say when, below
    )
    if insert_ignoring(session, TicketRow, [ticket.model_dump(exclude={"id"})]):
        kept = find_of_incident(session, incident.id, integration=row.integration)
        assert kept is not None
        opened(session, kept, at=created, actor=Actor.parse(row.made_by), known_at=row.created_at)


def _summary_of(integration: str, incident: Incident) -> str:
    """The title that the ticket was given there."""
    summary = KINDS[integration].ticket_summary if integration in KINDS else None
    return summary(incident) if summary is not None else incident.title


def link_alert(session: Session, incident_id: str, *, now: datetime) -> list[Try]:
    """Plan the update of each alert once both it and the ticket exist; planning twice is planning once."""
    ticket = find_ticket(session, incident_id)
    alerts = list_told(
        session, incident_id, action="send_alert", integrations=LINKED, states=(DeliveryState.DELIVERED,)
    )
    if ticket is None or not alerts:
        return []
    incident = to_incident(get_incident(session, incident_id))
    link = TicketLink(key=ticket.key, url=ticket.url)
    intents = [_update(session, alert, incident, link) for alert in alerts]
    return ledger.plan(session, [intent for intent in intents if intent is not None], now=now)


def _update(session: Session, alert: DeliveryRow, incident: Incident, ticket: TicketLink) -> Intent | None:
    """The alert's update with this link; None where it is what the last update told."""
    receipt = Receipt.model_validate(alert.receipt)
    message = UpdateAlert(
        incident=incident,
        ticket=ticket,
        channel=receipt.key,
        ts=receipt.remote_id,
        url=incident_url(incident.id),
    )
    told = list_told(session, incident.id, action=message.action, integrations=(alert.integration,))
    if told and told[-1].payload.get("ticket") == ticket.model_dump():
        return None
    return Intent(
        key=key_of(alert.integration, message, version=len(told)),
        integration=alert.integration,
        message=message,
        actor=_LINKING,
        incident_id=incident.id,
        batch_id=alert.batch_id,
        practice=alert.practice,
        score=incident.score,
    )


def move_ticket(session: Session, row: DeliveryRow, receipt: Receipt) -> list[Try]:
    """The incident's ticket is another one than was thought (its twin is older): row and alert follow."""
    ticket = (
        find_of_incident(session, row.incident_id, integration=row.integration) if row.incident_id else None
    )
    if ticket is None or ticket.key != row.receipt.get("key"):
        return []
    ticket.key, ticket.remote_id, ticket.url = receipt.key, receipt.remote_id, receipt.url
    session.add(ticket)
    session.flush()
    return link_alert(session, ticket.incident_id, now=clock.now())


def link_forgotten_alerts(*, since: datetime | None = None) -> list[Try]:
    """For the sweep: two deliveries that ended in the same instant may each have missed the other.

    `since`: only alerts that changed from then on; without it all that there ever were.
    """
    with read_session() as session:
        forgotten = list_unlinked(session, integrations=LINKED, since=since)
    tries: list[Try] = []
    if forgotten:
        with write_session() as session:
            for incident_id in forgotten:
                tries += link_alert(session, incident_id, now=clock.now())
    return tries
