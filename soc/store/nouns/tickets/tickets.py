"""Tickets as stored: one for each incident and integration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from soc import clock
from soc.domain.sla import AT_RISK_PARTS, SlaState, state_of
from soc.errors import NotFound
from soc.store.columns import (
    Microseconds,
    key_of,
    microseconds,
    moment,
    owner_indexes,
    partial_index,
    practice_index,
    whose,
)
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.paging import Page, Sorts, count_rows, list_rows, read_page


class TicketRow(SQLModel, table=True):
    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("incident_id", "integration"),
        # what runs out next, and how the running clocks stand, without a look at the rows
        partial_index(
            "ix_tickets_running",
            *("due_at", "created_at", "priority", "resolved_at", "at_risk_at", "sla_state"),
            of="resolved_at IS NULL",
        ),
        partial_index(
            "ix_tickets_stopped",
            "resolved_at",
            "due_at",
            "priority",
            "sla_state",
            of="resolved_at IS NOT NULL",
        ),
        Index(
            "ix_tickets_clock",
            *("created_at", "due_at", "resolved_at", "priority", "at_risk_at", "sla_state"),
        ),
        *owner_indexes("tickets", "resolved_at", "due_at", "id"),
        practice_index("tickets"),
        partial_index("ix_tickets_untold", "id", of="end_untold IS NOT NULL"),
    )

    id: int | None = Field(default=None, primary_key=True)
    incident_id: str = Field(foreign_key=key_of(IncidentRow), index=True)
    integration: str
    key: str = Field(index=True)
    remote_id: str
    url: str
    summary: str
    priority: str
    status: str
    status_category: str = "new"
    assignee: str = ""
    #: The person who has it ("": nobody), by id: the incident's, kept here too so that lists of somebody's are an index.
    owner: str = Field(default="", sa_column_kwargs={"server_default": ""})
    practice: bool = False
    #: Who had it opened, and who changed it last ("": nobody did), as `str(Actor)`.
    made_by: str
    changed_by: str = ""
    created_at: datetime = Field(sa_column=moment(nullable=False, index=True))
    due_at: datetime = Field(sa_column=moment(nullable=False, index=True))
    #: Of the clock that `due_at` is of: when half of its time is used (None: half way), and where it stands when time
    #: alone does not say it ("": it does). Written by the ledger of the clocks.
    at_risk_at: datetime | None = Field(default=None, sa_column=moment())
    sla_state: str = Field(default="", sa_column_kwargs={"server_default": ""})
    #: The end of the response target that its vendor was told last (None: none), and the one that it is to be told.
    end_told: datetime | None = Field(default=None, sa_column=moment())
    end_untold: datetime | None = Field(default=None, sa_column=moment())
    resolved_at: datetime | None = Field(default=None, sa_column=moment())
    #: How often it went on after it had been resolved.
    reopened: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    breached_at: datetime | None = Field(default=None, sa_column=moment())
    synced_at: datetime | None = Field(default=None, sa_column=moment())
    #: Whose it is there, by the account's id ("": nobody's); `assignee` is the name.
    assignee_id: str = Field(default="", sa_column_kwargs={"server_default": ""})
    #: "": it is there. Else `deleted`, `archived` or `hidden` (no permission any more), since `absent_since`.
    absence: str = Field(default="", sa_column_kwargs={"server_default": ""})
    absent_since: datetime | None = Field(default=None, sa_column=moment())
    #: What of it stays at its vendor alone (attachments), for people.
    not_synced: str = Field(default="", sa_column_kwargs={"server_default": ""})
    #: The vendor's time of its last change when it was last read, and when that was by our clock.
    remote_updated_at: datetime | None = Field(default=None, sa_column=moment())
    read_at: datetime | None = Field(default=None, sa_column=moment(index=True))


@dataclass(frozen=True)
class TicketFilter:
    """Which tickets. Empty fields do not filter. `states` are those of the SLA clock at the moment of asking.

    `since` and `until` bound the opening (until is excluded).
    """

    integration: str = ""
    key: str = ""
    batch_id: str = ""
    incident_ids: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    states: tuple[SlaState, ...] = ()
    is_open: bool | None = None
    #: Only those whose clock has not ended: a ticket that was deleted is open and none of its time is left.
    has_time: bool = False
    practice: bool | None = None
    #: Whose: people's ids, "" for nobody's; None: anybody's.
    owners: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
    #: Where the logs came from; the title of a step of an escalation that was told; `response missed`: a clock with a
    #: cycle in this state.
    source: str = ""
    escalated: str = ""
    clock: str = ""


#: Tables that point to this one, as far as tickets are found by them.
_STEPS = sa.table("escalation_steps", sa.column("ticket_id"), sa.column("title"), sa.column("state"))
_CYCLES = sa.table(
    "sla_clocks",
    *map(sa.column, ("ticket_id", "clock", "state", "ended_at", "breached_at")),
)

#: `created_at`: when it was opened; `due_at`: when its time is up.
TICKET_SORTS: Sorts = {
    "created_at": ("created_at", "id"),
    "due_at": ("due_at", "id"),
    **{name: (name, "due_at", "id") for name in ("status", "assignee")},
}


def find_ticket(session: Session, incident_id: str) -> TicketRow | None:
    """The incident's ticket, the first where several integrations have one."""
    return session.exec(
        select(TicketRow).where(TicketRow.incident_id == incident_id).order_by(col(TicketRow.id)).limit(1)
    ).first()


