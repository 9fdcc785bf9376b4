"""Deliveries, as read by pages, API and sweep. Only the ledger writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Column, Index, String
from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.delivery import FINAL_STATES, DeliveryState
from soc.domain.message import announcements
from soc.errors import NotFound
from soc.store.columns import json_value, key_of, moment, practice_index, whose
from soc.store.nouns.batches.batches import BatchRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.paging import Page, Sorts, count_rows, list_rows, read_page
from soc.tracing.context import trace_id_of


class DeliveryRow(SQLModel, table=True):
    """One intended message. `key` is unique: planning it again finds this row.

    `try_number` names the workflow that may work on it now; `next_try_at` is None while it is held.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_state_next", "state", "next_try_at"),
        # the order of the list. What is filtered by stands in it, so that no row is looked at in vain
        Index("ix_deliveries_changed", "updated_at", "id", "state", "integration"),
        # how they stand, of all and of a batch, without a look at the rows
        Index("ix_deliveries_counts", "integration", "state", "next_try_at"),
        Index("ix_deliveries_batch_counts", "batch_id", "integration", "state", "action", "next_try_at"),
        practice_index("deliveries"),
    )

    id: str = Field(primary_key=True)
    key: str = Field(unique=True)
    integration: str
    action: str
    incident_id: str | None = Field(default=None, foreign_key=key_of(IncidentRow), index=True)
    batch_id: str | None = Field(default=None, foreign_key=key_of(BatchRow))
    #: What it is about: our incident's id, or the id that the caller of an action gave.
    subject: str = Field(default="", sa_column=Column(String, nullable=False, index=True, server_default=""))
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())
    #: Who planned it, and who brought it back last ("": nobody did), as `str(Actor)`.
    made_by: str
    revived_by: str = ""
    state: str
    practice: bool = False
    score: int = 1
    try_number: int = 1
    sends: int = 0
    failures: int = 0
    reconciled: int = 0
    created_at: datetime = Field(sa_column=moment(nullable=False, index=True))
    updated_at: datetime = Field(sa_column=moment(nullable=False))
    sent_at: datetime | None = Field(default=None, sa_column=moment())
    next_try_at: datetime | None = Field(default=None, sa_column=moment())
    #: When that was named. A moment that lies ahead tells that the clock was set back since.
    armed_at: datetime | None = Field(default=None, sa_column=moment())
    delivered_at: datetime | None = Field(default=None, sa_column=moment())
    fallback_at: datetime | None = Field(default=None, sa_column=moment())
    #: The time that the vendor's rate limit named, while it waits for it.
    booked_at: datetime | None = Field(default=None, sa_column=moment())
    receipt: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())
    open_end: bool = Field(default=False, index=True)
    reason: str = ""
    http_status: int | None = None
    error: str = ""
    hint: str = ""
    #: The trace that it belongs to (`soc.tracing.context`); "": none.
    traceparent: str = Field(default="", sa_column_kwargs={"server_default": ""})

    @property
    def trace_id(self) -> str:
        return trace_id_of(self.traceparent)


#: What an analyst should look at.
TROUBLE = (DeliveryState.DEAD.value, DeliveryState.UNKNOWN.value, DeliveryState.RETRY.value)

#: In one of these a delivery without a planned try is held until its integration works again.
_HOLDABLE = (DeliveryState.PENDING.value, DeliveryState.RETRY.value, DeliveryState.UNKNOWN.value)


def get_delivery(session: Session, delivery_id: str) -> DeliveryRow:
    """Raises NotFound."""
    row = session.get(DeliveryRow, delivery_id)
    if row is None:
        raise NotFound(f"There is no delivery {delivery_id}.", hint="Open “Deliveries” for the list.")
    return row


@dataclass(frozen=True)
class DeliveryFilter:
    """Which deliveries. Empty fields do not filter; `since` and `until` bound when they were planned (until excluded)."""

    states: tuple[str, ...] = ()
    integration: str = ""
    action: str = ""
    incident_id: str = ""
    batch_id: str = ""
    practice: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    #: Of incidents of these: people's ids, "" for nobody's; None: anybody's.
    owners: tuple[str, ...] | None = None


#: `updated_at`: last changed; `created_at`: planned.
DELIVERY_SORTS: Sorts = {
    "updated_at": ("updated_at", "id"),
    "created_at": ("created_at", "id"),
    **{name: (name, "updated_at", "id") for name in ("state", "integration", "action", "sends")},
}


def _matching(chosen: DeliveryFilter, *, listed: bool = False) -> list[sa.ColumnElement[bool]]:
    """`listed`: for rows in the order of the list. The database is to walk along that order, until it has enough rows,
    and not to fetch and sort all of a state or an integration: hidden in an expression, they have no index.
    """
    row = DeliveryRow
    walked = listed and not (chosen.incident_id or chosen.batch_id)
    state = sa.func.coalesce(row.state, "") if walked else row.state
    integration = sa.func.coalesce(row.integration, "") if walked else row.integration
    asked: list[tuple[object, sa.ColumnElement[bool]]] = [
        (chosen.states, sa.type_coerce(state, String).in_(chosen.states)),
        (chosen.integration, sa.type_coerce(integration, String) == chosen.integration),
        (chosen.action, col(row.action) == chosen.action),
        (chosen.incident_id, col(row.incident_id) == chosen.incident_id),
        (chosen.batch_id, col(row.batch_id) == chosen.batch_id),
    ]
    conditions = [condition for value, condition in asked if value]
    if chosen.practice is not None:
        conditions.append(col(row.practice).is_(chosen.practice))
    if chosen.since is not None:
        conditions.append(col(row.created_at) >= chosen.since)
    if chosen.until is not None:
        conditions.append(col(row.created_at) < chosen.until)
    if chosen.owners is not None:
        theirs = sa.select(col(IncidentRow.id)).where(whose(col(IncidentRow.owner), chosen.owners))
        conditions.append(col(row.incident_id).in_(theirs))
    return conditions


