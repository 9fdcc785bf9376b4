"""The last step of every sign-in: a new session in this browser, in the place of any that was there."""

from __future__ import annotations

from sqlmodel import Session
from starlette.requests import Request

from soc import clock
from soc.access.sessions import begin_session, end_session, find_seat
from soc.serving.signin.asked import address_of, session_token
from soc.store.nouns.people.accounts import AccountRow


def begin_here(session: Session, request: Request, account: AccountRow) -> str:
    """A new session in this browser, never one that was there before: that one ends. What its cookie holds."""
    now = clock.now()
    before = find_seat(session_token(request))
    if before is not None:
        end_session(session, before.session_id, actor=before.actor, now=now)
    agent = request.headers.get("user-agent", "")
    return begin_session(session, account, address=address_of(request), agent=agent, now=now)[1]
