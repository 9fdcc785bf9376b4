"""What came of a change that was told: what both sides agree on now, or what waits for a person."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from soc import clock
from soc.domain.actor import Actor
from soc.domain.message import (
    ChangeTicket,
    CommentTicket,
    MoveTicket,
    Receipt,
    RewordComment,
    TicketMessage,
    read_message,
)
from soc.errors import DeliveryError, TicketConflict
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.investigation_notes import InvestigationNoteRow
from soc.store.nouns.tickets.ticket_changes import CHANGE, COMMENT, TicketChangeRow, keep_changes
from soc.store.nouns.tickets.ticket_comments import TicketCommentRow
from soc.store.nouns.tickets.tickets import TicketRow, find_of_incident
from soc.tickets.acts.noting import keep_remote_id
from soc.tickets.outgoing import TICKET_MESSAGES, agree, open_conflict
from soc.tickets.rewording import record_reworded


def record_told(session: Session, row: DeliveryRow, receipt: Receipt, *, now: datetime) -> None:
    """The vendor has taken a change: it is what both sides agree on now, and its entry is known as ours."""
    if row.action not in TICKET_MESSAGES:
        return
    message, ticket = read_message(row.payload), _ticket_of(session, row)
    if ticket is None or ticket.id is None:
        return
    if isinstance(message, CommentTicket):
        _record_comment(session, ticket.id, message, receipt, row, now=now)
        return
    if isinstance(message, RewordComment):
        record_reworded(session, ticket, message, receipt, now=now)
        return
    entry = receipt.extra.get("entry", "")
    if isinstance(message, MoveTicket):
        status = receipt.extra.get("status") or message.status
        ticket.status_category = receipt.extra.get("category") or ticket.status_category
        agree(
            session,
            ticket,
            "status",
            told=message.status or message.category,
            value=status,
            entry=entry,
            now=now,
        )
    elif isinstance(message, ChangeTicket):
        for name, change in message.fields.items():
            agree(session, ticket, name, told=change.after, value=change.after, entry=entry, now=now)
    if entry:
        keep_changes(session, [_entry(ticket.id, CHANGE, entry, row, now=now)])


def _record_comment(
    session: Session,
    ticket_id: int,
    message: CommentTicket,
    receipt: Receipt,
    row: DeliveryRow,
    *,
    now: datetime,
) -> None:
    remote_id = receipt.extra.get("comment", "")
    if not remote_id:
        return
    if session.get(TicketCommentRow, (ticket_id, remote_id)) is None:
        session.add(
            TicketCommentRow(
                ticket_id=ticket_id, remote_id=remote_id, note_id=message.change, ours=True, made_by=row.made_by,
                internal=message.internal, text=message.text, author=message.said_by, created_at=now,
            )
        )  # fmt: skip
    if session.get(InvestigationNoteRow, message.change) is not None:
        keep_remote_id(
            session, message.change, integration=row.integration, remote_id=remote_id,
            actor=Actor.vendor(row.integration),
        )  # fmt: skip
    keep_changes(session, [_entry(ticket_id, COMMENT, remote_id, row, now=now)])


def _entry(ticket_id: int, kind: str, remote_id: str, row: DeliveryRow, *, now: datetime) -> TicketChangeRow:
    return TicketChangeRow(
        ticket_id=ticket_id,
        kind=kind,
        remote_id=remote_id,
        ours=True,
        delivery_id=row.id,
        at=now,
        seen_at=now,
    )


def record_refusal(session: Session, row: DeliveryRow, error: DeliveryError) -> None:
    """The vendor did not take a change: it waits for a person, in the queue of conflicts."""
    if row.action not in TICKET_MESSAGES:
        return
    message, ticket = read_message(row.payload), _ticket_of(session, row)
    if ticket is None or not isinstance(message, TicketMessage):
        return
    clash = error if isinstance(error, TicketConflict) else None
    field = clash.field if clash is not None else _field_of_message(message)
    open_conflict(
        session,
        ticket,
        field,
        reason=f"{error.message} {error.hint}".strip(),
        theirs=clash.theirs if clash is not None else None,
        their_name=clash.who if clash is not None else "",
        their_at=clock.parse(clash.when) if clash is not None and clash.when else None,
        their_change=clash.change_id if clash is not None else "",
        actor=Actor.parse(row.made_by),
        ours=message.text if isinstance(message, (CommentTicket, RewordComment)) else None,
        delivery_id=row.id,
    )


def _field_of_message(message: TicketMessage) -> str:
    if isinstance(message, ChangeTicket):
        return next(iter(message.fields), "ticket")
    return "status" if isinstance(message, MoveTicket) else "comment"


def _ticket_of(session: Session, row: DeliveryRow) -> TicketRow | None:
    return (
        find_of_incident(session, row.incident_id, integration=row.integration) if row.incident_id else None
    )
