"""What is done to a ticket here is told to the vendor that has it: planned in the transaction of the change.

A field keeps three values: what it is here, what both sides last agreed on (the base), and what it is there, which only
reading it tells. A change is written there only while the value there is the base's; else a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlmodel import Session

from soc import clock
from soc.delivery import ledger
from soc.delivery.idempotency import key_of
from soc.delivery.ledger import Intent, Try
from soc.domain.actor import Actor, ActorKind
from soc.domain.message import (
    ChangeTicket,
    CommentTicket,
    FieldChange,
    FieldValue,
    MoveTicket,
    TicketAddress,
    TicketMessage,
    announce,
)
from soc.ids import new_id
from soc.integrations.in_force import load_usable
from soc.integrations.registry import KINDS
from soc.links import incident_url
from soc.sla.planned import answer_by
from soc.store.nouns.deliveries.outbox import has_unended, last_planned
from soc.store.nouns.incidents.incidents import IncidentRow, get_incident, to_incident
from soc.store.nouns.tickets.ticket_conflicts import TicketConflictRow, find_open
from soc.store.nouns.tickets.ticket_fields import TicketFieldRow, field_of, kept, value_of
from soc.store.nouns.tickets.tickets import TicketRow
from soc.tickets.disagreeing import new_conflict
from soc.tickets.rewording import NoteReworded, reword

#: The names of the messages that change a ticket that exists.
TICKET_MESSAGES = frozenset({"change_ticket", "move_ticket", "comment_ticket", "reword_comment"})
Category = Literal["new", "indeterminate", "done"]


@dataclass(frozen=True)
class FieldsChanged:
    """Fields were set here: `priority`, `assignee` (the account's id at the vendor), `labels`, `components`, `due`
    (`YYYY-MM-DD`), `summary`. `id` names the change ("": a new one), so that telling it twice is telling it once.
    """

    fields: Mapping[str, FieldValue]
    id: str = ""
    ends: str = ""  # as in ChangeTicket


@dataclass(frozen=True)
class StatusChanged:
    """The ticket moved here, to a status by its name (or, "", to any of the category)."""

    category: Category
    status: str = ""
    resolution: str = ""
    id: str = ""


@dataclass(frozen=True)
class NoteAdded:
    """A note was written here. An internal one is not shown to customers. `said_by` is its author, for people; `duplicates` the
    key of the ticket that this one is a duplicate of by now ("": none).
    """

    note_id: str
    text: str
    internal: bool = True
    said_by: str = ""
    duplicates: str = ""


Change = FieldsChanged | StatusChanged | NoteAdded | NoteReworded


def tell(session: Session, ticket: TicketRow, change: Change, actor: Actor) -> list[Try]:
    """Plan what the ticket's vendor is to be told; returns the tries to enqueue after the transaction.

    Nothing is planned for a vendor that takes no changes, or where the ticket cannot be reached there any more; what
    the fields are here is kept all the same.
    """
    assert ticket.id is not None
    now = clock.now()
    address = TicketAddress(key=ticket.key, url=ticket.url, remote_id=ticket.remote_id)
    about: dict[str, Any] = {"ticket": address, "url": incident_url(ticket.incident_id)}
    message: TicketMessage | None
    if isinstance(change, NoteReworded):
        message = reword(session, ticket, change, about=about, said_by=spoken(actor))
        if message is None:
            return []
    elif isinstance(change, NoteAdded):
        message = CommentTicket(
            **about, change=change.note_id, said_by=change.said_by or spoken(actor), text=change.text,
            internal=change.internal, duplicates=change.duplicates,
        )  # fmt: skip
    elif isinstance(change, StatusChanged):
        row = set_local(session, ticket.id, "status", change.status or change.category, actor=actor, now=now)
        message = MoveTicket(
            **about, change=change.id or new_id("chg"), said_by=spoken(actor), category=change.category,
            status=change.status, before=str(value_of(row.base) or ""), seen=row.base_change,
            resolution=change.resolution,
        )  # fmt: skip
    else:
        fields = {
            name: _field_change(set_local(session, ticket.id, name, value, actor=actor, now=now), value)
            for name, value in change.fields.items()
        }
        message = ChangeTicket(
            **about,
            change=change.id or new_id("chg"),
            said_by=spoken(actor),
            fields=fields,
            ends=change.ends,
        )
    return plan_message(session, ticket, message, actor=actor, now=now)


def _field_change(row: TicketFieldRow, after: FieldValue) -> FieldChange:
    return FieldChange(before=value_of(row.base), after=after, seen=row.base_change)


def spoken(actor: Actor) -> str:
    """Who did it, for people at the vendor; "" where nobody knows a name."""
    named = actor.kind is ActorKind.PERSON and actor.id not in ("page", "loopback", "shell", "python")
    return actor.id if named else ""


def set_local(
    session: Session, ticket_id: int, field: str, value: FieldValue, *, actor: Actor, now: datetime
) -> TicketFieldRow:
    """Keep what the field is here from now on."""
    row = field_of(session, ticket_id, field)
    row.local, row.changed_by, row.changed_at = kept(value), str(actor), now
    session.add(row)
    session.flush()
    return row


def plan_message(
    session: Session, ticket: TicketRow, message: TicketMessage, *, actor: Actor, now: datetime
) -> list[Try]:
    """Plan one message about the ticket, after all that were planned about it before."""
    kind = KINDS.get(ticket.integration)
    if kind is None or message.action not in kind.takes or ticket.absence or not ticket.remote_id:
        return []
    last = last_planned(session, integration=ticket.integration, subject=ticket.incident_id)
    if last is not None and last >= now:  # they keep their order by the moment at which each was planned
        now = last + timedelta(microseconds=1)
    incident = get_incident(session, ticket.incident_id)
    intent = Intent(
        key=key_of(ticket.integration, message),
        integration=ticket.integration,
        message=message,
        actor=actor,
        incident_id=ticket.incident_id,
        batch_id=incident.batch_id,
        practice=ticket.practice,
        score=incident.score,
    )
    return ledger.plan(session, [intent], now=now)


def plan_opening(
    session: Session,
    row: IncidentRow,
    kind: str,
    *,
    actor: Actor,
    now: datetime,
    follows: str = "",
    parted_from: str = "",
) -> list[Try]:
    """Have this integration open the incident's ticket; planning twice is planning once. `follows` and `parted_from` are as in
    the message.
    """
    incident = to_incident(row)
    config = load_usable(kind, session)
    zone = config.zone_of_days if config is not None else ""
    due, ends = answer_by(session, incident, integration=kind, now=now, zone=zone)
    message = announce(
        "open_ticket",
        incident,
        due=due,
        url=incident_url(row.id),
        ends=ends,
        follows=follows,
        parted_from=parted_from,
    )
    intent = Intent(
        key=key_of(kind, message),
        integration=kind,
        message=message,
        actor=actor,
        incident_id=row.id,
        batch_id=incident.batch_id,
        practice=config.practice if config is not None else False,
        score=incident.score,
    )
    return ledger.plan(session, [intent], now=now)


def is_pending(session: Session, ticket: TicketRow) -> bool:
    """Whether a change of the ticket is on its way to its vendor."""
    return has_unended(
        session, integration=ticket.integration, subject=ticket.incident_id, actions=TICKET_MESSAGES
    )


def agree(
    session: Session,
    ticket: TicketRow,
    field: str,
    *,
    told: FieldValue,
    value: FieldValue,
    entry: str,
    now: datetime,
) -> None:
    """Both sides have `value` now; here too, where nobody has changed it since it was told."""
    assert ticket.id is not None
    row = field_of(session, ticket.id, field)
    if value_of(row.local) in (None, told):
        row.local = kept(value)
        if field == "status" and isinstance(value, str):
            ticket.status = value
            session.add(ticket)
    row.base, row.base_at = kept(value), now
    row.base_change = entry or row.base_change
    session.add(row)


def open_conflict(
    session: Session,
    ticket: TicketRow,
    field: str,
    *,
    reason: str,
    theirs: FieldValue | None,
    actor: Actor,
    their_name: str = "",
    their_at: datetime | None = None,
    their_change: str = "",
    ours: FieldValue | None = None,
    delivery_id: str = "",
) -> TicketConflictRow:
    """The one open conflict about this field: a new row, or the one that is there, brought up to date."""
    assert ticket.id is not None
    now = clock.now()
    known = None if field == "comment" else find_open(session, ticket.id, field)
    row = known or new_conflict(session, ticket, field, reason=reason, actor=actor, now=now)
    state = session.get(TicketFieldRow, (ticket.id, field))
    row.ours = kept(ours) if ours is not None else (state.local if state is not None else {})
    row.base = state.base if state is not None else {}
    row.our_at = state.changed_at if state is not None else now
    row.reason, row.updated_at = reason, now
    if theirs is not None:
        row.theirs = kept(theirs)
    row.their_name, row.their_at = their_name or row.their_name, their_at or row.their_at
    row.their_change = their_change or row.their_change
    row.delivery_id = delivery_id or row.delivery_id
    session.add(row)
    session.flush()
    return row
