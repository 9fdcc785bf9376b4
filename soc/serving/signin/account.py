"""`/account`: who one is here, one's sessions, one's one-time codes; for an administrator, everybody's sessions."""

from __future__ import annotations

from html import escape

from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from soc import clock
from soc.access.accounts import LOCAL, disable_person, enable_person
from soc.access.local import NotThem, begin_codes, change_password, confirm_codes
from soc.access.scopes import Scope
from soc.access.sessions import Seat, allow, end_session, living_sessions
from soc.serving.signin import pages
from soc.serving.signin.asked import address_of, at_the_store, base_below, field, form_of, onward, seat_of
from soc.serving.signin.guesses import wait_for
from soc.serving.signin.paths import ACCOUNT, SIGN_IN, SIGN_OUT
from soc.store.db import read_session, write_session
from soc.store.nouns.people.accounts import get_account, list_accounts
from soc.store.nouns.people.people import get_person


async def show_account(request: Request) -> Response:
    """The page; and what its buttons do."""
    base = base_below(request, ACCOUNT)
    seat = await seat_of(request)
    if seat is None:
        return onward(f"{base}{SIGN_IN}")
    said = ""
    if request.method == "POST":
        form = await form_of(request)
        if field(form, "act") == "password" and (wait := wait_for(seat.subject, address_of(request))):
            return pages.page(
                "Your account", pages.told("Too many tries.", f"Wait {wait:.0f} s."), status=429
            )
        said = await at_the_store(lambda: _act(seat, form), request)
        if await seat_of(request) is None:  # it was this one that ended
            return onward(f"{base}{SIGN_IN}")
    body = await at_the_store(lambda: _drawn(seat, base), request)
    return pages.page("Your account", said + body)


def _act(seat: Seat, form: FormData) -> str:
    """Do what a button says. Raises NotAllowed, NotFound, ConfigurationError."""
    act, now = field(form, "act"), clock.now()
    if act == "end":
        return _end(seat, field(form, "session"))
    if act in ("disable", "enable"):
        allow(seat, Scope.ADMIN, f"{act} a person")
        return _switch(seat, field(form, "person"), on=act == "enable")
    with write_session() as session:
        if act == "password":
            return _change(session, seat, form)
        if act == "others":
            _end_others(session, seat)
            return pages.told("Your other sessions have ended.", good=True)
        if act == "codes":
            row = get_account(session, seat.account_id)
            return _codes_form(*begin_codes(row)) if row.issuer == LOCAL and not row.totp else ""
        if act == "confirm":
            confirm_codes(session, seat.account_id, field(form, "sealed"), field(form, "code"), now=now)
            return pages.told("From now on a code is asked for when you sign in.", good=True)
    return ""


def _end(seat: Seat, session_id: str) -> str:
    """One's own; anybody's, for an administrator."""
    with read_session() as session:
        mine = {one.session_id for one, _row in living_sessions(session, account_id=seat.account_id)}
    if session_id not in mine:
        allow(seat, Scope.ADMIN, "end another's session")
    with write_session() as session:
        end_session(session, session_id, actor=seat.actor, now=clock.now())
    return pages.told("That session has ended.", good=True)


def _change(session: Session, seat: Seat, form: FormData) -> str:
    """A new password, for whoever knows the old one; every other session ends."""
    if field(form, "password") != field(form, "again"):
        return pages.told("The two are not the same.")
    try:
        change_password(session, seat.account_id, field(form, "old"), field(form, "password"))
    except NotThem:
        return pages.told("The old password is wrong.")
    _end_others(session, seat)
    return pages.told("Changed. Your other sessions have ended.", good=True)


def _end_others(session: Session, seat: Seat) -> None:
    for one, _row in living_sessions(session, account_id=seat.account_id):
        if one.session_id != seat.session_id:
            end_session(session, one.session_id, actor=seat.actor, now=clock.now())


def _switch(seat: Seat, person_id: str, *, on: bool) -> str:
    """Let a person sign in again, or nobody as them from now on."""
    if person_id == seat.person_id:
        return pages.told("Nobody disables themselves here.", "Another administrator does it, or the shell.")
    with write_session() as session:
        person = get_person(session, person_id)
        if on:
            enable_person(session, person.id, actor=seat.actor)
            return pages.told(f"{person.name} may sign in again.", good=True)
        ended = disable_person(session, person.id, actor=seat.actor, now=clock.now())
        return pages.told(f"{person.name} is out: {ended} sessions ended.", good=True)


def _drawn(seat: Seat, base: str) -> str:
    with read_session() as session:
        mine = living_sessions(session, account_id=seat.account_id)
        others = living_sessions(session) if seat.scope.covers(Scope.ADMIN) else []
        everybody = list_accounts(session) if seat.scope.covers(Scope.ADMIN) else []
        codes = _codes(session, seat, f"{base}{ACCOUNT}")
    address = f"{base}{ACCOUNT}"
    parts = [
        f"<p><a href='{base}/'>Back to the dashboard</a></p>",
        pages.facts(
            {"You are": seat.name, "signed in by": seat.issuer, "as": seat.subject, "role": seat.role}
        ),
        pages.act_form(f"{base}{SIGN_OUT}", "Sign out"),
        codes,
        "<h2>Your sessions</h2>",
        pages.sessions_table(address, mine, seat, named=False),
    ]
    if len(mine) > 1:
        parts.append(pages.act_form(address, "End all but this one", act="others"))
    if others:
        parts += ["<h2>Everybody's</h2>", pages.sessions_table(address, others, seat, named=True)]
    if everybody:
        parts += ["<h2>Who may sign in</h2>", pages.accounts_table(address, everybody)]
        parts.append("<p>People are added and given roles at the shell: <code>soc users</code>.</p>")
    return "".join(parts)


def _codes(session: Session, seat: Seat, address: str) -> str:
    row = get_account(session, seat.account_id)
    if row.issuer != LOCAL:
        return ""
    change = pages.change_form(address, row.subject)
    if row.totp:
        return f"<p>A one-time code is asked for when you sign in.</p>{change}"
    return pages.act_form(address, "Set up one-time codes", act="codes") + change


def _codes_form(sealed: str, address: str) -> str:
    return (
        "<h2>One-time codes</h2><p>Take this into your authenticator app, then type the code that it shows.</p>"
        f"<p><code>{escape(address)}</code></p><form method=post><input type=hidden name=act value=confirm>"
        f"<input type=hidden name=sealed value='{escape(sealed)}'>"
        "<label>Code<input name=code inputmode=numeric autocomplete=one-time-code required></label>"
        "<button>Confirm</button></form>"
    )
