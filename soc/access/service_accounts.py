"""Accounts of programs: no person, no password, no session; they own keys, and a disabled one's keys open nothing."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from soc.access.scopes import AccessRole
from soc.audit.write import record
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.domain.people import one_line
from soc.errors import ConfigurationError
from soc.ids import new_id
from soc.store.nouns.people.accounts import list_accounts
from soc.store.nouns.people.service_accounts import (
    PREFIX,
    ServiceAccountRow,
    find_service_account,
    get_service_account,
)
from soc.store.nouns.people.teams import find_team, get_team


def add_service_account(
    session: Session, name: str, role: AccessRole, *, team: str = "", actor: Actor, now: datetime
) -> ServiceAccountRow:
    """`team`: by id or name, "" for none. Raises ConfigurationError where the name is empty or taken, NotFound."""
    clean = one_line(name, "service account's name", needed=True)
    taken = {account.subject.casefold() for account, _ in list_accounts(session)}
    if find_service_account(session, clean) is not None or clean.casefold() in taken:
        raise ConfigurationError(f"There is an account {clean} already.", hint="Choose another name.")
    found = find_team(session, team) if team else None
    row = ServiceAccountRow(
        id=new_id(PREFIX),
        name=clean,
        role=role.value,
        team_id=found.id if found else get_team(session, team).id if team else None,
        created_at=now,
        made_by=str(actor),
    )
    session.add(row)
    session.flush()
    told = {"name": row.name, "role": row.role, "team": row.team_id}
    record(session, actor, "add account", _subject(row), after=told)
    return row


def change_service_role(
    session: Session, account_id: str, role: AccessRole, *, actor: Actor
) -> ServiceAccountRow:
    """Its keys may no more than this from the next call on. Raises NotFound."""
    row = get_service_account(session, account_id)
    if row.role != role:
        before, row.role, row.changed_by = row.role, role.value, str(actor)
        session.add(row)
        record(
            session, actor, "change role", _subject(row), before={"role": before}, after={"role": row.role}
        )
    return row


def switch_service_account(
    session: Session, account_id: str, *, enabled: bool, actor: Actor, now: datetime
) -> ServiceAccountRow:
    """Let its keys in again, or none of them from the next call on; again is no change. Raises NotFound."""
    row = get_service_account(session, account_id)
    if enabled is (row.disabled_at is not None):
        row.disabled_at, row.changed_by = None if enabled else now, str(actor)
        session.add(row)
        record(session, actor, "enable account" if enabled else "disable account", _subject(row))
    return row


def _subject(row: ServiceAccountRow) -> Subject:
    return Subject(SubjectKind.SERVICE_ACCOUNT, row.id)
