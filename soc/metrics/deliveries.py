"""How deliveries stand: by integration and state, and how many of those that ended arrived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

from soc.domain.delivery import DeliveryState
from soc.store.db import read_session
from soc.store.deliveries import DeliveryRow

#: These ended by being sent, or by every try to send them being used up.
_TRIED = (DeliveryState.DELIVERED.value, DeliveryState.DEAD.value)


@dataclass(frozen=True)
class DeliveryNumbers:
    """One integration's deliveries. `states` has every state; `held` wait for a person (no next try is planned)."""

    integration: str
    states: Mapping[str, int]
    held: int

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def success(self) -> float | None:
        """Delivered / (delivered + dead), None while neither happened."""
        ended = sum(self.states[state] for state in _TRIED)
        return self.states[DeliveryState.DELIVERED.value] / ended if ended else None


def read_deliveries(*, since: datetime | None = None, batch_id: str = "") -> tuple[DeliveryNumbers, ...]:
    """By integration, in the order of their names; only integrations that have deliveries."""
    conditions: list[sa.ColumnElement[bool]] = []
    if since is not None:
        conditions.append(col(DeliveryRow.created_at) >= since)
    if batch_id:
        conditions.append(col(DeliveryRow.batch_id) == batch_id)
    final = (*_TRIED, DeliveryState.SUPPRESSED.value, DeliveryState.CANCELLED.value)
    held = sa.func.sum(
        sa.case(
            (
                sa.and_(
                    col(DeliveryRow.next_try_at).is_(None),
                    col(DeliveryRow.state).not_in((*final, DeliveryState.SENDING.value)),
                ),
                1,
            ),
            else_=0,
        )
    )
    with read_session() as session:
        rows = session.exec(
            select(DeliveryRow.integration, DeliveryRow.state, sa.func.count(), held)
            .where(*conditions)
            .group_by(DeliveryRow.integration, DeliveryRow.state)
        ).all()
    found: dict[str, dict[str, int]] = {}
    waiting: dict[str, int] = {}
    for integration, state, number, number_held in rows:
        found.setdefault(integration, dict.fromkeys((one.value for one in DeliveryState), 0))[state] = number
        waiting[integration] = waiting.get(integration, 0) + int(number_held or 0)
    return tuple(
        DeliveryNumbers(integration=name, states=found[name], held=waiting[name]) for name in sorted(found)
    )


def count_deliveries(
    *, states: tuple[str, ...] = (), integration: str = "", incident_id: str = "", batch_id: str = ""
) -> int:
    """How many deliveries match, for paging."""
    query = select(sa.func.count()).select_from(DeliveryRow)
    if states:
        query = query.where(col(DeliveryRow.state).in_(states))
    if integration:
        query = query.where(DeliveryRow.integration == integration)
    if incident_id:
        query = query.where(DeliveryRow.incident_id == incident_id)
    if batch_id:
        query = query.where(DeliveryRow.batch_id == batch_id)
    with read_session() as session:
        return session.exec(query).one()
