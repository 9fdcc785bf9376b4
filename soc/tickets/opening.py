"""What follows a delivery: a ticket row for an opened ticket, and the ticket's link in the alert."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from soc import clock
from soc.audit.write import record
from soc.delivery.ledger import Try
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.domain.incident import Incident, IncidentStatus
from soc.domain.message import OpenTicket, Receipt, read_message
from soc.ids import derived_id
from soc.integrations.registry import KINDS
from soc.sla.ledger import cancelled, opened
from soc.store.db import insert_ignoring, read_session, write_session
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.deliveries.outbox import list_unlinked
from soc.store.nouns.incidents.incidents import ENDED, get_incident
from soc.store.nouns.tickets.tickets import TicketRow, find_of_incident
from soc.tickets.acts.moving import STATUS_THERE
from soc.tickets.acts.timing import answer_by_acts
from soc.tickets.alerts import CHANGEABLE, refresh_alerts, tell_below
from soc.tickets.called import opens_ticket, record_called_ticket
from soc.tickets.outgoing import StatusChanged, tell
from soc.tickets.telling import RESOLUTIONS
from soc.tickets.told import record_told

_OPENED = Actor.system("opening")


def follow_delivery(session: Session, row: DeliveryRow, receipt: Receipt) -> list[Try]:
    """Record what the vendor now has, in the same transaction that marks the delivery as delivered."""
    now = clock.now()
    late = _record_ticket(session, row, receipt, now=now) if row.action == "open_ticket" else []
    record_told(session, row, receipt, now=now)
    called = row.action == "call_action" and opens_ticket(row)
    if called:
        record_called_ticket(session, row, receipt, now=now)
    linked = (
        row.action == "open_ticket"
        or called
        or (row.action == "send_alert" and row.integration in CHANGEABLE)
    )
    if not linked or not row.incident_id:
        return late
    tries = late + refresh_alerts(session, row.incident_id, now=now)
    if row.action == "open_ticket":
        event = derived_id("evt", "ticket", row.integration, receipt.key)
        text = f"Its ticket {receipt.key} was opened."
        tries += tell_below(session, row.incident_id, text, event=event, now=now)
    return tries


def _record_ticket(session: Session, row: DeliveryRow, receipt: Receipt, *, now: datetime) -> list[Try]:
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
        end_told=clock.parse(message.ends) if message.ends else None,
    )
    if insert_ignoring(session, TicketRow, [ticket.model_dump(exclude={"id"})]):
        kept = find_of_incident(session, incident.id, integration=row.integration)
        assert kept is not None
        actor = Actor.parse(row.made_by)
        told = {name: getattr(kept, name) for name in ("integration", "key", "url", "priority", "practice")}
        record(session, actor, "open ticket", Subject(SubjectKind.INCIDENT, incident.id), after=told)
        opened(session, kept, at=created, actor=actor, known_at=row.created_at)
        found = get_incident(session, incident.id)
        if found.status not in ENDED:  # the clocks of what is over never count
            answer_by_acts(session, kept, since=found.created_at)
        return _close_late(session, kept, planned=row.created_at, now=now)
    return []


def _close_late(session: Session, ticket: TicketRow, *, planned: datetime, now: datetime) -> list[Try]:
    """Its incident was closed, or merged into another, while the ticket was on its way (`planned`: since then): it is over too.

    Its clocks never count, and its vendor is told.
    """
    incident = get_incident(session, ticket.incident_id)
    if incident.status not in ENDED or incident.closed_at is None or incident.closed_at < planned:
        return []
    why = "merged into another" if incident.merged_into else "over"
    at = min(incident.closed_at, now)
    words = f"its incident was {why} before it opened"
    cancelled(session, ticket, at=at, actor=_OPENED, reason=words)
    name, _ = STATUS_THERE[IncidentStatus(incident.status)]
    ticket.status, ticket.status_category, ticket.resolved_at = name, "done", now
    session.add(ticket)
    session.flush()
    ended = StatusChanged("done", name, RESOLUTIONS.get(incident.verdict, ""), id=f"late:{ticket.id}")
    return tell(session, ticket, ended, _OPENED)


def _summary_of(integration: str, incident: Incident) -> str:
    """The title that the ticket was given there."""
    summary = KINDS[integration].ticket_summary if integration in KINDS else None
    return summary(incident) if summary is not None else incident.title


def move_ticket(session: Session, row: DeliveryRow, receipt: Receipt) -> list[Try]:
    """The incident's ticket is another one than was thought (its twin is older): row and alert follow."""
    ticket = (
        find_of_incident(session, row.incident_id, integration=row.integration) if row.incident_id else None
    )
    if ticket is None or ticket.key != row.receipt.get("key"):
        return []
    record(
        session,
        Actor.vendor(row.integration),
        "move ticket",
        Subject(SubjectKind.INCIDENT, ticket.incident_id),
        before={"key": ticket.key},
        after={"key": receipt.key},
    )
    ticket.key, ticket.remote_id, ticket.url = receipt.key, receipt.remote_id, receipt.url
    session.add(ticket)
    session.flush()
    return refresh_alerts(session, ticket.incident_id, now=clock.now())


def link_forgotten_alerts(*, since: datetime | None = None) -> list[Try]:
    """For the sweep: two deliveries that ended in the same instant may each have missed the other.

    `since`: only alerts that changed from then on; without it all that there ever were.
    """
    with read_session() as session:
        forgotten = list_unlinked(session, integrations=CHANGEABLE, since=since)
    tries: list[Try] = []
    if forgotten:
        with write_session() as session:
            for incident_id in forgotten:
                tries += refresh_alerts(session, incident_id, now=clock.now())
    return tries
