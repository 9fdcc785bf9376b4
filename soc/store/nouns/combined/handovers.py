"""Hand-overs as stored: what was said at the change of a shift, who gave it and who took it; and what is read for one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Index
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.actor import Actor
from soc.errors import Conflict, NotFound
from soc.store.columns import json_value, moment
from soc.store.nouns.incidents.incidents import ENDED, IncidentRow
from soc.store.nouns.incidents.outlooks import in_force
from soc.store.nouns.sla.sla_clocks import SlaEventRow
from soc.store.nouns.tickets.tickets import TicketRow
from soc.store.paging import Page, Sorts, read_page

HANDOVER_SORTS: Sorts = {"created_at": ("created_at", "id")}


class HandoverRow(SQLModel, table=True):
    """`document` is what was handed over, as it was then; `remark` what the outgoing lead wrote. `taken` are incidents whose owner
    became `accepted_person` with the acceptance.
    """

    __tablename__ = "handovers"
    __table_args__ = (Index("ix_handovers_newest", "created_at", "id"),)

    id: str = Field(primary_key=True)
    created_at: datetime = Field(sa_column=moment(nullable=False))
    since: datetime = Field(sa_column=moment(nullable=False))
    remark: str = ""
    document: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())
    made_by: str
    accepted_at: datetime | None = Field(default=None, sa_column=moment())
    accepted_person: str = ""
    taken: list[str] = Field(default_factory=list, sa_column=json_value())
    changed_by: str = ""


def get_handover(session: Session, handover_id: str) -> HandoverRow:
    """Raises NotFound."""
    row = session.get(HandoverRow, handover_id)
    if row is None:
        raise NotFound(f"There is no hand-over {handover_id}.", hint="Open “Hand-over” for the list.")
    return row


def list_handovers(session: Session, *, limit: int = 50) -> Sequence[HandoverRow]:
    """The newest first."""
    row = HandoverRow
    newest = (col(row.created_at).desc(), col(row.id).desc())
    return session.exec(select(row).order_by(*newest).limit(limit)).all()


def page_handovers(
    session: Session, *, sort: str = "-created_at", cursor: str = "", offset: int = 0, limit: int = 50
) -> Page[HandoverRow]:
    return read_page(
        session, HandoverRow, [], sorts=HANDOVER_SORTS, sort=sort, cursor=cursor, offset=offset, limit=limit
    )


def last_accepted(session: Session) -> HandoverRow | None:
    row = HandoverRow
    return session.exec(
        select(row).where(col(row.accepted_at).is_not(None)).order_by(col(row.created_at).desc()).limit(1)
    ).first()


def accept(session: Session, handover_id: str, person_id: str, *, actor: Actor, now: datetime) -> HandoverRow:
    """Raises NotFound, Conflict where somebody has accepted it already."""
    get_handover(session, handover_id)
    row = HandoverRow
    done = session.connection().execute(
        sa.update(row)
        .where(col(row.id) == handover_id, col(row.accepted_at).is_(None))
        .values(accepted_at=now, accepted_person=person_id, changed_by=str(actor))
    )
    session.expire_all()
    found = get_handover(session, handover_id)
    if not done.rowcount and found.accepted_person != person_id:
        raise Conflict("Somebody else has accepted this hand-over.", hint="Reload the page to see who.")
    return found


class Case(NamedTuple):
    """An open ticket with its incident and what is thought of it (`version` None: nothing was written yet)."""

    ticket_id: int
    key: str
    url: str
    priority: str
    incident_id: str
    title: str
    severity: str
    entity: str
    owner: str
    created_at: datetime
    due_at: datetime
    version: int | None
    hypothesis: str | None
    next_step: str | None
    by_when: datetime | None
    blocker: str | None


def list_cases(session: Session, *, now: datetime, limit: int) -> tuple[Sequence[Case], int, int]:
    """Open tickets, those of which something is missing on top, then the next to run out; how many there are, and how many of
    them miss something.
    """
    row, about, outlook = TicketRow, IncidentRow, in_force()
    lacks = sa.or_(
        col(about.owner) == "",
        outlook.c.version.is_(None),
        sa.func.trim(outlook.c.hypothesis) == "",
        sa.func.trim(outlook.c.next_step) == "",
        outlook.c.by_when.is_(None),
        outlook.c.by_when < now,
    )
    columns = (
        col(row.id), col(row.key), col(row.url), col(row.priority), col(about.id), col(about.title), col(about.severity),
        col(about.entity), col(about.owner), col(row.created_at), col(row.due_at), *list(outlook.c)[1:],
    )  # fmt: skip
    joined = (
        sa.select(*columns)
        .select_from(row)
        .join(about, col(about.id) == col(row.incident_id))
        .outerjoin(outlook, outlook.c.incident_id == col(about.id))
        .where(col(row.resolved_at).is_(None), col(about.status).not_in(ENDED))
    )
    connection = session.connection()
    counted = joined.with_only_columns(sa.func.count(), sa.func.sum(sa.case((lacks, 1), else_=0)))
    total, lacking = connection.execute(counted).one()
    first = sa.case((lacks, 0), else_=1)
    rows = connection.execute(joined.order_by(first, col(row.due_at), col(row.id)).limit(limit))
    return [Case(*one) for one in rows], int(total), int(lacking or 0)


def list_reopened(session: Session, *, since: datetime, limit: int) -> Sequence[TicketRow]:
    """Tickets of which a further cycle of a clock began since then, the latest first."""
    event, row = SlaEventRow, TicketRow
    undo = aliased(SlaEventRow)
    taken = sa.exists().where(col(undo.ticket_id) == col(event.ticket_id), col(undo.undoes) == col(event.id))
    began = (
        sa.select(col(event.ticket_id), sa.func.max(col(event.at)).label("at"))
        .where(col(event.kind) == "activate", col(event.cycle) > 1, col(event.at) >= since, sa.not_(taken))
        .group_by(col(event.ticket_id))
        .subquery()
    )
    return session.scalars(
        sa.select(row)
        .join(began, began.c.ticket_id == col(row.id))
        .order_by(began.c.at.desc(), col(row.id))
        .limit(limit)
    ).all()


class Source(NamedTuple):
    """Where logs came from: on how many days of the span, and when last."""

    source: str
    days: int
    last: datetime


def list_silent(
    session: Session, *, since: datetime, until: datetime, days: int, limit: int
) -> Sequence[Source]:
    """Sources with incidents on at least so many days since then, and none from `until` on."""
    row, connection = IncidentRow, session.connection()
    day = sa.func.count(sa.distinct(sa.func.date(col(row.created_at))))
    last = sa.func.max(col(row.created_at), type_=IncidentRow.__table__.c.created_at.type)  # type: ignore[attr-defined]
    # by the index alone: which were heard of last; then the days of those few
    quiet = sa.select(col(row.source)).where(col(row.source) != "").group_by(col(row.source))
    names = connection.scalars(quiet.having(sa.and_(last >= since, last < until))).all()
    rows = connection.execute(
        sa.select(col(row.source), day, last)
        .where(col(row.created_at) >= since, col(row.source).in_(names))
        .group_by(col(row.source))
        .having(day >= days)
        .order_by(last.desc())
        .limit(limit)
    )
    return [Source(*one) for one in rows]


def read_titles(session: Session, incident_ids: Collection[str]) -> dict[str, str]:
    """By id: what these incidents are called."""
    query = select(IncidentRow.id, IncidentRow.title).where(col(IncidentRow.id).in_(incident_ids))
    return dict(session.exec(query).all())
