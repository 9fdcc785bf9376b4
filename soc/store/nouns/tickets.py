"""Tickets as stored: one for each incident and integration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from soc import clock
from soc.domain.actor import Actor
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
from soc.store.nouns.incidents import IncidentRow
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
        select(TicketRow).where(*_matching(chosen)).order_by(col(TicketRow.id).desc()).limit(50)
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


def _matching(chosen: TicketFilter, *, now: datetime | None = None) -> list[sa.ColumnElement[bool]]:
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
        _matching(chosen, now=now),
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
    conditions = _matching(chosen, now=now)
    return list_rows(
        session, TicketRow, conditions, sorts=TICKET_SORTS, sort=sort, offset=offset, limit=limit
    )


def count_tickets(session: Session, chosen: TicketFilter, *, now: datetime | None = None) -> int:
    return count_rows(session, TicketRow, _matching(chosen, now=now))


def list_by_clock(
    session: Session, chosen: TicketFilter, *, now: datetime, offset: int = 0, limit: int = 50
) -> Sequence[TicketRow]:
    """The running clocks, the one that runs out first on top; after them the stopped ones, the last stopped first.

    Two lists, each in the order of an index, read as one.
    """
    conditions = _matching(chosen, now=now)
    row, resolved = TicketRow, col(TicketRow.resolved_at)
    running, stopped = [*conditions, resolved.is_(None)], [*conditions, resolved.is_not(None)]
    soonest = (col(row.due_at), col(row.id))
    last = (resolved.desc(), col(row.id).desc())
    rows = list(
        session.exec(select(row).where(*running).order_by(*soonest).offset(offset).limit(limit)).all()
    )
    if len(rows) < limit and chosen.is_open is not True:
        passed = max(0, offset - count_rows(session, row, running)) if not rows else 0
        query = select(row).where(*stopped).order_by(*last)
        rows += session.exec(query.offset(passed).limit(limit - len(rows))).all()
    return rows


def walk_tickets(
    session: Session, chosen: TicketFilter, *, now: datetime
) -> Iterator[tuple[TicketRow, IncidentRow]]:
    """Every match with its incident, oldest first, some hundred in memory at a time."""
    query = (
        select(TicketRow, IncidentRow)
        .join(IncidentRow, col(IncidentRow.id) == col(TicketRow.incident_id))
        .where(*_matching(chosen, now=now))
        .order_by(col(TicketRow.created_at), col(TicketRow.id))
    )
    yield from session.exec(query.execution_options(yield_per=500))


def list_batch_tickets(
    session: Session, batch_id: str, *, limit: int = 10_000
) -> Sequence[tuple[TicketRow, IncidentRow]]:
    """The tickets of a batch's incidents with these, most urgent and oldest first."""
    return session.exec(
        select(TicketRow, IncidentRow)
        .join(IncidentRow, col(IncidentRow.id) == col(TicketRow.incident_id))
        .where(IncidentRow.batch_id == batch_id)
        .order_by(col(IncidentRow.score).desc(), col(TicketRow.id))
        .limit(limit)
    ).all()


