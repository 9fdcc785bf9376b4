"""A person decides a conflict: which side's value holds. The other side is brought to it."""

from __future__ import annotations

from typing import Literal, cast

from sqlmodel import Session

from soc import clock
from soc.audit.write import record
from soc.delivery.ledger import Try
from soc.delivery.replay import revive
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.domain.incident import IncidentStatus
from soc.domain.message import FieldValue, RewordComment, read_message
from soc.domain.severity import Priority
from soc.errors import Conflict
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.tickets.ticket_conflicts import TicketConflictRow, get_conflict, settle
from soc.store.nouns.tickets.ticket_fields import field_of, kept, value_of
from soc.store.nouns.tickets.tickets import TicketRow, get_ticket, lock_tickets
from soc.tickets.accounts import owner_of
from soc.tickets.acts import Asked, assign, edit_note, set_priority, set_status
from soc.tickets.acts.moving import STATUS_THERE
from soc.tickets.outgoing import Category, FieldsChanged, StatusChanged, plan_message, tell

Decision = Literal["ours", "theirs"]

#: The incident's status for a name of a status there, where the name is one of the guide's; else by its category.
_BY_NAME = {name: status for status, (name, _) in STATUS_THERE.items()}


def decide(session: Session, conflict_id: int, decision: Decision, *, actor: Actor) -> list[Try]:
    """Settle it with this side's value; returns what is to be told. Raises NotFound, Conflict where it was decided before."""
    conflict = get_conflict(session, conflict_id)
    if conflict.resolved_at is not None:
        raise Conflict(
            "This conflict is decided already.", hint="`soc conflict list` shows those that are open."
        )
    ticket = get_ticket(session, conflict.ticket_id)
    lock_tickets(session, ticket.incident_id)
    now = clock.now()
    settle(conflict, decision=decision, actor=actor, now=now)
    session.add(conflict)
    record(
        session, actor, "decide conflict", Subject(SubjectKind.TICKET, str(ticket.id)),
        before={conflict.field: {"ours": _words(conflict.ours), "theirs": _words(conflict.theirs)}},
        after={conflict.field: decision},
    )  # fmt: skip
    if conflict.field == "ticket":
        return []
    if conflict.field == "comment":
        return _comment_again(session, ticket, conflict, decision, actor=actor)
    return _hold(session, ticket, conflict, decision, actor=actor)


def _words(stored: dict[str, object]) -> str:
    value = stored.get("value")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _comment_again(
    session: Session, ticket: TicketRow, conflict: TicketConflictRow, decision: Decision, *, actor: Actor
) -> list[Try]:
    """A note that the vendor refused: send it once more, or leave it here alone. Of two wordings one holds on both sides."""
    row = session.get(DeliveryRow, conflict.delivery_id) if conflict.delivery_id else None
    message, theirs = read_message(row.payload) if row is not None else None, value_of(conflict.theirs)
    if isinstance(message, RewordComment) and isinstance(theirs, str):
        if decision == "theirs":
            asked = Asked(actor, f"conflict:{conflict.id}", via=ticket.integration)
            words = theirs.removeprefix(f"{message.said_by}:\n")
            return list(edit_note(session, message.note_id, words, asked).tries)
        again = {"before": theirs, "change": f"{message.change}:decided-{conflict.id}"}
        return plan_message(session, ticket, message.model_copy(update=again), actor=actor, now=clock.now())
    if decision == "theirs" or not conflict.delivery_id:
        return []
    revived = revive(session, conflict.delivery_id, actor=actor, now=clock.now())
    return [] if revived is None else [revived]


def _hold(
    session: Session, ticket: TicketRow, conflict: TicketConflictRow, decision: Decision, *, actor: Actor
) -> list[Try]:
    """What is there is seen by now, so that it may be written over, or taken."""
    assert ticket.id is not None
    row, theirs = field_of(session, ticket.id, conflict.field), value_of(conflict.theirs)
    if theirs is not None:
        row.base, row.base_at = kept(theirs), clock.now()
    row.base_change = conflict.their_change or row.base_change
    session.add(row)
    ours = value_of(row.local)
    if decision == "theirs":
        if theirs is None:
            return []
        row.local, row.changed_by, row.changed_at = kept(theirs), str(actor), clock.now()
        session.flush()
        return _take(session, ticket, conflict, theirs, actor=actor)
    session.flush()
    if ours is None or ours == theirs:
        return []
    if conflict.field == "status":
        category = cast(Category, ticket.status_category)
        return tell(session, ticket, StatusChanged(category, str(ours)), actor)
    return tell(session, ticket, FieldsChanged({conflict.field: ours}), actor)


def _take(
    session: Session, ticket: TicketRow, conflict: TicketConflictRow, value: FieldValue, *, actor: Actor
) -> list[Try]:
    """The vendor's value holds here too, without being told back there."""
    asked = Asked(actor, f"conflict:{conflict.id}", via=ticket.integration, source=f"conflict:{conflict.id}")
    if conflict.field == "status":
        status = _BY_NAME.get(str(value), IncidentStatus.IN_PROGRESS)
        outcome = set_status(session, ticket.incident_id, status, asked, called=str(value))
        ticket.status = str(value)
        session.add(ticket)
        return list(outcome.tries)
    if conflict.field == "priority" and value in set(Priority):
        return list(set_priority(session, ticket.incident_id, Priority(str(value)), asked).tries)
    if conflict.field == "assignee":
        owner = owner_of(session, ticket.integration, str(value))
        return [] if owner is None else list(assign(session, ticket.incident_id, owner, asked).tries)
    if conflict.field == "summary":
        ticket.summary = str(value)
        session.add(ticket)
    return []
