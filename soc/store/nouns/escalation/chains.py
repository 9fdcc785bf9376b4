"""Escalation chains as stored, each version of them kept: a ticket goes on by the one it was planned with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.actor import Actor
from soc.domain.escalation.chain import Chain
from soc.errors import NotFound
from soc.store.columns import json_value, moment
from soc.store.db import insert_ignoring


class ChainRow(SQLModel, table=True):
    """The chain as it is now. `created_at`: what was due before it is not told by it."""

    __tablename__ = "escalation_chains"

    id: str = Field(primary_key=True)
    name: str
    position: int
    enabled: bool
    version: int
    definition: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())
    created_at: datetime = Field(sa_column=moment(nullable=False))
    #: Who wrote it last, as `str(Actor)`.
    changed_by: str


class ChainVersionRow(SQLModel, table=True):
    """One version; nothing changes it."""

    __tablename__ = "escalation_chain_versions"
    __table_args__ = (UniqueConstraint("chain_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    chain_id: str
    version: int
    definition: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())
    created_at: datetime = Field(sa_column=moment(nullable=False))
    made_by: str


def list_chains(session: Session) -> list[Chain]:
    """In the order in which they are asked."""
    rows = session.exec(select(ChainRow).order_by(col(ChainRow.position), col(ChainRow.id))).all()
    return [Chain.model_validate(row.definition) for row in rows]


def get_chain(session: Session, chain_id: str) -> Chain:
    """Raises NotFound."""
    return Chain.model_validate(get_chain_row(session, chain_id).definition)


def get_chain_row(session: Session, chain_id: str) -> ChainRow:
    """Raises NotFound."""
    row = session.get(ChainRow, chain_id)
    if row is None:
        raise NotFound(f"There is no chain {chain_id}.", hint="List the chains for their ids.")
    return row


def find_version(session: Session, chain_id: str, version: int) -> Chain | None:
    """As it was in that version, also of a chain that is gone. A version stays what it is: one is read once in a transaction."""
    known: dict[tuple[str, int], Chain] = session.info.setdefault("chain versions", {})
    if (chain_id, version) not in known:
        row = ChainVersionRow
        found = session.exec(select(row).where(row.chain_id == chain_id, row.version == version)).first()
        if found is None:
            return None
        known[chain_id, version] = Chain.model_validate(found.definition)
    return known[chain_id, version]


def list_versions(session: Session, chain_id: str) -> Sequence[ChainVersionRow]:
    """The newest first."""
    row = ChainVersionRow
    query = select(row).where(row.chain_id == chain_id).order_by(col(row.version).desc())
    return session.exec(query).all()


def last_version(session: Session, chain_id: str) -> int:
    """0 where there was none."""
    return max((row.version for row in list_versions(session, chain_id)), default=0)


def keep_chain(session: Session, chain: Chain, *, actor: Actor, now: datetime) -> None:
    """The chain is this from now on; its version is kept beside the earlier ones."""
    columns = _columns(chain, actor)
    row = session.get(ChainRow, chain.id) or ChainRow(id=chain.id, created_at=now, **columns)
    for name, value in columns.items():
        setattr(row, name, value)
    session.add(row)
    session.add(_version(chain, actor=actor, now=now))
    session.flush()


def keep_first(session: Session, chain: Chain, *, actor: Actor, now: datetime) -> None:
    """As `keep_chain`, unless there is one of its id: of several who do so at once one keeps it."""
    new = {"id": chain.id, "created_at": now, **_columns(chain, actor)}
    if insert_ignoring(session, ChainRow, [new]):
        session.add(_version(chain, actor=actor, now=now))
        session.flush()


def _columns(chain: Chain, actor: Actor) -> dict[str, Any]:
    return {
        "name": chain.name,
        "position": chain.position,
        "enabled": chain.enabled,
        "version": chain.version,
        "definition": chain.model_dump(mode="json"),
        "changed_by": str(actor),
    }


def _version(chain: Chain, *, actor: Actor, now: datetime) -> ChainVersionRow:
    return ChainVersionRow(
        chain_id=chain.id,
        version=chain.version,
        definition=chain.model_dump(mode="json"),
        created_at=now,
        made_by=str(actor),
    )


def delete_chain(session: Session, chain_id: str) -> None:
    """Its versions stay: tickets go on by them. Raises NotFound."""
    session.delete(get_chain_row(session, chain_id))
    session.flush()


def find_created_at(session: Session, chain_id: str) -> datetime | None:
    """Since when there is the chain, also one that is gone; None where it never was."""
    row = ChainVersionRow
    query = select(row.created_at).where(row.chain_id == chain_id).order_by(col(row.version)).limit(1)
    return session.exec(query).first()
