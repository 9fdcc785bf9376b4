"""One ticket, read whole, merged into what is here: field by field, each entry of its history once."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from soc.delivery.ledger import Try
from soc.domain.actor import Actor
from soc.domain.message import ChangeTicket, MoveTicket, read_message
from soc.integrations.kit.tickets import SETS, SYNCED, RemoteChange, TicketState
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.tickets.ticket_changes import CHANGE, TicketChangeRow, keep_changes, known_changes
from soc.store.nouns.tickets.ticket_conflicts import find_open, list_open_fields, settle
from soc.store.nouns.tickets.ticket_fields import TicketFieldRow, kept, list_fields, value_of
from soc.store.nouns.tickets.tickets import TicketRow
from soc.tickets.outgoing import FieldsChanged, StatusChanged, agree, is_pending, open_conflict, tell
from soc.tickets.sync.merge import merge
from soc.tickets.sync.remarks import pull_comments
from soc.tickets.sync.theirs import BY_ACTS, note, take, theirs_of

_SYNC = Actor.system("ticket-sync")


def pull(
    session: Session, ticket: TicketRow, state: TicketState, *, read_from: datetime, now: datetime
) -> list[Try] | None:
    """Merge what was read (from `read_from` on) into the ticket, whose row is locked; returns what is to be told.

    None where it was read before something that is known here: then it is read again.
    """
    assert ticket.id is not None
    rows = {row.field: row for row in list_fields(session, [ticket.id])}
    if _is_stale(ticket, rows, state, read_from=read_from):
        return None
    _note_history(session, ticket, state, now=now)
    rows = {row.field: row for row in list_fields(session, [ticket.id])}
    waiting, tries = list_open_fields(session, ticket.id), list[Try]()
    ticket.key, ticket.url = state.ticket.key, state.ticket.url or ticket.url
    ticket.not_synced = ", ".join(state.not_synced)
    for field in SYNCED:
        if field in state.fields:
            row = rows.get(field) or TicketFieldRow(ticket_id=ticket.id, field=field)
            tries += _merge_field(session, ticket, row, state, waiting=field in waiting, now=now)
    if (
        "assignee" in state.fields
    ):  # whose it is there, also where it was given to them here or nobody has decided yet
        ticket.assignee, ticket.assignee_id = state.ticket.assignee, str(state.fields["assignee"])
    tries += pull_comments(session, ticket, state, now=now)
    ticket.remote_updated_at, ticket.read_at, ticket.synced_at = state.ticket.updated_at, read_from, now
    session.add(ticket)
    session.flush()
    return tries


def _is_stale(
    ticket: TicketRow, rows: dict[str, TicketFieldRow], state: TicketState, *, read_from: datetime
) -> bool:
    """Whether something newer than what was read is known: a later state, or a write of ours that it does not show."""
    known, read = ticket.remote_updated_at, state.ticket.updated_at
    if known is not None and read is not None and read < known:
        return True
    return any(row.base_at is not None and row.base_at > read_from for row in rows.values())


def _note_history(session: Session, ticket: TicketRow, state: TicketState, *, now: datetime) -> None:
    """Every entry is kept once. What this product wrote there is what both sides agreed on by then."""
    assert ticket.id is not None
    known = known_changes(session, ticket.id)
    fresh = [one for one in state.changes if one.id not in known]
    keep_changes(
        session,
        [
            TicketChangeRow(
                ticket_id=ticket.id, kind=CHANGE, remote_id=one.id, ours=bool(one.origin), delivery_id=one.origin,
                author=one.author, at=one.at, items={name: list(pair) for name, pair in one.items.items()}, seen_at=now,
            )
            for one in fresh
        ],
    )  # fmt: skip
    for entry in fresh:
        if entry.origin:
            _agree_on_own(session, ticket, entry, now=now)
    session.flush()


def _agree_on_own(session: Session, ticket: TicketRow, entry: RemoteChange, *, now: datetime) -> None:
    """A write whose answer was lost, or is not written down yet: its entry shows that it was done."""
    row = session.get(DeliveryRow, entry.origin)
    message = read_message(row.payload) if row is not None else None
    if isinstance(message, MoveTicket) and "status" in entry.items:
        told, value = message.status or message.category, entry.items["status"][1]
        agree(session, ticket, "status", told=told, value=value, entry=entry.id, now=now)
    elif isinstance(message, ChangeTicket):
        for name, change in message.fields.items():
            if name in entry.items and name not in SETS:
                agree(session, ticket, name, told=change.after, value=change.after, entry=entry.id, now=now)


def _merge_field(
    session: Session,
    ticket: TicketRow,
    row: TicketFieldRow,
    state: TicketState,
    *,
    waiting: bool,
    now: datetime,
) -> list[Try]:
    field, remote = row.field, state.fields[row.field]
    local, base = value_of(row.local), value_of(row.base)
    entry = next((one for one in reversed(state.changes) if field in one.items), None)
    if waiting:
        _follow_conflict(session, ticket, row, state, entry, now=now)
        return []
    came = merge(local, base, remote, is_set=field in SETS)
    if came.clash:
        _clash(session, ticket, row, state, entry)
        return []
    tries: list[Try] = []
    row.base, row.base_at = kept(came.base), now
    row.base_change = entry.id if entry is not None else row.base_change
    if came.local != local and not (local is None and _shows(ticket, field, state)):
        tries += take(session, ticket, field, came.local, state, theirs_of(state, field))
    if came.local != local:
        if local is not None and field not in BY_ACTS:
            note(session, ticket, field, (local, came.local), theirs_of(state, field))
        row.local, row.changed_at = kept(came.local), now
        row.changed_by = str(Actor.vendor(ticket.integration))
    session.add(row)
    session.flush()
    if came.tell and not is_pending(session, ticket):
        tries += _tell(session, ticket, row, state)
    return tries


def _shows(ticket: TicketRow, field: str, state: TicketState) -> bool:
    """Whether the ticket's row has the value already, at the first look."""
    if field == "status":
        return (ticket.status, ticket.status_category) == (state.ticket.status, state.ticket.status_category)
    columns = {"priority": ticket.priority, "assignee": ticket.assignee_id}
    return field in columns and columns[field] == state.fields[field]


