"""Deliveries that are due, late, left alone or overdue, as the sweep asks for them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from soc.domain.delivery import DeliveryState
from soc.store.nouns.deliveries.attempts import AttemptRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.deliveries.outbox import NOT_FINAL, WAITING
from soc.store.nouns.installation.executors import ExecutorRow


def list_late(
    session: Session,
    *,
    actions: Collection[str],
    settled: Collection[str],
    score: int,
    after: datetime,
    before: datetime,
    limit: int = 500,
) -> Sequence[DeliveryRow]:
    """Messages of this gravity, planned between the moments, that are in no settled state and have no fallback yet."""
    return session.exec(
        select(DeliveryRow)
        .where(
            col(DeliveryRow.action).in_(actions),
            col(DeliveryRow.state).not_in(settled),
            col(DeliveryRow.score) >= score,
            col(DeliveryRow.created_at) < before,
            col(DeliveryRow.created_at) > after,
            col(DeliveryRow.fallback_at).is_(None),
        )
        .limit(limit)
    ).all()


def list_orphans(session: Session, *, unheard: datetime, limit: int = 500) -> Sequence[tuple[str, int]]:
    """Deliveries in the middle of a send, with the number of the try, whose executor ended or has another run by now.

    Also those of a process without a heart (a script) that began before `unheard`.
    """
    row, attempt, executor = DeliveryRow, AttemptRow, ExecutorRow
    over = sa.or_(
        col(executor.run) != col(attempt.run),
        col(executor.gone_at).is_not(None),
        col(executor.stopped_at).is_not(None),
        sa.and_(col(executor.name).is_(None), col(attempt.started_at) < unheard),
    )
    found = session.exec(
        select(row.id, row.try_number)
        .join(
            attempt,
            sa.and_(
                col(attempt.delivery_id) == col(row.id),
                col(attempt.number) == col(row.try_number),
                col(attempt.kind) == "send",
                col(attempt.finished_at).is_(None),
            ),
        )
        .join(executor, col(executor.name) == col(attempt.executor), isouter=True)
        .where(row.state == DeliveryState.SENDING.value, over)
        .limit(limit)
    ).all()
    return [(delivery_id, number) for delivery_id, number in found]


def find_oldest_due(session: Session, *, now: datetime) -> datetime | None:
    """When the message that waits longest should have been tried; None where nothing is due."""
    row = DeliveryRow
    return session.exec(
        select(sa.func.min(row.next_try_at)).where(col(row.state).in_(WAITING), col(row.next_try_at) <= now)
    ).one()


def list_armed_ahead(session: Session, *, now: datetime, limit: int = 2_000) -> Sequence[str]:
    """Deliveries whose next try was named at a moment that has not come: the clock was set back since."""
    row = DeliveryRow
    return session.exec(
        select(row.id)
        .where(col(row.state).in_(NOT_FINAL), col(row.next_try_at) > now, col(row.armed_at) > now)
        .limit(limit)
    ).all()


class Overdue(NamedTuple):
    """A delivery whose try should have begun: what the sweep needs to know of it."""

    id: str
    integration: str
    action: str
    try_number: int


def list_overdue(session: Session, *, before: datetime, limit: int = 5_000) -> Sequence[Overdue]:
    """The deliveries, neither final nor held, whose next try was due before the moment; oldest first."""
    row = DeliveryRow
    found = session.exec(
        select(row.id, row.integration, row.action, row.try_number)
        .where(col(row.state).in_(NOT_FINAL), col(row.next_try_at) < before)
        .order_by(col(row.next_try_at))
        .limit(limit)
    ).all()
    return [Overdue(*one) for one in found]


def list_alike(
    session: Session, *, integration: str, action: str, other_than: str, now: datetime, limit: int
) -> list[tuple[str, int]]:
    """The messages of this kind that are due and were not sent so far, or known not to have arrived: the gravest first."""
    row, fresh = DeliveryRow, [DeliveryState.PENDING.value, DeliveryState.RETRY.value]
    due = (col(row.state).in_(fresh), col(row.next_try_at) <= now, row.integration == integration)
    query = select(row.id, row.try_number).where(*due, row.action == action, row.id != other_than)
    found = session.exec(query.order_by(col(row.score).desc(), col(row.created_at), col(row.id)).limit(limit))
    return [(delivery_id, number) for delivery_id, number in found]


def postpone(session: Session, delivery_ids: Sequence[str], *, until: datetime) -> None:
    """None of these that wait is begun before that moment."""
    row = DeliveryRow
    waiting = [col(row.id).in_(delivery_ids), col(row.state) == DeliveryState.PENDING.value]
    session.connection().execute(
        sa.update(row).where(*waiting, col(row.next_try_at) < until).values(next_try_at=until)
    )
    for one in delivery_ids:  # what this session knows of them is older
        if (known := session.get(row, one)) is not None:
            session.refresh(known)