def list_keys_of(session: Session, incident_ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """By incident: the key and address of each of its tickets, the oldest first."""
    row, found = TicketRow, dict[str, list[tuple[str, str]]]()
    query = select(row.incident_id, row.key, row.url).where(col(row.incident_id).in_(incident_ids))
    for incident_id, key, url in session.exec(query.order_by(col(row.id))):
        found.setdefault(incident_id, []).append((key, url))
    return found


class ClockCount(NamedTuple):
    """So many tickets of a priority have their clock in this state, so many of them are open; `took` is what the stopped ones
    took together.
    """

    priority: str
    state: SlaState
    tickets: int
    took: timedelta
    open: int = 0


def count_clocks(
    session: Session, chosen: TicketFilter = TicketFilter(), *, now: datetime
) -> Sequence[ClockCount]:
    """All tickets that match, by priority and state; pairs without any are left out."""
    state = sa.case(
        *((in_state(one, now=now), one.value) for one in SlaState if one is not SlaState.ON_TRACK),
        else_=SlaState.ON_TRACK.value,
    )
    took = Microseconds(col(TicketRow.resolved_at)) - Microseconds(col(TicketRow.created_at))
    # named in a query of its own: PostgreSQL takes an expression with parameters that is said twice for two
    is_open = sa.case((col(TicketRow.resolved_at).is_(None), 1), else_=0)
    one = sa.select(
        col(TicketRow.priority), state.label("state"), took.label("took"), is_open.label("open")
    ).where(*_matching(chosen, now=now))
    each = one.subquery()
    rows = session.connection().execute(
        sa.select(
            each.c.priority, each.c.state, sa.func.count(), sa.func.sum(each.c.took), sa.func.sum(each.c.open)
        ).group_by(each.c.priority, each.c.state)
    )
    return [
        ClockCount(priority, SlaState(state), number, timedelta(microseconds=int(took or 0)), int(opened))
        for priority, state, number, took, opened in rows
    ]


class Breach(NamedTuple):
    """A ticket that ran out of time."""

    key: str
    priority: str
    incident_id: str


def record_breaches(
    session: Session, *, actor: Actor, now: datetime, named: int
) -> tuple[int, Sequence[Breach]]:
    """Write down that open tickets ran out of time, each once: how many, and the first of them. All in the database."""
    row = TicketRow
    ran_out = (in_state(SlaState.VIOLATED, now=now), col(row.breached_at).is_(None))
    columns = (col(row.key), col(row.priority), col(row.incident_id))
    connection = session.connection()
    first = sa.select(*columns).where(*ran_out).order_by(col(row.due_at), col(row.id)).limit(named)
    found = [Breach(*one) for one in connection.execute(first)]
    if not found:
        return 0, found
    changed = sa.update(row).where(*ran_out).values(breached_at=col(row.due_at), changed_by=str(actor))
    return connection.execute(changed).rowcount, found


def list_keys_to_ask(
    session: Session, *, integration: str, practice: bool, resolved_since: datetime
) -> Sequence[str]:
    """The keys of the tickets that are open, or were resolved no longer ago than that; the oldest first."""
    row = TicketRow
    return session.exec(
        select(row.key)
        .where(row.integration == integration, col(row.practice).is_(practice))
        .where(sa.or_(col(row.resolved_at).is_(None), col(row.resolved_at) >= resolved_since))
        .order_by(col(row.id))
    ).all()


def list_remote(
    session: Session, remote_ids: Sequence[str], *, integration: str, practice: bool
) -> Sequence[TicketRow]:
    """The tickets with these ids at their vendor."""
    row, found = TicketRow, list[TicketRow]()
    for start in range(0, len(remote_ids), 500):
        query = select(row).where(
            row.integration == integration, col(row.practice).is_(practice),
            col(row.remote_id).in_(remote_ids[start : start + 500]),
        )  # fmt: skip
        found += session.exec(query.order_by(col(row.id))).all()
    return found


def list_unread(
    session: Session,
    *,
    integration: str,
    practice: bool,
    before: datetime,
    resolved_since: datetime,
    limit: int,
) -> Sequence[TicketRow]:
    """Those that were not read since then, of the open ones and the ones resolved lately; the longest unread first."""
    row = TicketRow
    query = (
        select(row)
        .where(row.integration == integration, col(row.practice).is_(practice), row.absence != "deleted")
        .where(sa.or_(col(row.read_at).is_(None), col(row.read_at) < before))
        .where(sa.or_(col(row.resolved_at).is_(None), col(row.resolved_at) >= resolved_since))
    )
    return session.exec(query.order_by(col(row.read_at).nulls_first(), col(row.id)).limit(limit)).all()
