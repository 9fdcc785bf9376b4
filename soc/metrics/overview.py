"""Today's numbers. "Today" begins when the caller says so: the analyst's midnight, not the server's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from soc.domain.severity import Severity
from soc.domain.sla import SlaState
from soc.errors import ConfigurationError
from soc.integrations.registry import KINDS, config_from_env
from soc.sla.clocks import read_clocks
from soc.store.batches import ACTIVE, BatchRow
from soc.store.db import read_session
from soc.store.deliveries import TROUBLE, DeliveryRow
from soc.store.incidents import IncidentRow
from soc.store.integrations import IntegrationRow
from soc.store.tickets import TicketRow


@dataclass(frozen=True)
class Overview:
    """Lines, batches, incidents and tickets since `since`; clocks and deliveries in trouble as they are now.

    `lines_in == parsed + rejected`. `trouble` counts deliveries that are dead, unknown or waiting for a retry;
    `dead` is its part that needs a person.
    """

    since: datetime
    batches: int
    lines_in: int
    parsed: int
    rejected: int
    incidents: int
    eligible: int
    tickets: int
    open_tickets: int
    sla_at_risk: int
    sla_overdue: int
    trouble: int
    dead: int
    by_severity: Mapping[str, int]
    by_class: Mapping[str, int]


def read_overview(since: datetime, *, now: datetime | None = None) -> Overview:
    """Every count that the first page shows, in one consistent view."""
    clocks = read_clocks(open_only=True, now=now)
    with read_session() as session:
        batches, lines_in, parsed, rejected = session.exec(
            select(
                sa.func.count(),
                _sum(BatchRow.lines_in),
                _sum(BatchRow.parsed),
                _sum(BatchRow.rejected),
            ).where(col(BatchRow.created_at) >= since)
        ).one()
        by_severity = _count_incidents(session, IncidentRow.severity, since)
        by_class = _count_incidents(session, IncidentRow.classification, since)
        eligible = session.exec(
            select(sa.func.count())
            .select_from(IncidentRow)
            .where(col(IncidentRow.created_at) >= since, col(IncidentRow.eligible).is_(True))
        ).one()
        tickets = session.exec(
            select(sa.func.count()).select_from(TicketRow).where(col(TicketRow.created_at) >= since)
        ).one()
        troubled = dict(
            session.exec(
                select(DeliveryRow.state, sa.func.count())
                .where(col(DeliveryRow.state).in_(TROUBLE))
                .group_by(DeliveryRow.state)
            ).all()
        )
    return Overview(
        since=since,
        batches=batches,
        lines_in=int(lines_in),
        parsed=int(parsed),
        rejected=int(rejected),
        incidents=sum(by_severity.values()),
        eligible=eligible,
        tickets=tickets,
        open_tickets=len(clocks),
        sla_at_risk=sum(one.state is SlaState.AT_RISK for one in clocks),
        sla_overdue=sum(one.state is SlaState.OVERDUE for one in clocks),
        trouble=sum(troubled.values()),
        dead=troubled.get("dead", 0),
        by_severity={band.value: by_severity.get(band.value, 0) for band in Severity},
        by_class=by_class,
    )


def _sum(column: int) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(column), 0)


def _count_incidents(session: Session, column: str, since: datetime) -> dict[str, int]:
    rows = session.exec(
        select(column, sa.func.count()).where(col(IncidentRow.created_at) >= since).group_by(column)
    ).all()
    return dict(rows)


def incidents_per_hour(since: datetime) -> Mapping[str, Sequence[tuple[datetime, int]]]:
    """By severity: (the hour's begin in UTC, incidents found in it), hours without any left out."""
    with read_session() as session:
        dialect = session.get_bind().dialect.name
        hour: sa.ColumnElement[str] = (
            sa.func.to_char(col(IncidentRow.created_at).op("AT TIME ZONE")("UTC"), "YYYY-MM-DD HH24")
            if dialect == "postgresql"
            else sa.func.strftime("%Y-%m-%d %H", col(IncidentRow.created_at))
        )
        rows = session.exec(
            select(hour, IncidentRow.severity, sa.func.count())
            .where(col(IncidentRow.created_at) >= since)
            .group_by(hour, col(IncidentRow.severity))
            .order_by(hour)
        ).all()
    series: dict[str, list[tuple[datetime, int]]] = {}
    for text, severity, number in rows:
        moment = datetime.strptime(text, "%Y-%m-%d %H").replace(tzinfo=UTC)
        series.setdefault(severity, []).append((moment, number))
    return series


def latest_critical(*, since: datetime | None = None, limit: int = 8) -> Sequence[IncidentRow]:
    """The newest incidents of severity critical."""
    query = select(IncidentRow).where(IncidentRow.severity == Severity.CRITICAL.value)
    if since is not None:
        query = query.where(col(IncidentRow.created_at) >= since)
    with read_session() as session:
        return session.exec(
            query.order_by(
                col(IncidentRow.created_at).desc(), col(IncidentRow.score).desc(), col(IncidentRow.id)
            ).limit(limit)
        ).all()


@dataclass(frozen=True)
class Installation:
    """What is set up, and whether what the pages show is practice."""

    configured: tuple[str, ...]
    practice_configured: bool
    practice_rows: bool
    batches: int
    running: int

    @property
    def practice(self) -> bool:
        return self.practice_configured or self.practice_rows

    @property
    def fresh(self) -> bool:
        """Nothing was ever set up or processed here."""
        return not self.configured and not self.batches


def _is_in_environment(kind: str) -> bool:
    """Also where it is wrong there: the Integrations page says what is."""
    try:
        return config_from_env(kind) is not None
    except ConfigurationError:
        return True


def read_installation() -> Installation:
    """A few cheap look-ups; every page asks for them. Configuration counts wherever it comes from."""
    in_environment = {kind for kind in KINDS if _is_in_environment(kind)}
    with read_session() as session:
        stored = dict(session.exec(select(IntegrationRow.kind, IntegrationRow.practice)).all())
        rows = any(
            session.exec(select(key).where(col(flag).is_(True)).limit(1)).first() is not None
            for key, flag in (
                (TicketRow.key, TicketRow.practice),
                (BatchRow.id, BatchRow.practice),
                (DeliveryRow.id, DeliveryRow.practice),
            )
        )
        batches = session.exec(select(sa.func.count()).select_from(BatchRow)).one()
        running = session.exec(
            select(sa.func.count()).select_from(BatchRow).where(col(BatchRow.state).in_(ACTIVE))
        ).one()
    return Installation(
        configured=tuple(kind for kind in KINDS if kind in stored or kind in in_environment),
        practice_configured=any(stored.values()),
        practice_rows=rows,
        batches=batches,
        running=running,
    )
