"""Asks the vendors that keep tickets what was changed: each minute by their own clock, at once where they call, and now and
then every ticket that was not read for long.

A search may lag by minutes, so its answer only names tickets; each is then read by its id, which does not lag.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import structlog

from soc import clock
from soc.delivery.connectors import borrow
from soc.delivery.queues import enqueue_tries
from soc.domain.actor import Actor
from soc.errors import DeliveryError, FailureReason, PermanentDeliveryError
from soc.integrations.kit.tickets import Absence, TicketConnector, TicketState, Touched
from soc.integrations.registry import takers
from soc.store.db import read_session, write_session
from soc.store.nouns.installation.notes import keep_note, read_note
from soc.store.nouns.tickets.ticket_reading import list_remote, list_unread
from soc.store.nouns.tickets.tickets import TicketRow, get_ticket, lock_tickets
from soc.store.nouns.vendors.hook_events import DELETED, finish_events, list_waiting
from soc.tickets.sync.absence import mark_absent, mark_present
from soc.tickets.sync.pull import pull

log = structlog.get_logger(__name__)

#: What a poll looks back beyond the last one: longer than a search lags.
OVERLAP_MINUTES = 10
#: The first poll, and one after a long standstill, look back no further; what lies before is read ticket by ticket.
LONGEST_MINUTES = 24 * 60
#: A ticket that nobody touched is read again after this long, so many of them a poll.
READ_AGAIN = timedelta(hours=1)
READ_AT_ONCE = 100
#: A resolved ticket may be reopened; after this long it is taken for settled.
REOPENABLE = timedelta(days=7)
#: A search may show a moment that was read already while the vendor still worked on it.
_UNSURE = timedelta(seconds=60)


def sync_tickets() -> int:
    """Bring every ticket that was changed at its vendor up to date here; returns how many were.

    Raises DeliveryError when a vendor cannot be asked; the others are asked all the same. Tickets made in practice are
    only asked for in practice.
    """
    changed = 0
    failure: DeliveryError | None = None
    for kind in takers("open_ticket"):
        try:
            changed += _sync(kind)
        except DeliveryError as error:
            failure = error
    if failure is not None:
        raise failure
    return changed


def sync_quietly() -> int:
    """For the schedule: a vendor that is away now is asked again at the next tick."""
    try:
        return sync_tickets()
    except DeliveryError as error:
        log.warning("ticket_sync_failed", reason=error.reason.value, error=str(error))
        return 0


def _sync(kind: str) -> int:
    with borrow(kind) as connector:
        if not isinstance(connector, TicketConnector):
            return 0
        changed = work_calls(kind, connector)
        started, minutes = clock.now(), _minutes_back(kind, connector)
        touched = connector.list_touched(minutes=minutes)
        with read_session() as session:
            known = list_remote(
                session, [one.id for one in touched], integration=kind, practice=connector.practice
            )
            unread = list_unread(
                session, integration=kind, practice=connector.practice, before=started - READ_AGAIN,
                resolved_since=started - REOPENABLE, limit=READ_AT_ONCE,
            )  # fmt: skip
        updated = {one.id: one for one in touched}
        wanted = [row for row in known if _is_news(row, updated[row.remote_id])]
        seen = {row.id for row in wanted}
        wanted += [row for row in unread if row.id not in seen]
        changed += sum(refresh(connector, row) for row in wanted)
        with write_session() as session:
            keep_note(session, _mark(kind, connector), {"polled_at": clock.isoformat(started)})
    return changed


def _mark(kind: str, connector: TicketConnector) -> str:
    return f"ticket-sync:{kind}:{'practice' if connector.practice else 'real'}"


def _minutes_back(kind: str, connector: TicketConnector) -> int:
    """Since the last poll that ended well, and the overlap."""
    with read_session() as session:
        polled = read_note(session, _mark(kind, connector)).get("polled_at")
    if not polled:
        return LONGEST_MINUTES
    ago = (clock.now() - clock.parse(str(polled))).total_seconds() / 60
    return min(max(math.ceil(ago), 0) + OVERLAP_MINUTES, LONGEST_MINUTES)


def _is_news(row: TicketRow, touched: Touched) -> bool:
    """Whether the search shows something that was not read yet."""
    if row.remote_updated_at is None or touched.updated_at is None or row.read_at is None:
        return True
    return touched.updated_at > row.remote_updated_at or row.read_at < touched.updated_at + _UNSURE


def work_calls(kind: str, connector: TicketConnector) -> int:
    """What the vendor called about since the last time; returns how many tickets were changed. Raises as `refresh` does."""
    with read_session() as session:
        events = list_waiting(session, integration=kind)
        ids = list(dict.fromkeys(one.about for one in events))
        rows = list_remote(session, ids, integration=kind, practice=connector.practice)
    deleted = {one.about for one in events if one.event == DELETED}
    changed = sum(refresh(connector, row, deleted=row.remote_id in deleted) for row in rows)
    if events:
        with write_session() as session:
            finish_events(session, [one.id for one in events], now=clock.now())
    return changed


def refresh(connector: TicketConnector, row: TicketRow, *, deleted: bool = False) -> bool:
    """Read one ticket and merge it; whether anything of its row is otherwise than before. `deleted`: the vendor said so.

    Raises DeliveryError where the vendor cannot be asked at all; what is wrong with this ticket alone is logged.
    """
    read_from = clock.now()
    try:
        state = connector.read_state(row.remote_id, key=row.key)
    except PermanentDeliveryError as error:
        if error.reason is not FailureReason.CLIENT:
            raise
        log.warning("ticket_not_read", ticket=row.key, status=error.status)
        return False
    if deleted and isinstance(state, Absence):
        state = Absence.DELETED
    return merge_in(row, state, read_from=read_from)


def merge_in(row: TicketRow, state: TicketState | Absence, *, read_from: datetime) -> bool:
    """Merge what was read of the ticket, in one transaction."""
    assert row.id is not None
    with write_session() as session:
        lock_tickets(session, row.incident_id)
        ticket = get_ticket(session, row.id)
        now, before = clock.now(), _shown(ticket)
        if isinstance(state, Absence):
            mark_absent(session, ticket, state, now=now)
            tries = []
        else:
            if state.archived:
                mark_absent(session, ticket, Absence.ARCHIVED, now=now)
            else:
                mark_present(session, ticket, now=now)
            tries = pull(session, ticket, state, read_from=read_from, now=now) or []
        changed = before != _shown(ticket)
        if changed and not ticket.changed_by:
            ticket.changed_by = str(Actor.vendor(ticket.integration))
    enqueue_tries(tries)
    return changed


def _shown(row: TicketRow) -> tuple[object, ...]:
    return (
        row.key,
        row.status,
        row.status_category,
        row.assignee,
        row.priority,
        row.resolved_at,
        row.absence,
    )
