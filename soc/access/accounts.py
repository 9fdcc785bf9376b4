"""Who may sign in: accounts by (issuer, subject), each of a person of the roster. Never by e-mail: addresses are given anew.

An identity that is not there is nobody. It becomes somebody when an administrator adds it, or when a provider names a
group that the table of roles knows (`SOC_ROLES`).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from soc.access.passwords import hash_password
from soc.access.people import add_person
from soc.access.scopes import AccessRole
from soc.audit.write import record
from soc.domain.actor import Actor, Known
from soc.domain.audit import Subject, SubjectKind
from soc.domain.people import LONGEST, one_line
from soc.errors import ConfigurationError, SocError
from soc.ids import new_id
from soc.store.nouns.people import accounts as stored
from soc.store.nouns.people.accounts import AccountRow
from soc.store.nouns.people.people import get_person
from soc.store.nouns.people.sessions import end_sessions

LOCAL = "local"
#: A one-time link is in force this long.
INVITED_FOR = timedelta(hours=24)


class NotInvited(SocError):
    """The one-time link was used, is over, or never was."""


@dataclass(frozen=True)
class Identity:
    """Whom a provider or a proxy names. `name` is for people; `groups` decide the role."""

    issuer: str
    subject: str
    name: str = ""
    groups: tuple[str, ...] = ()


def add_account(
    session: Session,
    identity: Identity,
    role: AccessRole,
    *,
    person_id: str = "",
    by_groups: bool = False,
    actor: Actor,
    now: datetime,
) -> AccountRow:
    """Of this person, or of a new one. Raises ConfigurationError where the identity is known, NotFound.

    A name that people type here is one line; whom a provider or a proxy names is kept to the letter, as it is compared.
    """
    subject = identity.subject
    if identity.issuer == LOCAL:
        subject = one_line(subject, "name to sign in with", needed=True)
    if stored.find_account(session, identity.issuer, subject) is not None:
        raise ConfigurationError(f"{subject} may sign in already.", hint="`soc users list` shows everybody.")
    if person_id:
        person = get_person(session, person_id)
    else:
        name = (identity.name.strip() or subject)[:LONGEST]
        person = add_person(session, {"name": name}, actor=actor, now=now)
        session.flush()
    row = AccountRow(
        id=new_id("acc"),
        person_id=person.id,
        issuer=identity.issuer,
        subject=subject,
        role=role.value,
        by_groups=by_groups,
        created_at=now,
        made_by=str(actor),
    )
    session.add(row)
    session.flush()
    told = {"account": row.id, "issuer": row.issuer, "subject": row.subject, "role": row.role}
    record(session, actor, "add account", Subject(SubjectKind.PERSON, person.id), after=told)
    return row


def role_of_groups(groups: Iterable[str], table: Mapping[str, AccessRole]) -> AccessRole | None:
    """The role that covers most of those that the groups give; auditor beside a lesser one is lost. None for none."""
    found = {table[group] for group in groups if group in table}
    return next((role for role in _GREATEST_FIRST if role in found), None)


_GREATEST_FIRST = (
    AccessRole.ADMIN,
    AccessRole.LEAD,
    AccessRole.ANALYST,
    AccessRole.AUDITOR,
    AccessRole.VIEWER,
)


def account_of(
    session: Session, identity: Identity, table: Mapping[str, AccessRole], *, now: datetime
) -> AccountRow | None:
    """The account of somebody whom a provider or a proxy vouches for, with the role that the groups give now.

    None for whoever may not come in: no account and no group of the table, or no group any more.
    """
    row = stored.find_account(session, identity.issuer, identity.subject)
    role = role_of_groups(identity.groups, table)
    if row is None:
        if role is None:
            return None
        provider = Actor.system("sign-in")
        row = add_account(session, identity, role, by_groups=True, actor=provider, now=now)
    row.groups = list(identity.groups)
    session.add(row)
    if row.by_groups:
        _set_role(session, row, role, actor=Actor.system("sign-in"))
    return row if may_come_in(session, row) else None


def may_come_in(session: Session, row: AccountRow) -> bool:
    """Whether somebody may begin a session: the account is in force, has a role, and the person is here."""
    return row.disabled_at is None and bool(row.role) and get_person(session, row.person_id).active


def apply_table(session: Session, table: Mapping[str, AccessRole], *, actor: Actor) -> list[AccountRow]:
    """Give everybody whose role follows from groups the role that the table gives now, by the groups of their last sign-in.

    Those whose role changed.
    """
    changed = []
    for row, _person in stored.list_accounts(session):
        before = row.role
        if row.by_groups:
            _set_role(session, row, role_of_groups(row.groups, table), actor=actor)
            changed += [row] if row.role != before else []
    return changed


def change_role(session: Session, account_id: str, role: AccessRole, *, actor: Actor) -> AccountRow:
    """From now on by hand: groups do not change it any more. Raises NotFound."""
    row = stored.get_account(session, account_id)
    row.by_groups = False
    _set_role(session, row, role, actor=actor)
    session.add(row)
    return row


def _set_role(session: Session, row: AccountRow, role: AccessRole | None, *, actor: Actor) -> None:
    before, after = row.role, "" if role is None else role.value
    if before == after:
        return
    row.role, row.changed_by = after, str(actor)
    session.add(row)
    subject = Subject(SubjectKind.PERSON, row.person_id)
    record(session, actor, "change role", subject, before={"role": before}, after={"role": after})


def disable_person(session: Session, person_id: str, *, actor: Actor, now: datetime) -> int:
    """Nobody signs in as this person from now on, and whoever did is out. Returns how many sessions ended."""
    ended = 0
    for row in stored.accounts_of(session, person_id):
        ended += end_sessions(session, row.id, now=now, ended_by=str(actor))
        if row.disabled_at is None:
            row.disabled_at, row.changed_by, row.invitation = now, str(actor), ""
            session.add(row)
            subject = Subject(SubjectKind.PERSON, person_id)
            record(session, actor, "disable account", subject, after={"account": row.id})
    return ended


def enable_person(session: Session, person_id: str, *, actor: Actor) -> None:
    """May sign in again; no earlier session comes back."""
    for row in stored.accounts_of(session, person_id):
        if row.disabled_at is not None:
            row.disabled_at, row.changed_by = None, str(actor)
            session.add(row)
            subject = Subject(SubjectKind.PERSON, person_id)
            record(session, actor, "enable account", subject, after={"account": row.id})


def invite(session: Session, account_id: str, *, actor: Actor, now: datetime) -> str:
    """A token for a one-time link by which a local account's password is set; an earlier one is over. Raises NotFound."""
    row = stored.get_account(session, account_id)
    if row.issuer != LOCAL:
        raise ConfigurationError("This account has no password here.", hint="Its provider keeps it.")
    token = secrets.token_urlsafe(32)
    row.invitation, row.invited_until, row.changed_by = _digest(token), now + INVITED_FOR, str(actor)
    session.add(row)
    subject = Subject(SubjectKind.PERSON, row.person_id)
    record(session, actor, "invite", subject, after={"account": row.id})
    return token


def invited(session: Session, token: str, *, now: datetime) -> AccountRow:
    """Whom this one-time link is for. Raises NotInvited."""
    row = stored.find_invited(session, _digest(token)) if token else None
    if row is None or row.disabled_at is not None or row.invited_until is None or row.invited_until < now:
        raise NotInvited("This link is not in force.", hint="It works once, for a day. Ask for a new one.")
    return row


def accept_invitation(session: Session, token: str, password: str, *, now: datetime) -> AccountRow:
    """Set the password that the link is for; the link is over, and so is every session. Raises NotInvited, ConfigurationError."""
    row = invited(session, token, now=now)
    here = Actor.person(row.person_id, Known.SIGNED_IN)
    row.password, row.invitation, row.invited_until, row.changed_by = (
        hash_password(password),
        "",
        None,
        str(here),
    )
    session.add(row)
    end_sessions(session, row.id, now=now, ended_by=str(here))
    record(
        session, here, "set password", Subject(SubjectKind.PERSON, row.person_id), after={"account": row.id}
    )
    return row


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
