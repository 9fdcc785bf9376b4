"""Escalations as stored: a ticket's plan for each cycle, its steps, what each step tells whom, and the notices they became.

The steps' due moments are indexed: what is due is found without a look at the tickets.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.escalation.states import StepState
from soc.store.columns import key_of, moment, partial_index
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.tickets.tickets import TicketRow, still_runs


class EscalationPlanRow(SQLModel, table=True):
    """A ticket's escalation in one cycle: its chain and version, fixed when it was planned.

    `over`: nothing is planned any more, `why` says why. `due_at`, `priority` and `reopened` are the ticket's when it was planned last.
    """

    __tablename__ = "escalation_plans"
    __table_args__ = (UniqueConstraint("ticket_id", "cycle"),)

    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key=key_of(TicketRow))
    cycle: int
    chain_id: str
    chain_version: int
    over: bool = False
    why: str = ""
    due_at: datetime | None = Field(default=None, sa_column=moment())
    priority: str = ""
    reopened: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    planned_at: datetime = Field(sa_column=moment(nullable=False))
    made_by: str


class EscalationStepRow(SQLModel, table=True):
    """A step (counted from 0) of a plan, and which of its repeats; it happens once.

    `due_at` is None while its clock stands still. `why` says what became of it, in words.
    """

    __tablename__ = "escalation_steps"
    __table_args__ = (
        UniqueConstraint("ticket_id", "cycle", "chain_id", "chain_version", "step", "loop"),
        # what is due, and since when, without a look at what is over
        partial_index("ix_escalation_steps_due", "due_at", "ticket_id", of="state = 'planned'"),
        Index("ix_escalation_steps_newest", "settled_at", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key=key_of(TicketRow))
    cycle: int
    chain_id: str
    chain_version: int
    step: int
    loop: int
    title: str
    due_at: datetime | None = Field(default=None, sa_column=moment())
    state: str
    why: str = ""
    settled_at: datetime | None = Field(default=None, sa_column=moment())
    #: Who planned it, and who stopped it ("": nobody did), as `str(Actor)`.
    made_by: str
    changed_by: str = ""


class EscalationNoticeRow(SQLModel, table=True):
    """What one recipient was told at once over one channel: a delivery. `recipient` is a person's id, "" for the channel as
    a whole, or a ticket's for what is said on the ticket. `stands`: what it began there, of `Stands`.
    """

    __tablename__ = "escalation_notices"
    __table_args__ = (
        Index("ix_escalation_notices_recipient", "recipient", "told_at"),
        partial_index("ix_escalation_notices_standing", "id", of="stands IN ('open', 'acknowledged')"),
    )

    id: str = Field(primary_key=True)
    recipient: str
    channel: str
    delivery_id: str = Field(foreign_key=key_of(DeliveryRow), index=True)
    told_at: datetime = Field(sa_column=moment(nullable=False))
    tickets: int
    stands: str = Field(default="", sa_column_kwargs={"server_default": ""})
    made_by: str


class EscalationLineRow(SQLModel, table=True):
    """That a step tells somebody over a channel. It waits for a notice; `held`: the recipient's cap was reached.

    `skipped` are the steps that it made moot, `note` who was not reached, in words.
    """

    __tablename__ = "escalation_lines"
    __table_args__ = (
        UniqueConstraint("step_id", "recipient", "channel"),
        partial_index("ix_escalation_lines_waiting", "recipient", "channel", of="state = 'waiting'"),
        Index("ix_escalation_lines_of_ticket", "ticket_id", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    step_id: int = Field(foreign_key=key_of(EscalationStepRow))
    ticket_id: int = Field(foreign_key=key_of(TicketRow))
    recipient: str
    channel: str
    state: str
    held: bool = False
    notice_id: str | None = Field(default=None, foreign_key=key_of(EscalationNoticeRow), index=True)
    said: str
    skipped: str = ""
    note: str = ""
    why: str = ""
    created_at: datetime = Field(sa_column=moment(nullable=False))
    made_by: str
    changed_by: str = ""


#: Said as words and not as a parameter: so the indexes of these rows alone serve.
_PLANNED: sa.ColumnElement[str] = sa.literal_column(f"'{StepState.PLANNED.value}'")


def find_plan(session: Session, ticket_id: int) -> EscalationPlanRow | None:
    """The ticket's plan in its newest cycle."""
    row = EscalationPlanRow
    query = select(row).where(row.ticket_id == ticket_id).order_by(col(row.cycle).desc()).limit(1)
    return session.exec(query).first()


def list_plans(session: Session, ticket_id: int) -> Sequence[EscalationPlanRow]:
    """The first cycle first."""
    row = EscalationPlanRow
    return session.exec(select(row).where(row.ticket_id == ticket_id).order_by(col(row.cycle))).all()


def list_steps(session: Session, ticket_id: int, *, cycle: int | None = None) -> Sequence[EscalationStepRow]:
    """Of one cycle or all, in the order in which they come."""
    row = EscalationStepRow
    query = select(row).where(row.ticket_id == ticket_id)
    query = query if cycle is None else query.where(row.cycle == cycle)
    return session.exec(query.order_by(col(row.cycle), col(row.step), col(row.loop))).all()


