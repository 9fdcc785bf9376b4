"""The audit as stored: one row an entry, one gapless chain. `soc.store.trail.chain` alone adds to it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.audit import REDACTED, Head, Subject, instant, read_side, read_value, write_opened
from soc.errors import NotFound
from soc.store.paging import Page, Sorts, read_page


class AuditRow(SQLModel, table=True):
    """An entry in its place. `body` is what is hashed, to the byte; `opened` holds the values that it commits to.

    The other columns say again what stands in those two, so that entries can be found; `soc audit verify` compares.
    """

    __tablename__ = "audit"
    __table_args__ = (
        sa.Index("ix_audit_subject", "subject_kind", "subject_id", "seq"),
        sa.Index("ix_audit_made_by", "made_by", "seq"),
        sa.Index("ix_audit_at", "at"),
        sa.Index("ix_audit_group", "group_id"),
    )

    #: 1, 2, 3 … without a gap.
    seq: int = Field(sa_column=sa.Column(sa.BigInteger(), primary_key=True, autoincrement=False))
    #: When it was done: UTC to the microsecond as text (`soc.domain.audit.instant`).
    at: str
    action: str
    subject_kind: str
    subject_id: str
    #: What was done at once has one group; "" for one alone.
    group_id: str = ""
    #: Who did it, as `str(Actor)`; "[redacted]" where that was taken away.
    made_by: str
    body: str = Field(sa_column=sa.Column(sa.Text(), nullable=False))
    opened: str = Field(sa_column=sa.Column(sa.Text(), nullable=False))
    #: SHA-256 of `body`, in hex.
    hash: str
    #: Ed25519 over `soc.domain.audit.head_bytes`, as base64.
    signature: str

    @property
    def values(self) -> dict[str, Any]:
        """By path: (salt, JSON of the value). What is missing was redacted."""
        found: dict[str, Any] = json.loads(self.opened)
        return found

    @property
    def commitments(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.body)["values"]
        return found

    @property
    def before(self) -> dict[str, Any]:
        return read_side(self.values, self.commitments, "before")

    @property
    def after(self) -> dict[str, Any]:
        return read_side(self.values, self.commitments, "after")

    @property
    def note(self) -> str:
        return read_value(self.values, "/note") or ""

    @property
    def whereabouts(self) -> str:
        """From where it was done; "" where nobody said."""
        return read_value(self.values, "/where") or ""

    @property
    def trace_id(self) -> str:
        """Of the trace that it was done in; "" where it was in none."""
        return read_value(self.values, "/trace") or ""


class AuditChainRow(SQLModel, table=True):
    """The end of the chain; who holds its lock may add to it. There is one row."""

    __tablename__ = "audit_chain"

    id: int = Field(default=1, primary_key=True)
    #: A random name that every entry repeats: no entry of another store fits in.
    chain: str
    seq: int = Field(sa_column=sa.Column(sa.BigInteger(), nullable=False))
    hash: str


def list_of_subject(session: Session, subject: Subject, *, limit: int = 200) -> Sequence[AuditRow]:
    """What was done to it, newest first."""
    query = (
        select(AuditRow)
        .where(AuditRow.subject_kind == subject.kind.value, AuditRow.subject_id == subject.id)
        .order_by(col(AuditRow.seq).desc())
        .limit(limit)
    )
    return session.exec(query).all()


def list_entries(session: Session, *, after: int = 0, limit: int = 500) -> Sequence[AuditRow]:
    """In the chain's order, those after this one."""
    return session.exec(
        select(AuditRow).where(col(AuditRow.seq) > after).order_by(col(AuditRow.seq)).limit(limit)
    ).all()


def read_end(session: Session) -> AuditChainRow | None:
    """Where the chain says that it ends; None where that is lost."""
    return session.get(AuditChainRow, 1)


def newest_head(session: Session) -> Head | None:
    """Of the newest entry; None before the first one."""
    row = session.exec(select(AuditRow).order_by(col(AuditRow.seq).desc()).limit(1)).first()
    if row is None:
        return None
    body = json.loads(row.body)
    return Head(body["chain"], row.seq, row.hash, row.at, body["key"], row.signature)


