"""A ticket that cannot be read there any more: deleted, archived, or out of sight. They are told apart, and a person is asked."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from soc.domain.actor import Actor
from soc.integrations.kit.tickets import Absence
from soc.sla.ledger import cancelled
from soc.store.nouns.tickets.ticket_conflicts import find_open, settle
from soc.store.nouns.tickets.tickets import TicketRow
from soc.tickets.outgoing import open_conflict

_WORDS: dict[Absence, str] = {
    Absence.DELETED: "was deleted there (or a security level hides it). Its clocks were ended. Close the incident, or open a new ticket for it.",
    Absence.ARCHIVED: "was archived there: it can be read and not changed. Its clocks run on. Close the incident, or have it restored.",
    Absence.HIDDEN: "is out of this account's sight: it has no permission for the project any more. Its clocks run on. Have the permission given back.",
}


def mark_absent(session: Session, ticket: TicketRow, absence: Absence, *, now: datetime) -> bool:
    """Keep why it cannot be reached; whether that is news. The clocks of a deleted one end, neither met nor missed."""
    ticket.read_at = now
    session.add(ticket)
    if ticket.absence == absence.value:
        return False
    vendor = Actor.vendor(ticket.integration)
    ticket.absence, ticket.absent_since, ticket.changed_by = absence.value, now, str(vendor)
    if absence is Absence.DELETED:
        cancelled(session, ticket, at=now, actor=vendor, reason="the ticket was deleted at its vendor")
    open_conflict(
        session,
        ticket,
        "ticket",
        reason=f"{ticket.key} {_WORDS[absence]}",
        theirs=absence.value,
        actor=vendor,
    )
    return True


def mark_present(session: Session, ticket: TicketRow, *, now: datetime) -> None:
    """It can be reached again: nobody need be asked any more."""
    if not ticket.absence or ticket.id is None:
        return
    ticket.absence, ticket.absent_since = "", None
    session.add(ticket)
    conflict = find_open(session, ticket.id, "ticket")
    if conflict is not None:
        settle(conflict, decision="settled", actor=Actor.vendor(ticket.integration), now=now)
        session.add(conflict)