def _tell(session: Session, ticket: TicketRow, row: TicketFieldRow, state: TicketState) -> list[Try]:
    """It is so here and not there, and nothing is on its way."""
    value = value_of(row.local)
    if value is None or row.field == "resolution":
        return []
    if row.field == "status":
        category = ticket.status_category
        if category not in ("new", "indeterminate", "done"):
            return []
        return tell(session, ticket, StatusChanged(category, str(value)), _SYNC)  # type: ignore[arg-type]
    return tell(session, ticket, FieldsChanged({row.field: value}), _SYNC)


def _clash(
    session: Session, ticket: TicketRow, row: TicketFieldRow, state: TicketState, entry: RemoteChange | None
) -> None:
    theirs = state.fields[row.field]
    who = entry.author if entry is not None else ""
    open_conflict(
        session,
        ticket,
        row.field,
        reason=f"Both sides changed {row.field}. Decide which value holds.",
        theirs=theirs,
        actor=Actor.parse(row.changed_by) if row.changed_by else _SYNC,
        their_name=who,
        their_at=entry.at if entry is not None else None,
        their_change=entry.id if entry is not None else "",
    )


def _follow_conflict(
    session: Session,
    ticket: TicketRow,
    row: TicketFieldRow,
    state: TicketState,
    entry: RemoteChange | None,
    *,
    now: datetime,
) -> None:
    """What waits for a person shows what is there now; where both sides came to agree, it waits no longer."""
    assert ticket.id is not None
    conflict, theirs = find_open(session, ticket.id, row.field), state.fields[row.field]
    if conflict is None:
        return
    if value_of(row.local) == theirs:
        row.base, row.base_at = kept(theirs), now
        row.base_change = entry.id if entry is not None else row.base_change
        settle(conflict, decision="settled", actor=_SYNC, now=now)
        session.add(row)
    elif value_of(conflict.theirs) != theirs or value_of(conflict.ours) != value_of(row.local):
        conflict.theirs, conflict.ours, conflict.updated_at = kept(theirs), row.local, now
        if entry is not None and not entry.origin:
            conflict.their_name, conflict.their_at, conflict.their_change = entry.author, entry.at, entry.id
    session.add(conflict)