def find_of_incident(session: Session, incident_id: str, *, integration: str) -> TicketRow | None:
    """The incident's ticket at this integration."""
    return session.exec(
        select(TicketRow).where(TicketRow.incident_id == incident_id, TicketRow.integration == integration)
    ).first()


def lock_tickets(session: Session, incident_id: str) -> Sequence[TicketRow]:
    """All tickets of the incident as they are now, the oldest first; others wait until this transaction has ended."""
    query = select(TicketRow).where(TicketRow.incident_id == incident_id).order_by(col(TicketRow.id))
    return session.exec(query.with_for_update(key_share=True).execution_options(populate_existing=True)).all()


def get_ticket(session: Session, ticket_id: int) -> TicketRow:
    """Raises NotFound."""
    row = session.get(TicketRow, ticket_id) if 0 < ticket_id < 2**31 else None
    if row is None:
        raise NotFound(f"There is no ticket {ticket_id} here.", hint=_ONLY_OURS)
    return row


_ONLY_OURS = "Only tickets that were opened from this product are listed."


def find_by_key(
    session: Session, key: str, *, integration: str = "", practice: bool | None = None
) -> Sequence[TicketRow]:
    """The tickets with this key, newest first. Practice has a numbering of its own: SOC-1 may exist in both worlds."""
    chosen = TicketFilter(key=key, integration=integration, practice=practice)
    return session.exec(
        select(TicketRow).where(*matching_tickets(chosen)).order_by(col(TicketRow.id).desc()).limit(50)
    ).all()


def read_state(row: TicketRow, *, now: datetime) -> SlaState:
    """Where the clock stands that the ticket is listed by."""
    if row.sla_state:
        return SlaState(row.sla_state)
    return state_of(
        created=row.created_at, due=row.due_at, resolved=row.resolved_at, now=now, at_risk=row.at_risk_at
    )


#: What the ledger alone can say: no time turns a clock into one of these.
_SAID = (SlaState.PAUSED, SlaState.INTAKE, SlaState.CANCELLED)


def in_state(state: SlaState, *, now: datetime) -> sa.ColumnElement[bool]:
    """`read_state` as the database says it, to the microsecond."""
    created, due, resolved = col(TicketRow.created_at), col(TicketRow.due_at), col(TicketRow.resolved_at)
    said, by_time = col(TicketRow.sla_state) == state.value, col(TicketRow.sla_state) == ""
    if state in _SAID:
        return said
    if state is SlaState.MET:
        return sa.or_(said, sa.and_(by_time, resolved.is_not(None), resolved <= due))
    if state is SlaState.MISSED:
        return sa.or_(said, sa.and_(by_time, resolved.is_not(None), resolved > due))
    if state is SlaState.VIOLATED:
        # nothing that runs is said to be violated: `due_at` is the moment at which it was
        return sa.and_(resolved.is_(None), due < now, by_time)
    at_risk = col(TicketRow.at_risk_at)
    used = (microseconds(now) - Microseconds(created)) * AT_RISK_PARTS
    half_way = used >= Microseconds(due) - Microseconds(created)
    half = sa.case((at_risk.is_(None), half_way), else_=at_risk <= now)
    running = sa.and_(resolved.is_(None), due >= now, by_time)
    return sa.and_(running, half if state is SlaState.AT_RISK else sa.not_(half))