def count_entries(session: Session) -> int:
    return session.scalars(sa.select(sa.func.count()).select_from(AuditRow)).one()


#: What `raw_entries` gives of each entry.
COLUMNS = tuple(column.name for column in AuditRow.__table__.columns)  # type: ignore[attr-defined]


def raw_entries(session: Session, *, batch: int = 500) -> Iterator[tuple[Any, ...]]:
    """Each entry's COLUMNS as they lie in the database, in the order of `seq`; text is not even decoded on SQLite."""
    table: sa.Table = AuditRow.__table__  # type: ignore[attr-defined]
    sqlite = session.connection().dialect.name == "sqlite"
    columns = [
        sa.cast(one, sa.LargeBinary)
        if sqlite and one.name != "seq"
        else sa.type_coerce(one, sa.types.NullType())
        for one in table.columns
    ]
    query = sa.select(*columns).order_by(table.c.seq)
    yield from map(tuple, session.connection().execute(query.execution_options(yield_per=batch)))


def get_entry(session: Session, seq: int) -> AuditRow:
    """Raises NotFound."""
    row = session.get(AuditRow, seq) if 0 < seq < 2**63 else None
    if row is None:
        raise NotFound(f"The audit has no entry {seq}.", hint="`soc audit list` shows the newest.")
    return row


AUDIT_SORTS: Sorts = {"seq": ("seq",)}


def page_entries(
    session: Session,
    *,
    subjects: Sequence[Subject] = (),
    made_by: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    sort: str = "-seq",
    cursor: str = "",
    offset: int = 0,
    limit: int = 50,
) -> Page[AuditRow]:
    """Newest first unless told otherwise. `made_by` is `str(Actor)`; `since` and before `until` it was done."""
    return read_page(
        session,
        AuditRow,
        _conditions(subjects, made_by, since, until),
        sorts=AUDIT_SORTS,
        sort=sort,
        cursor=cursor,
        offset=offset,
        limit=limit,
    )


def stream_entries(
    session: Session,
    *,
    subjects: Sequence[Subject] = (),
    made_by: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[AuditRow]:
    """All of them in the chain's order, a part at a time."""
    query = select(AuditRow).where(*_conditions(subjects, made_by, since, until)).order_by(col(AuditRow.seq))
    for row in session.exec(query.execution_options(yield_per=500)):
        session.expunge(row)
        yield row


def _conditions(
    subjects: Sequence[Subject], made_by: str, since: datetime | None, until: datetime | None
) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if subjects:
        named = [
            sa.and_(col(AuditRow.subject_kind) == one.kind.value, col(AuditRow.subject_id) == one.id)
            for one in subjects
        ]
        conditions.append(sa.or_(*named))
    if made_by:
        conditions.append(col(AuditRow.made_by) == made_by)
    if since is not None:
        conditions.append(col(AuditRow.at) >= instant(since))
    if until is not None:
        conditions.append(col(AuditRow.at) < instant(until))
    return conditions


def open_less(session: Session, row: AuditRow, opened: Mapping[str, Any]) -> None:
    """Keep only these values of the entry; what it commits to stays."""
    row.opened = write_opened(opened)
    if "/actor" not in opened:
        row.made_by = REDACTED
    session.add(row)


def newest_before(session: Session, moment: datetime) -> AuditRow | None:
    """The last entry of the chain's beginning that was made before the moment, all those before it too."""
    kept = sa.select(sa.func.min(AuditRow.seq)).where(col(AuditRow.at) >= instant(moment)).scalar_subquery()
    query = select(AuditRow).where(sa.or_(kept.is_(None), col(AuditRow.seq) < kept))
    return session.exec(query.order_by(col(AuditRow.seq).desc()).limit(1)).first()


def delete_through(session: Session, seq: int) -> int:
    """The beginning of the chain; how many entries that were. The caller records where it begins from now on."""
    return session.connection().execute(sa.delete(AuditRow).where(col(AuditRow.seq) <= seq)).rowcount
