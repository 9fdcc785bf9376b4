"""Deliveries and their attempts, as read by pages, API and sweep. Only the ledger writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from soc.domain.delivery import FINAL_STATES, DeliveryState
from soc.errors import NotFound
from soc.store.tables import AttemptRow, DeliveryRow

#: What an analyst should look at.
TROUBLE = (DeliveryState.DEAD.value, DeliveryState.UNKNOWN.value, DeliveryState.RETRY.value)


def get_delivery(session: Session, delivery_id: str) -> DeliveryRow:
    """Raises NotFound."""
    row = session.get(DeliveryRow, delivery_id)
    if row is None:
        raise NotFound(f"There is no delivery {delivery_id}.", hint="Open “Deliveries” for the list.")
    return row


def list_deliveries(
    session: Session,
    *,
    states: Sequence[str] = (),
    integration: str = "",
    incident_id: str = "",
    batch_id: str = "",
    offset: int = 0,
    limit: int = 100,
) -> Sequence[DeliveryRow]:
    """Last changed first."""
    query = _matching(states, integration, incident_id, batch_id)
    return session.exec(
        query.order_by(col(DeliveryRow.updated_at).desc(), col(DeliveryRow.id)).offset(offset).limit(limit)
    ).all()


def walk_deliveries(
    session: Session,
    *,
    states: Sequence[str] = (),
    integration: str = "",
    incident_id: str = "",
    batch_id: str = "",
) -> Iterator[DeliveryRow]:
    """Every match, oldest first, some hundred in memory at a time."""
    query = _matching(states, integration, incident_id, batch_id)
    ordered = query.order_by(col(DeliveryRow.created_at), col(DeliveryRow.id))
    yield from session.exec(ordered.execution_options(yield_per=500))


def _matching(
    states: Sequence[str], integration: str, incident_id: str, batch_id: str
) -> SelectOfScalar[DeliveryRow]:
    query = select(DeliveryRow)
    if states:
        query = query.where(col(DeliveryRow.state).in_(states))
    if integration:
        query = query.where(DeliveryRow.integration == integration)
    if incident_id:
        query = query.where(DeliveryRow.incident_id == incident_id)
    if batch_id:
        query = query.where(DeliveryRow.batch_id == batch_id)
    return query


def list_attempts(session: Session, delivery_id: str) -> Sequence[AttemptRow]:
    """Oldest first."""
    return session.exec(
        select(AttemptRow).where(AttemptRow.delivery_id == delivery_id).order_by(col(AttemptRow.id))
    ).all()


def count_by_state(
    session: Session, *, batch_id: str = "", integration: str = "", action: str = ""
) -> Mapping[str, int]:
    """How many deliveries are in each state; every state is there, with 0 where there are none."""
    query = select(DeliveryRow.state, sa.func.count()).group_by(DeliveryRow.state)
    if batch_id:
        query = query.where(DeliveryRow.batch_id == batch_id)
    if integration:
        query = query.where(DeliveryRow.integration == integration)
    if action:
        query = query.where(DeliveryRow.action == action)
    counts = dict.fromkeys((state.value for state in DeliveryState), 0)
    counts.update(dict(session.exec(query).all()))
    return counts


def list_channels(session: Session, batch_id: str, *, always: Mapping[str, str]) -> Mapping[str, str]:
    """The channels that the batch's incidents were planned for, and the message each gets."""
    rows = session.exec(
        select(DeliveryRow.integration, DeliveryRow.action)
        .where(
            DeliveryRow.batch_id == batch_id,
            col(DeliveryRow.action).in_(("open_ticket", "send_alert")),
        )
        .distinct()
    ).all()
    return {**always, **{integration: action for integration, action in sorted(rows)}}  # noqa: C416 - rows are pairs of columns


def count_held(session: Session, *, batch_id: str) -> int:
    """Deliveries that wait for their integration to be mended."""
    final = [state.value for state in FINAL_STATES]
    return session.exec(
        select(sa.func.count())
        .select_from(DeliveryRow)
        .where(
            DeliveryRow.batch_id == batch_id,
            col(DeliveryRow.state).not_in(final),
            col(DeliveryRow.next_try_at).is_(None),
        )
    ).one()


def count_suppressed(session: Session, *, batch_id: str) -> Mapping[str, int]:
    """How many deliveries were not sent on purpose, by reason."""
    return dict(
        session.exec(
            select(DeliveryRow.reason, sa.func.count())
            .where(DeliveryRow.batch_id == batch_id, DeliveryRow.state == DeliveryState.SUPPRESSED.value)
            .group_by(DeliveryRow.reason)
        ).all()
    )


class Overdue(NamedTuple):
    """A delivery whose try should have begun: what the sweep needs to know of it."""

    id: str
    integration: str
    action: str
    try_number: int


def list_overdue(session: Session, *, before: datetime, limit: int = 5_000) -> Sequence[Overdue]:
    """The deliveries, neither final nor held, whose next try was due before the moment; oldest first."""
    waiting = [state.value for state in DeliveryState if state not in FINAL_STATES]
    row = DeliveryRow
    found = session.exec(
        select(row.id, row.integration, row.action, row.try_number)
        .where(col(row.state).in_(waiting), col(row.next_try_at) < before)
        .order_by(col(row.next_try_at))
        .limit(limit)
    ).all()
    return [Overdue(*one) for one in found]