def still_runs() -> sa.ColumnElement[bool]:
    """Whether the clock that the ticket is listed by has not ended: it runs, or waits."""
    running = (SlaState.PAUSED.value, "")
    return sa.and_(col(TicketRow.resolved_at).is_(None), col(TicketRow.sla_state).in_(running))


def matching_tickets(chosen: TicketFilter, *, now: datetime | None = None) -> list[sa.ColumnElement[bool]]:
    row = TicketRow
    asked: list[tuple[object, sa.ColumnElement[bool]]] = [
        (chosen.integration, col(row.integration) == chosen.integration),
        (chosen.key, col(row.key) == chosen.key),
        (chosen.incident_ids, col(row.incident_id).in_(chosen.incident_ids)),
        (chosen.priorities, col(row.priority).in_(chosen.priorities)),
    ]
    conditions = [condition for value, condition in asked if value]
    if chosen.batch_id:
        its_own = sa.select(col(IncidentRow.id)).where(col(IncidentRow.batch_id) == chosen.batch_id)
        conditions.append(col(row.incident_id).in_(its_own))
    if chosen.source:
        from_there = sa.select(col(IncidentRow.id)).where(col(IncidentRow.source) == chosen.source)
        conditions.append(col(row.incident_id).in_(from_there))
    if chosen.escalated:
        told = sa.select(_STEPS.c.ticket_id).where(
            _STEPS.c.title == chosen.escalated, _STEPS.c.state == "told"
        )
        conditions.append(col(row.id).in_(told))
    if chosen.clock:
        which, _, state = chosen.clock.partition(" ")
        running = sa.and_(
            _CYCLES.c.ended_at.is_(None), _CYCLES.c.breached_at.is_not(None), _CYCLES.c.state == ""
        )
        stands = running if state == SlaState.VIOLATED else _CYCLES.c.state == state
        ids = sa.select(_CYCLES.c.ticket_id).where(_CYCLES.c.clock == which, stands)
        conditions.append(col(row.id).in_(ids))
    if chosen.states:
        moment = now or clock.now()
        conditions.append(sa.or_(*(in_state(state, now=moment) for state in chosen.states)))
    if chosen.is_open is not None:
        resolved = col(row.resolved_at)
        conditions.append(resolved.is_(None) if chosen.is_open else resolved.is_not(None))
    if chosen.has_time:
        conditions.append(still_runs())
    if chosen.practice is not None:
        conditions.append(col(row.practice).is_(chosen.practice))
    if chosen.owners is not None:
        conditions.append(whose(col(row.owner), chosen.owners))
    if chosen.since is not None:
        conditions.append(col(row.created_at) >= chosen.since)
    if chosen.until is not None:
        conditions.append(col(row.created_at) < chosen.until)
    return conditions


def page_tickets(
    session: Session,
    chosen: TicketFilter = TicketFilter(),
    *,
    sort: str = "-created_at",
    cursor: str = "",
    offset: int = 0,
    limit: int = 50,
    now: datetime | None = None,
) -> Page[TicketRow]:
    """Sorted by one of TICKET_SORTS, newest first unless told otherwise. `now` is the moment that `states` is asked of."""
    return read_page(
        session,
        TicketRow,
        matching_tickets(chosen, now=now),
        sorts=TICKET_SORTS,
        sort=sort,
        cursor=cursor,
        offset=offset,
        limit=limit,
    )


def list_tickets(
    session: Session, chosen: TicketFilter, *, sort: str, now: datetime, offset: int = 0, limit: int = 50
) -> Sequence[TicketRow]:
    """Sorted by one of TICKET_SORTS. `now` is the moment that `states` is asked of."""
    conditions = matching_tickets(chosen, now=now)
    return list_rows(
        session, TicketRow, conditions, sorts=TICKET_SORTS, sort=sort, offset=offset, limit=limit
    )


def count_tickets(session: Session, chosen: TicketFilter, *, now: datetime | None = None) -> int:
    return count_rows(session, TicketRow, matching_tickets(chosen, now=now))
