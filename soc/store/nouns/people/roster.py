"""The roster as stored: shifts, times out of office, and who was given which ticket and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time

import sqlalchemy as sa
from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.roster.duty import Absence, Duty
from soc.domain.roster.shifts import Shift
from soc.errors import NotFound
from soc.store.columns import key_of, moment
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.people.people import PersonRow
from soc.store.nouns.tickets.tickets import TicketRow


class ShiftRow(SQLModel, table=True):
    """A person's weekly shift. `weekdays` are digits (`01234`: Monday to Friday), times are `HH:MM` in the zone."""

    __tablename__ = "shifts"

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key=key_of(PersonRow), index=True)
    weekdays: str
    start: str
    end: str
    zone: str
    since: str = ""
    until: str = ""
    made_by: str

    def as_shift(self) -> Shift:
        return Shift(
            weekdays=frozenset(int(day) for day in self.weekdays),
            start=time.fromisoformat(self.start),
            end=time.fromisoformat(self.end),
            zone=self.zone,
            since=date.fromisoformat(self.since) if self.since else None,
            until=date.fromisoformat(self.until) if self.until else None,
        )


class AbsenceRow(SQLModel, table=True):
    """Out of office from `start` until `end` (excluded)."""

    __tablename__ = "absences"
    __table_args__ = (Index("ix_absences_person", "person_id", "end"),)

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key=key_of(PersonRow))
    start: datetime = Field(sa_column=moment(nullable=False))
    end: datetime = Field(sa_column=moment(nullable=False))
    note: str = ""
    made_by: str

    def as_absence(self) -> Absence:
        return Absence(self.start, self.end, self.note)


class AssignmentRow(SQLModel, table=True):
    """A decision who gets a ticket. `person_id` is "" where nobody could; `why` is the whole explanation."""

    __tablename__ = "assignments"
    __table_args__ = (
        Index("ix_assignments_person", "person_id", "created_at"),
        Index("ix_assignments_newest", "created_at", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key=key_of(TicketRow), index=True)
    incident_id: str = Field(foreign_key=key_of(IncidentRow))
    person_id: str
    way: str
    why: str
    created_at: datetime = Field(sa_column=moment(nullable=False))
    made_by: str


def list_shifts(session: Session, *, person_id: str = "") -> Sequence[ShiftRow]:
    query = select(ShiftRow).order_by(col(ShiftRow.person_id), col(ShiftRow.start), col(ShiftRow.id))
    return session.exec(query.where(ShiftRow.person_id == person_id) if person_id else query).all()


def get_shift(session: Session, shift_id: str) -> ShiftRow:
    """Raises NotFound."""
    row = session.get(ShiftRow, shift_id)
    if row is None:
        raise NotFound(f"There is no shift {shift_id}.", hint="Show the person for their shifts.")
    return row


def list_absences(
    session: Session, *, person_id: str = "", since: datetime | None = None
) -> Sequence[AbsenceRow]:
    """Those that end after `since`, the first to begin first."""
    query = select(AbsenceRow).order_by(col(AbsenceRow.start), col(AbsenceRow.id))
    if person_id:
        query = query.where(AbsenceRow.person_id == person_id)
    return session.exec(query.where(col(AbsenceRow.end) > since) if since is not None else query).all()


def get_absence(session: Session, absence_id: str) -> AbsenceRow:
    """Raises NotFound."""
    row = session.get(AbsenceRow, absence_id)
    if row is None:
        raise NotFound(f"There is no absence {absence_id}.", hint="Show the person for their absences.")
    return row


def read_duties(session: Session, zones: Mapping[str, str], *, now: datetime) -> Mapping[str, Duty]:
    """The times of these people (id → their zone); absences that are over are left out."""
    shifts: dict[str, list[Shift]] = {}
    for row in list_shifts(session):
        shifts.setdefault(row.person_id, []).append(row.as_shift())
    absences: dict[str, list[Absence]] = {}
    for one in list_absences(session, since=now):
        absences.setdefault(one.person_id, []).append(one.as_absence())
    return {
        person: Duty(tuple(shifts.get(person, ())), tuple(absences.get(person, ())), zone)
        for person, zone in zones.items()
    }


def count_held(session: Session) -> Mapping[str, int]:
    """How many open tickets each person has; people without any are left out."""
    row = TicketRow
    query = (
        sa.select(col(row.owner), sa.func.count())
        .where(col(row.resolved_at).is_(None), col(row.owner) != "")
        .group_by(col(row.owner))
    )
    return {owner: number for owner, number in session.connection().execute(query)}  # noqa: C416 - rows are pairs


def list_held(session: Session, person_id: str, *, limit: int = 2_000) -> Sequence[TicketRow]:
    """The open tickets of a person, the one that runs out first on top."""
    row = TicketRow
    query = select(row).where(row.owner == person_id, col(row.resolved_at).is_(None))
    return session.exec(query.order_by(col(row.due_at), col(row.id)).limit(limit)).all()


def read_last_given(session: Session) -> Mapping[str, datetime]:
    """When each person was given a ticket last."""
    row = AssignmentRow
    query = select(row.person_id, sa.func.max(row.created_at)).group_by(col(row.person_id))
    return dict(session.exec(query).all())


def find_last_turn(session: Session, way: str) -> str:
    """Who was given the last ticket that way; "" where nobody was."""
    row = AssignmentRow
    query = select(row.person_id).where(row.way == way, row.person_id != "")
    return session.exec(query.order_by(col(row.id).desc()).limit(1)).first() or ""


def list_assignments(
    session: Session, *, ticket_ids: Collection[int] = (), person_id: str = "", limit: int = 50
) -> Sequence[AssignmentRow]:
    """The newest first."""
    row = AssignmentRow
    query = select(row).order_by(col(row.created_at).desc(), col(row.id).desc()).limit(limit)
    query = query.where(col(row.ticket_id).in_(ticket_ids)) if ticket_ids else query
    return session.exec(query.where(row.person_id == person_id) if person_id else query).all()
