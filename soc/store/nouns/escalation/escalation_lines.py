"""What steps tell whom, line by line, and the notices that lines went out in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from soc.domain.escalation.states import LineState
from soc.store.nouns.escalation.escalations import EscalationLineRow, EscalationNoticeRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.tickets.tickets import TicketRow

_WAITING: sa.ColumnElement[str] = sa.literal_column(f"'{LineState.WAITING.value}'")


class Recipient(NamedTuple):
    """Somebody with lines that wait, at a channel."""

    recipient: str
    channel: str


def list_waiting_recipients(session: Session) -> Sequence[Recipient]:
    row = EscalationLineRow
    query = select(row.recipient, row.channel).where(col(row.state) == _WAITING).distinct()
    return [Recipient(*one) for one in session.exec(query.order_by(col(row.recipient), col(row.channel)))]


def lock_waiting(session: Session, recipient: str, channel: str) -> Sequence[EscalationLineRow]:
    """The lines that wait for this recipient's notice, oldest first, locked for this transaction."""
    row = EscalationLineRow
    query = select(row).where(col(row.state) == _WAITING, row.recipient == recipient, row.channel == channel)
    return session.exec(query.order_by(col(row.id)).with_for_update(key_share=True)).all()


def list_told_at(session: Session, recipient: str, *, since: datetime) -> Sequence[datetime]:
    """When the recipient was told since then; what was said over several channels at once counts once."""
    row = EscalationNoticeRow
    query = select(row.told_at).where(row.recipient == recipient, col(row.told_at) > since).distinct()
    return session.exec(query.order_by(col(row.told_at))).all()


def lock_lines(
    session: Session, ticket_id: int, states: Collection[LineState] = (LineState.WAITING, LineState.TOLD)
) -> Sequence[EscalationLineRow]:
    """A ticket's lines that wait or were told (or those in these states), locked for this transaction."""
    row = EscalationLineRow
    query = select(row).where(row.ticket_id == ticket_id, col(row.state).in_([one.value for one in states]))
    return session.exec(query.order_by(col(row.id)).with_for_update(key_share=True)).all()


def list_lines(session: Session, ticket_id: int) -> Sequence[EscalationLineRow]:
    """Everything that was told of a ticket or waits, oldest first."""
    row = EscalationLineRow
    return session.exec(select(row).where(row.ticket_id == ticket_id).order_by(col(row.id))).all()


def list_notices(session: Session, *, limit: int = 100) -> Sequence[EscalationNoticeRow]:
    """The last first."""
    row = EscalationNoticeRow
    return session.exec(select(row).order_by(col(row.told_at).desc(), col(row.id)).limit(limit)).all()


def list_notices_of(session: Session, notice_ids: Collection[str]) -> Sequence[EscalationNoticeRow]:
    row = EscalationNoticeRow
    return session.exec(select(row).where(col(row.id).in_(notice_ids)).order_by(col(row.id))).all()


class CalledOff(NamedTuple):
    """A ticket of a notice that is not to be told any more, and why."""

    ticket_id: int
    key: str
    why: str


def read_called_off(session: Session, notice_id: str) -> tuple[int, Sequence[CalledOff]]:
    """Of how many tickets a notice tells, and which of them are called off now: their line was, or their incident is
    acknowledged, or they are resolved. It asks the rows themselves, whoever wrote them and however long ago.
    """
    line, ticket, incident = EscalationLineRow, TicketRow, IncidentRow
    rows = session.exec(
        select(line, ticket, incident)
        .join(ticket, col(ticket.id) == col(line.ticket_id))
        .join(incident, col(incident.id) == col(ticket.incident_id))
        .where(line.notice_id == notice_id)
        .execution_options(populate_existing=True)
    ).all()
    off = []
    for said, its_ticket, its_incident in rows:
        why = said.why if said.state == LineState.CANCELLED.value else ""
        if not why and its_incident.acknowledged_at is not None:
            why = f"acknowledged by {its_incident.acknowledged_by}"
        if not why and its_ticket.resolved_at is not None:
            why = "resolved"
        if why:
            off.append(CalledOff(said.ticket_id, its_ticket.key, why))
    return len(rows), off
