"""What somebody means who asks for the audit of a ticket by its key."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from soc.domain.audit import Subject, SubjectKind, parse_subject
from soc.errors import NotFound
from soc.store.nouns.tickets.tickets import TicketRow, find_by_key, get_ticket


def read_subjects(session: Session, about: str) -> Sequence[Subject]:
    """`ticket:SOC-12` or `ticket:7` (our number) is the ticket, its incident, on which people act, and its escalation; anything else is
    itself. Raises ConfigurationError.
    """
    asked = parse_subject(about)
    if asked.kind is not SubjectKind.TICKET:
        return [asked]
    found = [asked]
    for ticket in _tickets(session, asked.id):
        found += [
            Subject(SubjectKind.TICKET, str(ticket.id)),
            Subject(SubjectKind.INCIDENT, ticket.incident_id),
            Subject(SubjectKind.ESCALATION, ticket.incident_id),
        ]
    return list(dict.fromkeys(found))


def _tickets(session: Session, name: str) -> Sequence[TicketRow]:
    if not (name.isascii() and name.isdigit()):
        return find_by_key(session, name.strip().upper()) if name.strip() else []
    try:
        return [get_ticket(session, int(name))]
    except NotFound:
        return []
