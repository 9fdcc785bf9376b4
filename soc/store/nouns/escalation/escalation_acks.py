"""Acknowledgements that hold an escalation back until they run out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, select

from soc.store.columns import key_of, moment, partial_index
from soc.store.nouns.incidents.incidents import IncidentRow


class EscalationAckRow(SQLModel, table=True):
    """An acknowledgement that runs out at `expires_at` (None: never) unless something moves. One an incident is open."""

    __tablename__ = "escalation_acks"
    __table_args__ = (
        partial_index("ix_escalation_acks_open", "expires_at", "incident_id", of="ended_at IS NULL"),
        Index("ix_escalation_acks_incident", "incident_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    incident_id: str = Field(foreign_key=key_of(IncidentRow))
    made_by: str
    made_at: datetime = Field(sa_column=moment(nullable=False))
    expires_at: datetime | None = Field(default=None, sa_column=moment())
    ended_at: datetime | None = Field(default=None, sa_column=moment())
    why: str = ""


def find_open_ack(session: Session, incident_id: str) -> EscalationAckRow | None:
    row = EscalationAckRow
    query = select(row).where(row.incident_id == incident_id, col(row.ended_at).is_(None))
    return session.exec(query.order_by(col(row.id).desc()).with_for_update(key_share=True).limit(1)).first()


def find_ack_ended(session: Session, incident_id: str, *, at: datetime) -> EscalationAckRow | None:
    """The acknowledgement that ended at that very moment."""
    row = EscalationAckRow
    query = select(row).where(row.incident_id == incident_id, col(row.ended_at) == at)
    return session.exec(query.order_by(col(row.id).desc()).limit(1)).first()


def list_expired_acks(session: Session, *, now: datetime, limit: int) -> Sequence[EscalationAckRow]:
    """Those that ran out and have not ended, the oldest first."""
    row = EscalationAckRow
    query = select(row).where(col(row.ended_at).is_(None), col(row.expires_at) <= now)
    return session.exec(query.order_by(col(row.expires_at), col(row.id)).limit(limit)).all()


def list_open_acks(session: Session, incident_ids: Collection[str]) -> Mapping[str, EscalationAckRow]:
    row = EscalationAckRow
    query = select(row).where(col(row.incident_id).in_(incident_ids), col(row.ended_at).is_(None))
    return {one.incident_id: one for one in session.exec(query)}


def find_last_ack(session: Session, incident_id: str) -> EscalationAckRow | None:
    """The last acknowledgement of an incident, whatever became of it."""
    row = EscalationAckRow
    query = select(row).where(row.incident_id == incident_id).order_by(col(row.id).desc()).limit(1)
    return session.exec(query).first()


#: Why an acknowledgement ended that ran out without a move: what it had stopped goes on.
EXPIRED = "expired"


def is_revived(session: Session, incident_id: str) -> bool:
    """Whether its last acknowledgement ran out, and nobody has answered since."""
    last = find_last_ack(session, incident_id)
    return last is not None and last.why == EXPIRED


def may_go_on(session: Session, incident_id: str) -> bool:
    """Whether what an acknowledgement stopped may go on: it holds and may run out, or it has."""
    last = find_last_ack(session, incident_id)
    return last is not None and (last.ended_at is None or last.why == EXPIRED)
