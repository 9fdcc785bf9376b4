"""The search: incidents by ids, ticket keys, ATT&CK techniques, words and entities, the newest first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from soc.domain.search import Span, Wanted, read_query
from soc.store.columns import whose
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.incidents.search_terms import SearchDocumentRow, SearchTermRow
from soc.store.nouns.tickets.tickets import TicketRow

#: The letters of a Jira project, a hyphen, and the number or its beginning.
_KEY = re.compile(r"[a-z][a-z0-9_]*-\d*")
#: A question for the numbers of incidents.
_Numbers = sa.Select[Any] | sa.CompoundSelect[Any]


@dataclass(frozen=True)
class Found:
    """A page of what was found, and how many in all."""

    incidents: Sequence[IncidentRow]
    total: int


def find_incidents(
    session: Session,
    query: str,
    *,
    owners: tuple[str, ...] | None = None,
    offset: int = 0,
    limit: int = 50,
) -> Found:
    """The incidents in which every word of the query is found, the last found first; none for an empty query.

    `owners`: only those of these people, by id ("": nobody's).
    """
    wanted = read_query(query)
    if not wanted:
        return Found((), 0)
    narrow = [one for one in wanted if one.whole or not _begins_every_id(session, one.word)]
    if not narrow and owners is None:
        return _everything(session, offset=offset, limit=limit)
    every: _Numbers = sa.select(col(SearchDocumentRow.doc))
    first, *others = [_matching(session, one).subquery() for one in narrow] or [every.subquery()]
    both = [first.c.doc.in_(sa.select(other.c.doc)) for other in others]
    if owners is not None:
        both.append(first.c.doc.in_(_owned(owners)))
    docs = sa.select(first.c.doc).where(*both).distinct().cte("docs")
    count = sa.select(sa.func.count()).select_from(docs).scalar_subquery()
    # what is to be counted is gathered once for the count and the page
    page = sa.select(docs.c.doc, count).order_by(docs.c.doc.desc()).offset(offset or None).limit(limit)
    rows = session.connection().execute(page).all()
    if not rows:
        total = session.scalar(sa.select(count)) or 0 if offset else 0
        return Found((), total)
    return Found(_incidents(session, [row[0] for row in rows]), rows[0][1])


def _everything(session: Session, *, offset: int, limit: int) -> Found:
    doc = col(SearchDocumentRow.doc)
    total = session.scalar(sa.select(sa.func.count()).select_from(SearchDocumentRow)) or 0
    page = sa.select(doc).order_by(doc.desc()).offset(offset or None).limit(limit)
    docs = [one for one in session.scalars(page) if one is not None]
    return Found(_incidents(session, docs), total)


def _incidents(session: Session, docs: Sequence[int]) -> Sequence[IncidentRow]:
    row = SearchDocumentRow
    query = (
        sa.select(IncidentRow)
        .join(row, col(row.incident_id) == col(IncidentRow.id))
        .where(col(row.doc).in_(docs))
        .order_by(col(row.doc).desc())
    )
    return session.scalars(query).all()


def _matching(session: Session, wanted: Wanted) -> _Numbers:
    """The numbers of the incidents that have this word; as a whole where it is one, otherwise as a beginning."""
    key = wanted.word.upper()
    keyed = bool(_KEY.fullmatch(wanted.word))
    whole = [_in(span) for span in wanted.whole] + ([_keyed(col(TicketRow.key) == key)] if keyed else [])
    if whole:
        exact = _either(whole)
        if session.scalar(sa.select(sa.exists(exact.limit(1)))):
            return exact
    begun = [_in(span) for span in wanted.begun]
    if keyed:
        begun.append(_keyed(col(TicketRow.key).startswith(key, autoescape=True)))
    return _either(begun)


def _begins_every_id(session: Session, word: str) -> bool:
    """Whether every incident's id begins so, told by the first and the last alone: then all are found, and no term is read.

    Not on PostgreSQL, whose order of texts may be a language's: what stands between two there need not begin as both do.
    """
    if session.get_bind().dialect.name != "sqlite":
        return False
    name = col(SearchDocumentRow.incident_id)
    ends = [sa.select(end(name)).scalar_subquery() for end in (sa.func.min, sa.func.max)]
    return all(
        one is not None and one.startswith(word)
        for one in session.connection().execute(sa.select(*ends)).one()
    )


def _owned(owners: tuple[str, ...]) -> sa.Select[Any]:
    row, incident = SearchDocumentRow, IncidentRow
    joined = sa.select(col(row.doc)).join(incident, col(incident.id) == col(row.incident_id))
    return joined.where(whose(col(incident.owner), owners))


def _in(span: Span) -> sa.Select[Any]:
    term = col(SearchTermRow.term)
    inside = term == span.low if span.low == span.high else sa.and_(term >= span.low, term <= span.high)
    return sa.select(col(SearchTermRow.doc)).where(inside)


def _keyed(condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """By the key of its ticket, as it is now: a ticket may have moved to another project."""
    row = SearchDocumentRow
    joined = sa.select(col(row.doc)).join(TicketRow, col(TicketRow.incident_id) == col(row.incident_id))
    return joined.where(condition)


def _either(
    queries: Sequence[sa.Select[Any]],
) -> _Numbers:
    return queries[0] if len(queries) == 1 else sa.union_all(*queries)
