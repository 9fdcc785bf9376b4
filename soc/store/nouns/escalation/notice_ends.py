"""Which escalation notices, that began something at a vendor, are to be ended there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from soc.domain.delivery import DeliveryState
from soc.domain.escalation.states import LineState, Stands
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.deliveries.outbox import may_have_arrived
from soc.store.nouns.escalation.escalations import EscalationLineRow, EscalationNoticeRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.tickets.tickets import TicketRow

#: Said as words: so the index of these rows alone serves.
_STANDING = sa.text("escalation_notices.stands IN ('open', 'acknowledged')")


class ToEnd(NamedTuple):
    """A notice, locked for this transaction, and how it is to be ended."""

    row: EscalationNoticeRow
    outcome: Stands


def lock_ending(
    session: Session, *, ticket_ids: Collection[int] | None = None, limit: int = 200
) -> Sequence[ToEnd]:
    """Notices of which every ticket is done (or gone), or every one is looked into and that was not told yet.

    `ticket_ids`: those that told of one of these.
    """
    notice = EscalationNoticeRow
    over, seen = ~_with_a_line(~_over()), ~_with_a_line(~_over(), ~_seen())
    query = (
        select(notice, over)
        .where(_STANDING, sa.or_(over, sa.and_(col(notice.stands) == Stands.OPEN.value, seen)))
        .order_by(col(notice.id))
        .limit(limit)
        .with_for_update(of=notice, key_share=True)
    )
    if ticket_ids is not None:
        line = EscalationLineRow
        told = select(line.notice_id).where(col(line.ticket_id).in_(ticket_ids))
        query = query.where(col(notice.id).in_(told))
    return [
        ToEnd(row, Stands.RESOLVED if is_over else Stands.ACKNOWLEDGED)
        for row, is_over in session.exec(query)
    ]


def lock_ended(session: Session, *, ticket_ids: Collection[int]) -> Sequence[EscalationNoticeRow]:
    """Notices that told of one of these tickets and of which an end was planned, locked for this transaction."""
    notice, line = EscalationNoticeRow, EscalationLineRow
    told = select(line.notice_id).where(col(line.ticket_id).in_(ticket_ids))
    ended = [Stands.ACKNOWLEDGED.value, Stands.RESOLVED.value]
    query = select(notice).where(col(notice.id).in_(told), col(notice.stands).in_(ended))
    return session.exec(query.order_by(col(notice.id)).with_for_update(key_share=True)).all()


def list_ends(session: Session, notice: EscalationNoticeRow) -> Sequence[DeliveryRow]:
    """What was ever planned to end it, called off or not."""
    row, begun = DeliveryRow, session.get_one(DeliveryRow, notice.delivery_id)
    query = select(row).where(
        row.integration == begun.integration,
        row.action == "end_escalation",
        row.subject == (begun.incident_id or notice.id),
        col(row.created_at) >= notice.told_at,
    )
    return [one for one in session.exec(query) if one.payload.get("subject") == notice.id]


def _over() -> sa.ColumnElement[bool]:
    return sa.or_(col(TicketRow.resolved_at).is_not(None), col(TicketRow.absence) == "deleted")


def _seen() -> sa.ColumnElement[bool]:
    answered = [LineState.ANSWERED.value, LineState.CANCELLED.value]
    return sa.or_(col(EscalationLineRow.state).in_(answered), col(IncidentRow.acknowledged_at).is_not(None))


def _with_a_line(*that: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """The notice has a line of which this holds."""
    line, ticket, incident = EscalationLineRow, TicketRow, IncidentRow
    return (
        sa.exists()
        .select_from(
            sa.join(
                sa.join(line, ticket, col(ticket.id) == col(line.ticket_id)),
                incident,
                col(incident.id) == col(ticket.incident_id),
            )
        )
        .where(col(line.notice_id) == col(EscalationNoticeRow.id), *that)
    )


def list_told_tickets(session: Session, notice_id: str) -> Sequence[tuple[TicketRow, IncidentRow]]:
    """The tickets that a notice told of, with their incidents, in the order of its lines."""
    line, ticket, incident = EscalationLineRow, TicketRow, IncidentRow
    query = (
        select(ticket, incident)
        .join(line, col(line.ticket_id) == col(ticket.id))
        .join(incident, col(incident.id) == col(ticket.incident_id))
        .where(line.notice_id == notice_id)
        .order_by(col(line.id))
    )
    return session.exec(query).all()


def may_have_begun(session: Session, notice_id: str) -> bool:
    """Whether the notice has arrived at its vendor, or may have."""
    notice, delivery = EscalationNoticeRow, DeliveryRow
    found = session.exec(
        select(delivery.id, delivery.state)
        .join(notice, col(notice.delivery_id) == col(delivery.id))
        .where(notice.id == notice_id)
    ).first()
    if found is None:
        return False
    return found[1] == DeliveryState.DELIVERED.value or may_have_arrived(session, found[0])
