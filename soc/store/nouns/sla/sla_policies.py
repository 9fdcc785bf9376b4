"""SLA policies as stored: every version that ever was, and which of them are in force, in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from soc import clock
from soc.domain.actor import Actor
from soc.domain.sla.calendar import ALWAYS, Calendar
from soc.domain.sla.policy import DEFAULT_POLICY, GUIDE_POLICY, Policy
from soc.errors import NotFound
from soc.store.columns import json_value, moment
from soc.store.db import read_session


class SlaPolicyVersionRow(SQLModel, table=True):
    """Never changed and never deleted: tickets are stamped with it."""

    __tablename__ = "sla_policy_versions"

    id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    body: dict[str, Any] = Field(sa_column=json_value())
    made_at: datetime = Field(sa_column=moment(nullable=False))
    made_by: str


class SlaPolicyInForceRow(SQLModel, table=True):
    """The version that new tickets get, and the place at which it is asked; the first that takes a ticket wins."""

    __tablename__ = "sla_policies_in_force"

    id: str = Field(primary_key=True)
    version: int
    position: int
    changed_by: str


@lru_cache(maxsize=256)
def _read(text: bytes) -> Policy:
    return Policy.model_validate_json(text)


def read_body(body: Mapping[str, Any]) -> Policy:
    """A stored policy; each is checked once in a process."""
    return _read(orjson.dumps(body))


@lru_cache(maxsize=256)
def _calendar(text: bytes) -> Calendar:
    return _read(text).time.calendar()


class Versions:
    """The policies and calendars by their versions, read as they are asked for, each once in a transaction: versions stay."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._bodies: dict[tuple[str, int], bytes] = session.info.setdefault("policy versions", {})

    def policy(self, policy: str, version: int) -> Policy:
        """The guide's where there is no such version: rows of before policies had versions."""
        text = self._body(policy, version)
        return _read(text) if text else GUIDE_POLICY

    def calendar(self, policy: str, version: int) -> Calendar:
        text = self._body(policy, version)
        return _calendar(text) if text else ALWAYS

    def _body(self, policy: str, version: int) -> bytes:
        key = (policy, version)
        if key not in self._bodies:
            row = self._session.get(SlaPolicyVersionRow, key)
            if row is None:
                return b""
            self._bodies[key] = orjson.dumps(row.body)
        return self._bodies[key]


def list_in_force(session: Session) -> Sequence[tuple[Policy, int]]:
    """The policies with their versions, in the order in which they are asked; the default is the last."""
    row, kept = SlaPolicyInForceRow, SlaPolicyVersionRow
    query = (
        select(kept.body, kept.version)
        .join(row, sa.and_(col(row.id) == col(kept.id), col(row.version) == col(kept.version)))
        .order_by(col(row.id) == DEFAULT_POLICY, col(row.position), col(row.id))
    )
    return [(read_body(body), version) for body, version in session.exec(query)]


def policies_in_force() -> Sequence[Policy]:
    """For whoever is called from outside: the guide's own where the store was never made."""
    with read_session() as session:
        made = sa.inspect(session.connection()).has_table(SlaPolicyInForceRow.__tablename__)
        return [policy for policy, _ in list_in_force(session)] if made else [GUIDE_POLICY]


def get_in_force(session: Session, policy_id: str) -> tuple[Policy, int]:
    """Raises NotFound."""
    for policy, version in list_in_force(session):
        if policy.id == policy_id:
            return policy, version
    raise NotFound(f"There is no SLA policy “{policy_id}”.", hint="List them with: soc sla policies")


def list_versions(session: Session, policy_id: str) -> Sequence[SlaPolicyVersionRow]:
    """Every version of it, the newest first; also of one that is no longer in force."""
    row = SlaPolicyVersionRow
    return session.exec(select(row).where(row.id == policy_id).order_by(col(row.version).desc())).all()


def put_version(session: Session, policy: Policy, *, actor: Actor) -> int:
    """A new version of it comes into force, at its old place or (a new one) as the last before the default."""
    versions = list_versions(session, policy.id)
    number = versions[0].version + 1 if versions else 1
    body = policy.model_dump(mode="json")
    session.add(
        SlaPolicyVersionRow(id=policy.id, version=number, body=body, made_at=clock.now(), made_by=str(actor))
    )
    row = session.get(SlaPolicyInForceRow, policy.id)
    if row is None:
        last = session.exec(select(sa.func.max(SlaPolicyInForceRow.position))).one()
        row = SlaPolicyInForceRow(
            id=policy.id, version=number, position=(last or 0) + 1, changed_by=str(actor)
        )
    row.version, row.changed_by = number, str(actor)
    session.add(row)
    session.flush()
    return number
