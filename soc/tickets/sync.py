"""Keeps ticket rows in step with the vendor that has them: status, assignee, priority and when it was resolved."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from soc import clock
from soc.delivery.connectors import borrow
from soc.delivery.ledger import Try
from soc.delivery.queues import enqueue_tries
from soc.domain.actor import Actor
from soc.domain.incident import IncidentStatus
from soc.domain.severity import Priority
from soc.errors import DeliveryError
from soc.integrations.kit.tickets import RemoteTicket, TicketConnector
from soc.integrations.registry import takers
from soc.sla.ledger import priority_changed, status_changed
from soc.store.db import read_session, write_session
from soc.store.nouns.incidents import set_status
from soc.store.nouns.tickets import TicketRow, find_by_key, list_keys_to_ask
from soc.tickets.closing import resolve_alerts

log = structlog.get_logger(__name__)

#: How many tickets one look-up asks for.
CHUNK = 50
#: A resolved ticket may be reopened; after this long it is taken for settled.
REOPENABLE = timedelta(days=7)
_INCIDENT_STATUS = {
    "new": IncidentStatus.OPEN,
    "indeterminate": IncidentStatus.IN_PROGRESS,
    "done": IncidentStatus.RESOLVED,
}


def sync_tickets() -> int:
    """Refresh every ticket that is open or may yet be reopened from where it was opened; returns how many rows changed.

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


def _sync(kind: str) -> int:
    changed = 0
    with borrow(kind) as connector:
        if not isinstance(connector, TicketConnector):
            return 0
        with read_session() as session:
            keys = list_keys_to_ask(
                session,
                integration=kind,
                practice=connector.practice,
                resolved_since=clock.now() - REOPENABLE,
            )
        for start in range(0, len(keys), CHUNK):
            remote = connector.fetch_tickets(keys[start : start + CHUNK])
            tries: list[Try] = []
            with write_session() as session:
                for ticket in remote:
                    touched, ended = _apply(
                        session, ticket, kind, practice=connector.practice, now=clock.now()
                    )
                    changed += touched
                    tries += ended
            enqueue_tries(tries)
    return changed


def sync_quietly() -> int:
    """For the schedule: a vendor that is away now is asked again at the next tick."""
    try:
        return sync_tickets()
    except DeliveryError as error:
        log.warning("ticket_sync_failed", reason=error.reason.value, error=str(error))
        return 0


def _apply(
    session: Session, remote: RemoteTicket, kind: str, *, practice: bool, now: datetime
) -> tuple[int, list[Try]]:
    """How many rows changed, and what is to be told because a ticket ended."""
    changed = 0
    tries: list[Try] = []
    # practice tickets have keys of their own world: SOC-1 may exist in both
    for row in find_by_key(session, remote.key, integration=kind, practice=practice):
        vendor = Actor.vendor(row.integration)
        before = (row.status, row.status_category, row.assignee, row.priority, row.resolved_at)
        category = row.status_category
        _copy(session, remote, row, now=now)
        _move_clocks(session, row, before_category=category, before_priority=before[3], now=now)
        if row.resolved_at is not None and before[4] is None:
            tries += resolve_alerts(session, row.incident_id, actor=vendor, now=now, reopened=row.reopened)
        if before != (row.status, row.status_category, row.assignee, row.priority, row.resolved_at):
            row.changed_by = str(vendor)
            changed += 1
        status = _INCIDENT_STATUS.get(remote.status_category, IncidentStatus.OPEN)
        status = IncidentStatus.CLOSED if remote.status == "Closed" else status
        set_status(session, row.incident_id, status, actor=vendor)
    return changed, tries


def _copy(session: Session, remote: RemoteTicket, row: TicketRow, *, now: datetime) -> None:
    """What the vendor says of the ticket, into its row. One that was reopened is open again."""
    row.status, row.status_category = remote.status, remote.status_category
    row.assignee = remote.assignee
    done = remote.status_category == "done"
    if row.resolved_at is not None and not done:
        row.reopened += 1
    row.resolved_at = (row.resolved_at or remote.resolved_at or now) if done else None
    if remote.priority != row.priority and remote.priority in list(Priority):
        row.priority = remote.priority
    row.synced_at = now
    session.add(row)


def _move_clocks(
    session: Session, row: TicketRow, *, before_category: str, before_priority: str, now: datetime
) -> None:
    """What was found changed moves the clocks; when and by whom, the look-up does not say."""
    vendor = Actor.vendor(row.integration)
    if row.priority != before_priority:
        priority_changed(session, row, priority=Priority(row.priority), at=now, actor=vendor)
    if row.status_category != before_category:
        status_changed(
            session,
            row,
            status=row.status,
            category=row.status_category,
            before_category=before_category,
            at=row.resolved_at or now,
            actor=vendor,
        )