def page_deliveries(
    session: Session,
    chosen: DeliveryFilter = DeliveryFilter(),
    *,
    sort: str = "-updated_at",
    cursor: str = "",
    offset: int = 0,
    limit: int = 50,
) -> Page[DeliveryRow]:
    """Sorted by one of DELIVERY_SORTS, last changed first unless told otherwise."""
    return read_page(
        session,
        DeliveryRow,
        _matching(chosen, listed=True),
        counted=_matching(chosen),
        sorts=DELIVERY_SORTS,
        sort=sort,
        cursor=cursor,
        offset=offset,
        limit=limit,
    )


def list_deliveries(
    session: Session,
    *,
    states: Sequence[str] = (),
    integration: str = "",
    incident_id: str = "",
    batch_id: str = "",
    owners: tuple[str, ...] | None = None,
    sort: str = "-updated_at",
    offset: int = 0,
    limit: int = 100,
) -> Sequence[DeliveryRow]:
    """Sorted by one of DELIVERY_SORTS, last changed first unless told otherwise."""
    return list_rows(
        session,
        DeliveryRow,
        _matching(
            DeliveryFilter(tuple(states), integration, "", incident_id, batch_id, owners=owners), listed=True
        ),
        sorts=DELIVERY_SORTS,
        sort=sort,
        offset=offset,
        limit=limit,
    )


def count_deliveries(session: Session, chosen: DeliveryFilter) -> int:
    return count_rows(session, DeliveryRow, _matching(chosen))


def walk_deliveries(
    session: Session,
    *,
    states: Sequence[str] = (),
    integration: str = "",
    incident_id: str = "",
    batch_id: str = "",
    owners: tuple[str, ...] | None = None,
) -> Iterator[DeliveryRow]:
    """Every match, oldest first, some hundred in memory at a time."""
    chosen = DeliveryFilter(tuple(states), integration, "", incident_id, batch_id, owners=owners)
    query = select(DeliveryRow).where(*_matching(chosen))
    ordered = query.order_by(col(DeliveryRow.created_at), col(DeliveryRow.id))
    yield from session.exec(ordered.execution_options(yield_per=500))


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
            col(DeliveryRow.action).in_(announcements()),
        )
        .distinct()
    ).all()
    return {**always, **{integration: action for integration, action in sorted(rows)}}  # noqa: C416 - rows are pairs of columns


class DeliveryCount(NamedTuple):
    """So many of an integration's deliveries are in this state; `held` of them wait for a person."""

    integration: str
    state: str
    deliveries: int
    held: int


def count_by_integration(
    session: Session, *, since: datetime | None = None, batch_id: str = ""
) -> Sequence[DeliveryCount]:
    """All deliveries by integration and state; pairs without any are left out."""
    row = DeliveryRow
    held = sa.case((sa.and_(col(row.next_try_at).is_(None), col(row.state).in_(_HOLDABLE)), 1), else_=0)
    by = (col(row.integration), col(row.state))
    rows = session.connection().execute(
        sa.select(*by, sa.func.count(), sa.func.sum(held))
        .where(*_matching(DeliveryFilter(batch_id=batch_id, since=since)))
        .group_by(*by)
    )
    return [DeliveryCount(integration, state, number, int(some)) for integration, state, number, some in rows]


def count_unfinished(session: Session) -> Sequence[DeliveryCount]:
    """What has not arrived, by integration and state: waiting in any way, or given up. `held` waits for a person."""
    row = DeliveryRow
    held = sa.case((sa.and_(col(row.next_try_at).is_(None), col(row.state).in_(_HOLDABLE)), 1), else_=0)
    by = (col(row.integration), col(row.state))
    rows = session.connection().execute(
        sa.select(*by, sa.func.count(), sa.func.sum(held))
        .where(col(row.state).in_((*_HOLDABLE, DeliveryState.DEAD.value)))
        .group_by(*by)
    )
    return [DeliveryCount(integration, state, number, int(some)) for integration, state, number, some in rows]


def count_trouble(session: Session) -> Mapping[str, int]:
    """How many deliveries are in each state that somebody should look at; states without any are left out."""
    state = col(DeliveryRow.state)
    rows = session.connection().execute(
        sa.select(state, sa.func.count()).where(state.in_(TROUBLE)).group_by(state)
    )
    return {name: number for name, number in rows}  # noqa: C416 - rows are pairs of columns


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
            .where(*_matching(DeliveryFilter(batch_id=batch_id)))
            .where(sa.func.coalesce(col(DeliveryRow.state), "") == DeliveryState.SUPPRESSED.value)
            .group_by(DeliveryRow.reason)
        ).all()
    )
