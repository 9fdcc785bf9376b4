"""Incidents as stored: written once by their batch, filtered and paged in SQL for the pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Index
from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.actor import Actor
from soc.domain.incident import Incident, IncidentStatus, Origin
from soc.domain.severity import Severity
from soc.errors import NotFound
from soc.store.columns import json_value, key_of, moment, owner_indexes, partial_index, whose
from soc.store.nouns.batches.batches import BatchRow
from soc.store.paging import Page, Sorts, count_rows, list_rows, read_page

#: What is over.
ENDED = (IncidentStatus.RESOLVED.value, IncidentStatus.CLOSED.value)


#: Critical and not over, as the database says it: the words of an index.
UNJUDGED = "verdict = '' AND status IN ('resolved', 'closed')"
BURNING = "severity = 'critical' AND status NOT IN ('resolved', 'closed')"


def _empty() -> Any:
    """A text that nobody has written yet; rows that were there before the column have it too."""
    return Field(default="", sa_column_kwargs={"server_default": ""})


class IncidentRow(SQLModel, table=True):
    __tablename__ = "incidents"
    __table_args__ = (
        # the two orders of the list. What is filtered by stands in them, so that no row is looked at in vain
        Index(
            "ix_incidents_gravest",
            *("score", "created_at", "count", "id", "severity", "classification", "status", "eligible"),
        ),
        Index(
            "ix_incidents_newest",
            *("created_at", "score", "id", "severity", "classification", "status", "eligible"),
        ),
        *owner_indexes("incidents", "score", "created_at", "count", "id", "status"),
        partial_index("ix_incidents_burning", "score", "created_at", "id", "severity", "status", of=BURNING),
        partial_index("ix_incidents_unjudged", "status", "id", of=UNJUDGED),
        # the last of each source is found without its rows
        Index("ix_incidents_source", "source", "created_at"),
        partial_index("ix_incidents_merged_into", "merged_into", of="merged_into <> ''"),
        partial_index(
            "ix_incidents_awaiting",
            "batch_id",
            "score",
            of="awaiting_release IS 1",
            on_postgresql="awaiting_release IS true",
        ),
        partial_index("ix_incidents_fingerprint", "fingerprint", "created_at", of="fingerprint <> ''"),
    )

    id: str = Field(primary_key=True)
    batch_id: str = Field(foreign_key=key_of(BatchRow), index=True)
    created_at: datetime = Field(sa_column=moment(nullable=False))
    title: str
    source: str
    classification: str
    score: int
    severity: str
    confidence: float
    rule_id: str = Field(index=True)
    template_id: str
    template: str
    entity: str = Field(default="", index=True)
    count: int = Field(sa_type=BigInteger)
    first_seen: datetime | None = Field(default=None, sa_column=moment())
    last_seen: datetime | None = Field(default=None, sa_column=moment())
    message: str
    reasons: list[dict[str, Any]] = Field(default_factory=list, sa_column=json_value())
    samples: list[dict[str, Any]] = Field(default_factory=list, sa_column=json_value())
    #: Who takes part ({type, value}), who acts first; and what was done, step by step.
    entities: list[dict[str, Any]] = Field(default_factory=list, sa_column=json_value(server_default="[]"))
    steps: list[dict[str, Any]] = Field(default_factory=list, sa_column=json_value(server_default="[]"))
    #: By what the story is known in another batch ("": by nothing).
    fingerprint: str = _empty()
    status: str = "open"
    #: Who changed it since it was found ("": nobody did), as `str(Actor)`.
    changed_by: str = ""
    eligible: bool = False
    #: `log`, or `api` for one that a call of the API told of.
    origin: str = Field(default=Origin.LOG.value, sa_column_kwargs={"server_default": Origin.LOG.value})
    #: The person who has it ("": nobody), by id.
    owner: str = _empty()
    acknowledged_at: datetime | None = Field(default=None, sa_column=moment())
    acknowledged_by: str = _empty()
    #: What a person chose in place of the score's ("": nobody did).
    priority: str = _empty()
    #: What it turned out to be ("": nobody said), and of which incident it is a duplicate.
    verdict: str = _empty()
    duplicate_of: str = _empty()
    closed_at: datetime | None = Field(default=None, sa_column=moment())
    #: The incident that it is again ("": none): another batch found it in the same content.
    joined_to: str = _empty()
    #: The incident that it was merged into by somebody ("": none): it is one with that, and what comes for it comes there.
    merged_into: str = _empty()
    #: Nobody is told of it until somebody releases it: its batch found more than may be told at once.
    awaiting_release: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})


@dataclass(frozen=True)
class IncidentFilter:
    """What to show. Empty fields do not filter; `text` looks in title, message and source; `until` is excluded."""

    batch_id: str = ""
    severities: tuple[str, ...] = ()
    classifications: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    eligible: bool | None = None
    awaiting_release: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    entity: str = ""
    text: str = ""
    #: Whose: people's ids, "" for nobody's; None: anybody's.
    owners: tuple[str, ...] | None = None
    #: Those that ended without anybody saying what they were.
    unjudged: bool = False


#: `score`: the gravest, then the newest, then those of most lines (with a minus before it); `created_at`: when found, then by score.
INCIDENT_SORTS: Sorts = {
    "score": ("score", "created_at", "count", "id"),
    "created_at": ("created_at", "score", "id"),
    **{name: (name, "created_at", "id") for name in ("title", "source", "entity", "classification", "count")},
}


def get_incident(session: Session, incident_id: str) -> IncidentRow:
    """Raises NotFound."""
    row = session.get(IncidentRow, incident_id)
    if row is None:
        raise NotFound(f"There is no incident {incident_id}.", hint="It may belong to another installation.")
    return row


def lock_incident(session: Session, incident_id: str) -> IncidentRow:
    """The incident as it is now; whoever else wants to act on it waits until this transaction has ended. Raises NotFound."""
    get_incident(session, incident_id)
    # rows that point to it may be written meanwhile (its key stays): whoever writes one while he holds what we want next
    # would wait for us, and we for him
    return session.get_one(
        IncidentRow, incident_id, with_for_update={"key_share": True}, populate_existing=True
    )


def list_ended(session: Session, incident_ids: Sequence[str]) -> set[str]:
    """Which of these are over."""
    row, found = IncidentRow, set[str]()
    for start in range(0, len(incident_ids), 500):
        some = incident_ids[start : start + 500]
        found.update(
            session.exec(select(row.id).where(col(row.id).in_(some), col(row.status).in_(ENDED))).all()
        )
    return found


def set_status(session: Session, incident_id: str, status: IncidentStatus, *, actor: Actor) -> None:
    """Where the incident stands now, and who moved it there; what stands there already is left alone."""
    row = IncidentRow
    session.connection().execute(
        sa.update(row)
        .where(col(row.id) == incident_id, col(row.status) != status.value)
        .values(status=status.value, changed_by=str(actor))
    )


def to_incident(row: IncidentRow) -> Incident:
    """The domain's view of a stored incident."""
    return Incident.model_validate(row.model_dump(exclude={"created_at", "severity", "status", "eligible"}))


