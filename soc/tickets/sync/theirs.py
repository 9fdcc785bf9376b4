"""What somebody did at the vendor is done here too: by the same acts as everything else, and not told back."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from soc import clock
from soc.audit.write import record
from soc.delivery.ledger import Try
from soc.domain.audit import Subject, SubjectKind
from soc.domain.incident import IncidentStatus
from soc.domain.message import FieldValue
from soc.domain.severity import Priority
from soc.ids import new_id
from soc.integrations.kit.tickets import SETS, RemoteChange, TicketState
from soc.store.nouns.tickets.tickets import TicketRow
from soc.tickets.accounts import actor_of, owner_of
from soc.tickets.acts import Asked, assign, close, set_priority, set_status
from soc.tickets.closing import resolve_alerts

INCIDENT_STATUS = {
    "new": IncidentStatus.OPEN,
    "indeterminate": IncidentStatus.IN_PROGRESS,
    "done": IncidentStatus.RESOLVED,
}


#: What an act takes over here, which the audit tells of by itself.
BY_ACTS = frozenset({"status", "priority", "assignee"})


def theirs_of(state: TicketState, field: str) -> RemoteChange | None:
    """The entry by which somebody there, and not this product, set what the field is; of a set the last of theirs: an own one may
    have come after it.
    """
    entries = [one for one in reversed(state.changes) if field in one.items]
    return next((one for one in (entries if field in SETS else entries[:1]) if not one.origin), None)


def take(
    session: Session,
    ticket: TicketRow,
    field: str,
    value: FieldValue,
    state: TicketState,
    entry: RemoteChange | None,
) -> list[Try]:
    """The ticket has this value here from now on, since somebody set it there (`entry`: in which step of its history)."""
    source = entry.id if entry is not None else new_id("seen")
    asked = Asked(
        actor_of(session, ticket.integration, entry),
        f"{ticket.integration}:{ticket.remote_id}:{source}:{field}:{value if isinstance(value, str) else len(value)}"[
            :400
        ],
        via=ticket.integration,
        source=f"{ticket.integration}:{ticket.remote_id}:{source}",
        at=_when(entry, state),
    )
    if field == "status":
        return _take_status(session, ticket, str(value), state, asked)
    if field == "priority" and value in set(Priority):
        return list(set_priority(session, ticket.incident_id, Priority(str(value)), asked).tries)
    if field == "assignee":
        owner = owner_of(session, ticket.integration, str(value))
        return [] if owner is None else list(assign(session, ticket.incident_id, owner, asked).tries)
    if field == "summary":
        ticket.summary = str(value)
    return []


def note(
    session: Session,
    ticket: TicketRow,
    field: str,
    change: tuple[FieldValue, FieldValue],
    entry: RemoteChange | None,
) -> None:
    """The audit's entry of a field that no act changes (a label, the due date): before and after, and who it was there."""
    before, after = ({field: ", ".join(one) if isinstance(one, tuple) else one} for one in change)
    who, where = actor_of(session, ticket.integration, entry), f"{ticket.integration}:{ticket.remote_id}"
    words = f"via {ticket.integration} {where}:{entry.id if entry is not None else 'seen'}"
    subject = Subject(SubjectKind.INCIDENT, ticket.incident_id)
    record(session, who, f"set {field}", subject, before=before, after=after, note=words)


def _when(entry: RemoteChange | None, state: TicketState) -> datetime:
    """When it happened; never later than now, whatever the vendor's clock says."""
    said = entry.at if entry is not None else state.ticket.resolved_at or state.ticket.updated_at
    return min(said or clock.now(), clock.now())


def _take_status(
    session: Session, ticket: TicketRow, name: str, state: TicketState, asked: Asked
) -> list[Try]:
    status = INCIDENT_STATUS.get(state.ticket.status_category, IncidentStatus.OPEN)
    ended_before = ticket.resolved_at is not None
    if status is IncidentStatus.RESOLVED and name == "Closed":
        tries = list(close(session, ticket.incident_id, None, asked).tries)
    else:
        outcome = set_status(session, ticket.incident_id, status, asked, called=name)
        tries = list(outcome.tries)
        if status is IncidentStatus.RESOLVED and not ended_before:
            tries += resolve_alerts(
                session, ticket.incident_id, actor=asked.actor, now=asked.at, reopened=ticket.reopened
            )
    ticket.status, ticket.status_category = name, state.ticket.status_category
    return tries
