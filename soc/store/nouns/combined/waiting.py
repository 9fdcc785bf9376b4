"""Incidents that await release, and what of their messages goes, or falls away, when they are released."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from soc.domain.delivery import DeliveryState
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.incidents import ENDED, IncidentRow
from soc.store.nouns.tickets.tickets import TicketRow
from soc.store.paging import portions


def await_release(session: Session, ids: Collection[str]) -> None:
    """Nobody is told of these until they are released."""
    for some in portions(sorted(ids)):
        these = col(IncidentRow.id).in_(some)
        session.connection().execute(sa.update(IncidentRow).where(these).values(awaiting_release=True))


def count_awaiting(session: Session, batch_id: str) -> int:
    return session.exec(select(sa.func.count()).select_from(IncidentRow).where(*_waiting(batch_id))).one()


def list_awaiting(session: Session, batch_id: str, *, limit: int | None = None) -> Sequence[IncidentRow]:
    """Those of a batch, in the order in which they would be told: the gravest first, then those of most lines."""
    row = IncidentRow
    ranked = select(row).where(*_waiting(batch_id)).order_by(
        col(row.score).desc(), col(row.count).desc(), col(row.id)
    )  # fmt: skip
    return session.exec(ranked.limit(limit)).all()


def lock_awaiting(session: Session, batch_id: str, ids: Collection[str] | None) -> list[str]:
    """The ids of those that wait (of these, where some are named), locked for this transaction."""
    row = IncidentRow
    query = select(row.id).where(*_waiting(batch_id)).order_by(row.id).with_for_update(key_share=True)
    wanted = None if ids is None else set(ids)
    return [one for one in session.exec(query) if wanted is None or one in wanted]


def _waiting(batch_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (col(IncidentRow.batch_id) == batch_id, col(IncidentRow.awaiting_release).is_(True))


class Freed(NamedTuple):
    """A message that may go now: on whose queue, which, and the number of its first try."""

    integration: str
    action: str
    delivery_id: str
    number: int


def free_messages(session: Session, ids: Sequence[str], *, by: str, now: datetime) -> list[Freed]:
    """These incidents wait no more. What nobody needs any more falls away: of what is over, or has its ticket already."""
    freed: list[Freed] = []
    for some in portions(ids):
        freed += _free(session, some, by=by, now=now)
        these = col(IncidentRow.id).in_(some)
        session.connection().execute(sa.update(IncidentRow).where(these).values(awaiting_release=False))
    return freed


def _free(session: Session, ids: Sequence[str], *, by: str, now: datetime) -> list[Freed]:
    row, incident, ticket = DeliveryRow, IncidentRow, TicketRow
    waits = (col(row.incident_id).in_(ids), col(row.state) == DeliveryState.AWAITING.value)
    over = sa.select(col(incident.id)).where(col(incident.id).in_(ids), col(incident.status).in_(ENDED))
    ticketed = sa.exists().where(
        col(ticket.incident_id) == col(row.incident_id), col(ticket.integration) == col(row.integration)
    )
    change = sa.update(row).execution_options(synchronize_session=False)
    run = session.connection().execute
    run(
        change.where(*waits, col(row.incident_id).in_(over)).values(
            state=DeliveryState.CANCELLED.value, reason="Its incident was over before it was released.", updated_at=now
        )
    )  # fmt: skip
    run(
        change.where(*waits, col(row.action) == "open_ticket", ticketed).values(
            state=DeliveryState.JOINED.value, reason="It has its ticket already.", updated_at=now
        )
    )
    found = run(
        sa.select(col(row.integration), col(row.action), col(row.id), col(row.try_number)).where(*waits)
    ).all()
    run(
        change.where(*waits).values(
            state=DeliveryState.PENDING.value, reason="", revived_by=by, next_try_at=now, armed_at=now, updated_at=now
        )
    )  # fmt: skip
    return [Freed(*one) for one in found]
