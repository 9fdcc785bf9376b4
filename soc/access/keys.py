"""API keys: made once and shown once, kept as digests, scoped, revocable.

A key is 160 random bits, so a plain SHA-256 is enough: there is nothing to guess that a slow hash would slow down.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from soc.access.scopes import AccessRole, Scope
from soc.audit.write import record
from soc.domain.actor import Actor, Known
from soc.domain.audit import Subject, SubjectKind
from soc.errors import ConfigurationError
from soc.ids import new_id
from soc.store.nouns.people import keys as stored
from soc.store.nouns.people.keys import ApiKeyRow
from soc.store.nouns.people.people import get_person
from soc.store.nouns.people.service_accounts import find_service_account

_PREFIX = "soc_"
_WRITTEN = re.compile(r"soc_[A-Za-z0-9_-]{27}")
LONGEST_NAME = 80
#: So much of a key is kept and shown, to know it again by; 136 bits stay unknown.
_HINT = 8
#: "Last used" is a matter of minutes; it is not worth a write at every call.
_USE_PRECISION = timedelta(minutes=1)


@dataclass(frozen=True)
class Holder:
    """Who calls with a key that is in force."""

    key_id: str
    name: str
    scope: Scope
    stale: bool  # whether its last use is worth writing down

    @property
    def actor(self) -> Actor:
        return Actor.key(self.key_id)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def is_key(text: str) -> bool:
    """Whether it is written as our keys are; what is not need not be looked for."""
    return _WRITTEN.fullmatch(text) is not None


def make_key(
    session: Session,
    name: str,
    scope: Scope,
    *,
    actor: Actor,
    now: datetime,
    lasts: timedelta | None = None,
    owner: str = "",
    follows: str = "",
) -> tuple[ApiKeyRow, str]:
    """A new key: its row, and the key itself, which cannot be shown again. Raises ConfigurationError without a name.

    It belongs to `owner` (as `find_owner` gives it), else to the person who signed in and makes it. Raises ConfigurationError where
    the owner's role does not cover the scope.
    """
    clean = " ".join(name.split())[:LONGEST_NAME]
    if not clean:
        raise ConfigurationError("The key has no name.", hint="Name it after the program that will use it.")
    if not follows and _within_owner(session, scope, owner) is not scope:
        raise ConfigurationError(
            f"The owner's role does not cover “{scope}”.",
            hint="Make a key that may less, or change the role.",
        )
    key = _PREFIX + secrets.token_urlsafe(20)
    row = ApiKeyRow(
        id=new_id("key"),
        name=clean,
        digest=_digest(key),
        hint=key[:_HINT],
        owner=owner or (actor.id if actor.of_roster and actor.known is Known.SIGNED_IN else ""),
        expires_at=None if lasts is None else now + lasts,
        follows=follows,
        scope=scope.value,
        created_at=now,
        made_by=str(actor),
    )
    session.add(row)
    subject = Subject(SubjectKind.KEY, row.id)
    record(session, actor, "make", subject, after={"name": clean, "scope": scope})
    return row, key


def check_key(session: Session, key: str, *, now: datetime) -> Holder | None:
    """Who holds this key; None where it is mistyped, revoked or over, or its owner may not come in any more."""
    row = stored.find_by_digest(session, _digest(key))
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        return None
    scope = _within_owner(session, Scope(row.scope), row.owner)
    if scope is None:
        return None
    stale = row.last_used_at is None or now - row.last_used_at > _USE_PRECISION
    return Holder(key_id=row.id, name=row.name, scope=scope, stale=stale)


def _within_owner(session: Session, scope: Scope, owner: str) -> Scope | None:
    """A key may no more than its owner may now; None where that is nothing."""
    roles = stored.roles_of_owner(session, owner) if owner else None
    if roles is None:
        return scope
    return scope.within([AccessRole(role).scope for role in roles if role in list(AccessRole)])


def find_owner(session: Session, given: str) -> str:
    """The id of a person (per-…) or of a service account (svc-…, or its name). Raises NotFound, ConfigurationError for a disabled one."""
    program = find_service_account(session, given)
    if program is None:
        return get_person(session, given).id
    if program.disabled_at is not None:
        raise ConfigurationError(f"{program.name} is disabled.", hint=f"`soc users enable {program.id}`.")
    return program.id


def rotate_key(
    session: Session, key_id: str, *, overlap: timedelta, actor: Actor, now: datetime
) -> tuple[ApiKeyRow, str]:
    """A key in the place of this one, as made for the same program; the old one is in force for the overlap, no longer.

    Lasts as long as the old one was meant to. Raises NotFound, ConfigurationError for a key that is not in force.
    """
    old = stored.get_key(session, key_id)
    if old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= now):
        raise ConfigurationError("This key is not in force.", hint="Make a new one.")
    lasts = None if old.expires_at is None else old.expires_at - old.created_at
    made = make_key(
        session,
        old.name,
        Scope(old.scope),
        actor=actor,
        now=now,
        lasts=lasts,
        owner=old.owner,
        follows=key_id,
    )
    ends = now + overlap
    old.expires_at = ends if old.expires_at is None else min(ends, old.expires_at)
    session.add(old)
    after = {"ends": old.expires_at.isoformat(), "by": made[0].id}
    record(session, actor, "rotate", Subject(SubjectKind.KEY, key_id), after=after)
    return made


def revoke_key(session: Session, key_id: str, *, actor: Actor, now: datetime) -> ApiKeyRow:
    """Put a key out of force, at once and for good; again is no change. Raises NotFound."""
    row = stored.get_key(session, key_id)
    if row.revoked_at is None:
        row.revoked_at, row.revoked_by = now, str(actor)
        session.add(row)
        record(session, actor, "revoke", Subject(SubjectKind.KEY, key_id), before={"name": row.name})
    return row
