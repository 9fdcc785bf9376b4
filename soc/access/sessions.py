"""Who is signed in: a session row of our own behind a cookie, so that it can be listed, and ended at once.

The cookie is 256 random bits; the row keeps their digest. A session is over when it was ended, when nothing was done in
it for `SOC_SESSION_IDLE_MINUTES`, when it is `SOC_SESSION_HOURS` old, and when its account is disabled, has no
role or its person left. Each question asks the store: there is nothing to wait for.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from soc import clock
from soc.access.scopes import AccessRole, Scope
from soc.audit.write import record
from soc.domain.actor import Actor, Known
from soc.domain.audit import Subject, SubjectKind
from soc.errors import SocError
from soc.ids import new_id
from soc.settings import get_settings
from soc.store.db import read_session, write_session
from soc.store.nouns.people import sessions as stored
from soc.store.nouns.people.accounts import AccountRow
from soc.store.nouns.people.sessions import SessionRow, Signed
from soc.store.unchanged import while_unchanged

_WRITTEN = re.compile(r"[A-Za-z0-9_-]{43}")
#: "Last seen" is a matter of minutes; it is not worth a write at every click.
_SEEN_PRECISION = timedelta(minutes=1)
#: Rows are kept this long after they began, for whoever asks who was here.
_KEPT = timedelta(days=30)
_LONGEST_AGENT = 200


class SignedOut(SocError):
    """Whoever asks is not signed in any more."""

    def __init__(self) -> None:
        super().__init__("You are signed out.", hint="Sign in again.")


class NotAllowed(SocError):
    """The role does not cover what was asked. Whoever catches it calls `tell`, outside any transaction."""

    def __init__(self, seat: Seat, needed: Scope, what: str) -> None:
        super().__init__(
            "Your role does not cover this.",
            hint=f"It needs “{needed}”; your role “{seat.role}” has “{seat.scope}”. An administrator can change it.",
        )
        self._about = seat, needed, what

    def tell(self) -> None:
        """Have the audit keep who asked for what."""
        seat, needed, what = self._about
        refuse(seat.actor, Subject(SubjectKind.PERSON, seat.person_id), what, needed, seat.role.value)


@dataclass(frozen=True)
class Seat:
    """Who sits at a browser that is signed in."""

    session_id: str
    account_id: str
    person_id: str
    name: str
    issuer: str
    subject: str
    role: AccessRole
    began_at: datetime
    seen_at: datetime

    @property
    def scope(self) -> Scope:
        return self.role.scope

    @property
    def actor(self) -> Actor:
        return Actor.person(self.person_id, Known.SIGNED_IN)


def in_force() -> bool:
    """Whether people have to sign in here."""
    return bool(get_settings().sign_in)


def begin_session(
    session: Session, account: AccountRow, *, address: str, agent: str, now: datetime
) -> tuple[SessionRow, str]:
    """A session of its own for this sign-in: its row, and what the cookie holds, which cannot be shown again."""
    token = secrets.token_urlsafe(32)
    actor = Actor.person(account.person_id, Known.SIGNED_IN)
    row = SessionRow(
        id=new_id("ses"),
        digest=_digest(token),
        account_id=account.id,
        created_at=now,
        seen_at=now,
        address=address[:_LONGEST_AGENT],
        agent="".join(one for one in agent if one.isprintable())[:_LONGEST_AGENT],
        made_by=str(actor),
    )
    stored.forget_sessions(session, before=now - _KEPT)
    session.add(row)
    account.signed_in_at = now
    session.add(account)
    told = {"session": row.id, "issuer": account.issuer}
    record(session, actor, "sign in", Subject(SubjectKind.PERSON, account.person_id), after=told)
    return row, token


def find_seat(token: str) -> Seat | None:
    """Who signed in with this cookie and still is; None for nobody. Raises what the store raises."""
    if not _WRITTEN.fullmatch(token):
        return None
    seat = _seat_of(_digest(token))
    return seat if seat is not None and _lasts(seat, clock.now()) else None


def _lasts(seat: Seat, now: datetime) -> bool:
    settings = get_settings()
    return now < seat.began_at + timedelta(hours=settings.session_hours) and now < seat.seen_at + timedelta(
        minutes=settings.session_idle_minutes
    )


@while_unchanged
def _seat_of(digest: str) -> Seat | None:
    with read_session() as session:
        found = stored.find_session(session, digest)
    return None if found is None else to_seat(found)


def to_seat(found: Signed) -> Seat | None:
    """None where the account or the person may not be here any more."""
    row, account, person = found
    if account.disabled_at is not None or not person.active or account.role not in list(AccessRole):
        return None
    return Seat(
        session_id=row.id,
        account_id=account.id,
        person_id=person.id,
        name=person.name,
        issuer=account.issuer,
        subject=account.subject,
        role=AccessRole(account.role),
        began_at=row.created_at,
        seen_at=row.seen_at,
    )


def note_use(seat: Seat) -> None:
    """Somebody does something in this session: its idle time begins anew."""
    now = clock.now()
    if now - seat.seen_at > _SEEN_PRECISION:
        with write_session(sign_of_life=True) as session:
            stored.touch_session(session, seat.session_id, now=now)


def allow(seat: Seat, needed: Scope, what: str) -> None:
    """Raises NotAllowed where the role does not cover it."""
    if not seat.scope.covers(needed):
        raise NotAllowed(seat, needed, what)


def refuse(actor: Actor, subject: Subject, what: str, needed: Scope, has: str) -> None:
    """Tell the audit of somebody known who asked for more than they may."""
    with write_session() as session:
        told = {"asked": what[:200], "needs": needed.value, "has": has}
        record(session, actor, "refuse", subject, after=told)


def end_session(session: Session, session_id: str, *, actor: Actor, now: datetime) -> SessionRow:
    """Whoever signed in there is out, at once; again is no change. Raises NotFound."""
    row = stored.get_session(session, session_id)
    if row.ended_at is None:
        row.ended_at, row.ended_by = now, str(actor)
        session.add(row)
        subject = Subject(SubjectKind.PERSON, Actor.parse(row.made_by).id)
        action = "sign out" if str(actor) == row.made_by else "end session"
        record(session, actor, action, subject, after={"session": row.id})
    return row


def living_sessions(session: Session, *, account_id: str = "") -> list[tuple[Seat, SessionRow]]:
    """Those in which somebody is signed in now, the last used first: one account's, or everybody's."""
    now = clock.now()
    since = now - timedelta(hours=get_settings().session_hours)
    found = [
        (to_seat(one), one[0]) for one in stored.list_sessions(session, since=since, account_id=account_id)
    ]
    return [(seat, row) for seat, row in found if seat is not None and _lasts(seat, now)]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