def _matching(chosen: IncidentFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if chosen.batch_id:
        conditions.append(col(IncidentRow.batch_id) == chosen.batch_id)
    if chosen.severities:
        conditions.append(col(IncidentRow.severity).in_(chosen.severities))
    if chosen.classifications:
        conditions.append(col(IncidentRow.classification).in_(chosen.classifications))
    if chosen.statuses:
        conditions.append(col(IncidentRow.status).in_(chosen.statuses))
    if chosen.eligible is not None:
        conditions.append(col(IncidentRow.eligible) == chosen.eligible)
    if chosen.awaiting_release is not None:
        conditions.append(col(IncidentRow.awaiting_release).is_(chosen.awaiting_release))
    if chosen.since is not None:
        conditions.append(col(IncidentRow.created_at) >= chosen.since)
    if chosen.until is not None:
        conditions.append(col(IncidentRow.created_at) < chosen.until)
    if chosen.owners is not None:
        conditions.append(whose(col(IncidentRow.owner), chosen.owners))
    if chosen.unjudged:
        conditions.append(sa.literal_column(UNJUDGED, sa.Boolean()))
    if chosen.entity:
        conditions.append(col(IncidentRow.entity) == chosen.entity)
    if chosen.text:
        words = chosen.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        conditions.append(
            sa.or_(
                *(
                    column.ilike(f"%{words}%", escape="\\")
                    for column in (col(IncidentRow.title), col(IncidentRow.message), col(IncidentRow.source))
                )
            )
        )
    return conditions


def page_incidents(
    session: Session,
    chosen: IncidentFilter = IncidentFilter(),
    *,
    sort: str = "-score",
    cursor: str = "",
    offset: int = 0,
    limit: int = 50,
) -> Page[IncidentRow]:
    """Sorted by one of INCIDENT_SORTS; most severe first, then newest, unless told otherwise."""
    return read_page(
        session,
        IncidentRow,
        _matching(chosen),
        sorts=INCIDENT_SORTS,
        sort=sort,
        cursor=cursor,
        offset=offset,
        limit=limit,
    )


def list_incidents(
    session: Session, chosen: IncidentFilter, *, sort: str = "-score", offset: int = 0, limit: int = 50
) -> Sequence[IncidentRow]:
    """Sorted by one of INCIDENT_SORTS; most severe first, then newest, unless told otherwise."""
    return list_rows(
        session,
        IncidentRow,
        _matching(chosen),
        sorts=INCIDENT_SORTS,
        sort=sort,
        offset=offset,
        limit=limit,
    )


def walk_incidents(session: Session, chosen: IncidentFilter) -> Iterator[IncidentRow]:
    """Every match, most severe first, some hundred in memory at a time."""
    row = IncidentRow
    order = (col(row.score).desc(), col(row.created_at).desc(), col(row.count).desc(), col(row.id).desc())
    query = select(row).where(*_matching(chosen)).order_by(*order)
    yield from session.exec(query.execution_options(yield_per=500))


def count_incidents(session: Session, chosen: IncidentFilter) -> int:
    return count_rows(session, IncidentRow, _matching(chosen))


def list_latest(
    session: Session, *, severity: Severity, since: datetime | None = None, limit: int = 8
) -> Sequence[IncidentRow]:
    """The newest incidents of a severity; of those found at the same moment the gravest first."""
    row = IncidentRow
    query = select(row).where(row.severity == severity.value)
    if since is not None:
        query = query.where(col(row.created_at) >= since)
    newest = (col(row.created_at).desc(), col(row.score).desc(), col(row.id).desc())
    return session.exec(query.order_by(*newest).limit(limit)).all()
