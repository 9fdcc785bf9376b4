"""What incidents are found by, as stored: a number for each incident, and its terms in an index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Integer, String
from sqlmodel import Field, Session, SQLModel, col

from soc.domain.search import terms_of
from soc.store.db import insert_ignoring
from soc.store.paging import portions


class SearchDocumentRow(SQLModel, table=True):
    """An incident's number. The later it was found the higher, and of one batch the gravest highest."""

    __tablename__ = "search_documents"

    doc: int | None = Field(default=None, primary_key=True)
    incident_id: str = Field(unique=True)


class SearchTermRow(SQLModel, table=True):
    """One term of one incident. Compared byte by byte in every database, so that beginnings are a range."""

    __tablename__ = "search_terms"
    __table_args__ = ({"sqlite_with_rowid": False},)

    term: str = Field(
        sa_column=Column(String().with_variant(String(collation="C"), "postgresql"), primary_key=True)
    )
    #: No declared pointer: it would be looked up for every term that is written.
    doc: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))


def add_terms(session: Session, incidents: Iterable[Mapping[str, Any]], *, sort: bool = True) -> None:
    """Make these incidents (their stored values by name) findable; those that are already stay as they are.

    `sort`: they were found together, so that the gravest is to stand first; otherwise they come in their order.
    """
    todo = sorted(incidents, key=lambda one: int(one["score"])) if sort else list(incidents)
    for some in portions(todo):
        _add(session, some)


def change_terms(session: Session, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Make an incident (its stored values, as they were and as they are) no longer findable by what left it."""
    row, gone = SearchTermRow, set(terms_of(before)) - set(terms_of(after))
    document = sa.select(col(SearchDocumentRow.doc)).where(
        col(SearchDocumentRow.incident_id) == str(after["id"])
    )
    doc = session.scalar(document)
    if doc is not None and gone:
        session.connection().execute(sa.delete(row).where(col(row.doc) == doc, col(row.term).in_(gone)))
    add_terms(session, [after])


def _add(session: Session, incidents: Sequence[Mapping[str, Any]]) -> None:
    row = SearchDocumentRow
    ids = [str(one["id"]) for one in incidents]
    insert_ignoring(session, row, [{"incident_id": one} for one in ids])
    found = session.connection().execute(
        sa.select(col(row.incident_id), col(row.doc)).where(col(row.incident_id).in_(ids))
    )
    docs = {one[0]: one[1] for one in found}
    pairs = sorted((term, docs[str(one["id"])]) for one in incidents for term in terms_of(one))
    connection = session.connection()
    # many short rows: as the driver takes them, for half of what SQLAlchemy would need to read the values
    marks = "%s, %s" if connection.dialect.name == "postgresql" else "?, ?"
    statement = f"INSERT INTO search_terms (term, doc) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608
    if pairs:  # the driver takes no pairs for one call without values
        connection.exec_driver_sql(statement, pairs)