def list_settled(session: Session, *, limit: int = 100) -> Sequence[EscalationStepRow]:
    """What became of steps, the last first."""
    row = EscalationStepRow
    query = select(row).where(col(row.settled_at).is_not(None))
    return session.exec(query.order_by(col(row.settled_at).desc(), col(row.id).desc()).limit(limit)).all()


def list_coming(session: Session, *, limit: int = 100) -> Sequence[EscalationStepRow]:
    """What is planned for tickets whose clock has not ended, the soonest first."""
    row = EscalationStepRow
    query = (
        select(row)
        .join(TicketRow, col(TicketRow.id) == col(row.ticket_id))
        .where(col(row.state) == _PLANNED, col(row.due_at).is_not(None), still_runs())
    )
    return session.exec(query.order_by(col(row.due_at), col(row.ticket_id)).limit(limit)).all()


def find_due_tickets(session: Session, *, now: datetime, limit: int) -> Sequence[int]:
    """Tickets with a step that is due, the longest overdue first."""
    row = EscalationStepRow
    query = (
        select(row.ticket_id)
        .where(col(row.state) == _PLANNED, col(row.due_at) <= now)
        .group_by(col(row.ticket_id))
        .order_by(sa.func.min(col(row.due_at)), col(row.ticket_id))
        .limit(limit)
    )
    return session.exec(query).all()


def lock_due_steps(
    session: Session, ticket_ids: Collection[int], *, now: datetime
) -> Sequence[EscalationStepRow]:
    """The due steps of these tickets, locked for this transaction."""
    row = EscalationStepRow
    query = select(row).where(
        col(row.ticket_id).in_(ticket_ids), col(row.state) == _PLANNED, col(row.due_at) <= now
    )
    return session.exec(query.order_by(col(row.id)).with_for_update(key_share=True)).all()


def lock_steps(
    session: Session, ticket_id: int, states: Collection[StepState]
) -> Sequence[EscalationStepRow]:
    """A ticket's steps in these states, of all cycles, locked for this transaction."""
    row = EscalationStepRow
    query = select(row).where(row.ticket_id == ticket_id, col(row.state).in_([one.value for one in states]))
    return session.exec(query.order_by(col(row.id)).with_for_update(key_share=True)).all()


def find_oldest_due_step(session: Session, *, now: datetime) -> datetime | None:
    """Since when the step that waits longest is due; None where nothing is."""
    row = EscalationStepRow
    query = select(sa.func.min(row.due_at)).where(col(row.state) == _PLANNED, col(row.due_at) <= now)
    return session.exec(query).one()


def list_incident_ids(session: Session, ticket_ids: Collection[int]) -> Sequence[str]:
    """Of which incidents these tickets are."""
    return session.exec(select(TicketRow.incident_id).where(col(TicketRow.id).in_(ticket_ids))).all()


def find_unplanned(
    session: Session, *, limit: int | None = None, of: Collection[int] | None = None
) -> Sequence[int]:
    """Open tickets without a plan, or whose plan was made of another time, priority or cycle than theirs: so many, or all of these."""
    plan, ticket = EscalationPlanRow, TicketRow
    in_line = sa.exists().where(
        col(plan.ticket_id) == col(ticket.id),
        col(plan.due_at) == col(ticket.due_at),
        col(plan.priority) == col(ticket.priority),
        col(plan.reopened) == col(ticket.reopened),
    )
    query = select(ticket.id).where(col(ticket.resolved_at).is_(None), ~in_line).order_by(col(ticket.id))
    query = query.limit(limit) if of is None else query.where(col(ticket.id).in_(of))
    return [one for one in session.exec(query) if one is not None]


# Lines and notices.


# Acknowledgements.


def find_highest_told(session: Session, ticket_id: int, cycle: int) -> tuple[int, int] | None:
    """The highest step of a cycle that was told, and which of its repeats."""
    row = EscalationStepRow
    query = select(row.step, row.loop).where(
        row.ticket_id == ticket_id, row.cycle == cycle, row.state == StepState.TOLD.value
    )
    return session.exec(query.order_by(col(row.step).desc(), col(row.loop).desc()).limit(1)).first()


def read_steps(session: Session, ids: Collection[int]) -> Sequence[EscalationStepRow]:
    """In the order in which they were planned."""
    row = EscalationStepRow
    return session.exec(select(row).where(col(row.id).in_(ids)).order_by(col(row.id))).all()


def read_tickets(session: Session, ids: Collection[int]) -> Mapping[int, tuple[TicketRow, IncidentRow]]:
    """Tickets with their incidents."""
    query = select(TicketRow, IncidentRow).join(
        IncidentRow, col(IncidentRow.id) == col(TicketRow.incident_id)
    )
    return {
        ticket.id or 0: (ticket, incident)
        for ticket, incident in session.exec(query.where(col(TicketRow.id).in_(ids)))
    }


#: Why a plan is over whose clock had run out before anybody here could know.
INTAKE = "breached at intake: never escalated"
