"""What differs between both sides of every ticket, and why: on its way, waiting for a person, or nobody knows. Nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from soc import clock
from soc.delivery.connectors import borrow
from soc.domain.message import FieldValue
from soc.errors import DeliveryError
from soc.integrations.kit.tickets import SYNCED, Absence, TicketConnector, TicketState
from soc.integrations.registry import takers
from soc.store.db import read_session
from soc.store.nouns.incidents.investigation_notes import list_notes
from soc.store.nouns.tickets.ticket_conflicts import list_open_fields
from soc.store.nouns.tickets.ticket_fields import list_fields, value_of
from soc.store.nouns.tickets.ticket_reading import list_unread
from soc.store.nouns.tickets.tickets import TicketRow
from soc.tickets.outgoing import is_pending
from soc.tickets.sync.poll import REOPENABLE

#: As many tickets as one report reads.
MOST = 20_000


@dataclass(frozen=True)
class Difference:
    """`why` is “on its way”, “waits for a person”, “not read yet”, “not synced” (it stays there alone) or “unexplained”."""

    key: str
    field: str
    ours: FieldValue | None
    theirs: FieldValue | None
    why: str


@dataclass(frozen=True)
class Compared:
    """`kinds` are the vendors that were asked, `tickets` how many of theirs were read: that nothing differs says something only then."""

    kinds: tuple[str, ...]
    tickets: int
    differences: tuple[Difference, ...]


def compare_sides(*, most: int = MOST) -> Compared:
    """Every ticket that is open, or may yet be reopened; each is read at its vendor, of each vendor `most`. Raises
    DeliveryError.
    """
    now, kinds, tickets = clock.now(), list[str](), 0
    found: list[Difference] = []
    for kind in takers("open_ticket"):
        with borrow(kind) as connector:
            if not isinstance(connector, TicketConnector):
                continue
            kinds.append(kind)
            with read_session() as session:
                rows = list_unread(
                    session, integration=kind, practice=connector.practice, before=now + REOPENABLE,
                    resolved_since=now - REOPENABLE, limit=most,
                )  # fmt: skip
            tickets += len(rows)
            for row in rows:
                found += _of_ticket(connector, row)
    return Compared(tuple(kinds), tickets, tuple(found))


def _of_ticket(connector: TicketConnector, row: TicketRow) -> Iterator[Difference]:
    try:
        state = connector.read_state(row.remote_id, key=row.key)
    except DeliveryError as error:
        if error.status is None or error.status >= 500 or error.status in (401, 403, 429):
            raise
        yield Difference(row.key, "ticket", "here", None, f"cannot be read: {error.message}")
        return
    if isinstance(state, Absence):
        why = "waits for a person" if row.absence == state.value else "not read yet"
        yield Difference(row.key, "ticket", "here", state.value, why)
        return
    yield from _fields(row, state)
    if state.not_synced:
        yield Difference(row.key, "more", None, state.not_synced, "not synced")


def _fields(row: TicketRow, state: TicketState) -> Iterator[Difference]:
    assert row.id is not None
    with read_session() as session:
        known = {one.field: value_of(one.local) for one in list_fields(session, [row.id])}
        waiting = list_open_fields(session, row.id)
        pending = is_pending(session, row)
        notes = list_notes(session, row.incident_id)
    unread = row.read_at is None or (
        state.ticket.updated_at is not None
        and row.remote_updated_at is not None
        and state.ticket.updated_at > row.remote_updated_at
    )
    usual = "on its way" if pending else "not read yet" if unread else "unexplained"
    for field in SYNCED:
        ours, theirs = known.get(field), state.fields.get(field)
        if field in state.fields and ours != theirs and not (ours is None and unread):
            yield Difference(
                row.key, field, ours, theirs, "waits for a person" if field in waiting else usual
            )
    here = {one.remote_id for one in notes if one.remote_id and one.integration == row.integration}
    for comment in state.comments:
        if comment.id not in here and not comment.origin:
            yield Difference(row.key, "comment", None, comment.text[:80], usual)
    there = {one.id for one in state.comments}
    for note in notes:
        if note.gone_at is None and note.remote_id not in there:
            why = "waits for a person" if "comment" in waiting else usual
            yield Difference(row.key, "comment", note.text[:80], None, why)
