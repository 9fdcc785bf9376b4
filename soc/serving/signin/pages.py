"""The plain pages of signing in: HTML without a script, which loads nothing. Every word of somebody else is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape

from starlette.responses import HTMLResponse, Response

from soc.access.sessions import Seat
from soc.store.nouns.people.accounts import AccountRow
from soc.store.nouns.people.people import PersonRow
from soc.store.nouns.people.sessions import SessionRow

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:8vh auto;padding:0 1rem;color:#1A2230;background:#fff}"
    "label{display:block;margin:.8rem 0}input{font:inherit;display:block;width:100%;box-sizing:border-box;padding:.45rem;"
    "border:1px solid #8793A6;border-radius:.3rem}button,.button{font:inherit;padding:.45rem 1rem;border:0;border-radius:.3rem;"
    "background:#1F5FB0;color:#fff;text-decoration:none;display:inline-block;cursor:pointer}form{margin:1rem 0}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.35rem .5rem .35rem 0;vertical-align:top;"
    "border-bottom:1px solid #DDE3EB}td form{margin:0}.bad{background:#FCE9E9;padding:.6rem;border-radius:.3rem}"
    ".good{background:#E6F4EA;padding:.6rem;border-radius:.3rem}code{overflow-wrap:anywhere;background:#F3F5F8}"
    "@media(prefers-color-scheme:dark){body{color:#E6EAF0;background:#12161D}input{background:#1B212B;color:inherit}"
    "td,th{border-color:#333C4A}.bad{background:#4A1E1E}.good{background:#1C3A26}code{background:#232A35}a{color:#8AB8F5}}"
)


def page(title: str, body: str, *, status: int = 200, cookies: Sequence[str] = ()) -> Response:
    """A whole page; nothing keeps a copy of it."""
    html = (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{escape(title)} · SOC operations</title><style>{_STYLE}</style><main><h1>{escape(title)}</h1>{body}</main>"
    )
    answer = HTMLResponse(html, status, {"content-security-policy": _POLICY, "cache-control": "no-store"})
    for one in cookies:
        answer.headers.append("set-cookie", one)
    return answer


def told(message: str, hint: str = "", *, good: bool = False) -> str:
    """A line that says how it went."""
    words = escape(message) + (f" {escape(hint)}" if hint else "")
    return f"<p role=alert class={'good' if good else 'bad'}>{words}</p>"


def sign_in_form(address: str, onward: str, *, local: bool, providers: Mapping[str, str], said: str) -> str:
    """How one may sign in here: by the providers (names and the addresses that lead there), by a password, or both."""
    parts = [said]
    parts += [
        f"<p><a class=button href='{escape(start)}'>Sign in with {escape(name)}</a></p>"
        for name, start in providers.items()
    ]
    if local:
        parts.append(
            f"<form method=post action='{escape(address)}'><input type=hidden name=next value='{escape(onward)}'>"
            "<label>Name<input name=name autocomplete=username required autofocus></label>"
            "<label>Password<input name=password type=password autocomplete=current-password required></label>"
            "<label>One-time code, if you set it up<input name=code inputmode=numeric autocomplete=one-time-code></label>"
            "<button>Sign in</button></form>"
        )
    if not local and not providers:
        parts.append("<p>People come here through the proxy that signs them in; this request did not.</p>")
    return "".join(parts)


def left_note(name: str, address: str) -> str:
    """That one is signed out here, and where one signs out at the provider too ("" where it names no such address)."""
    note = told("You are signed out here.", good=True)
    if not address:
        return note
    return f"{note}<p><a class=button href='{escape(address)}'>Sign out at {escape(name)} too</a></p>"


def password_form(address: str, token: str, name: str, said: str) -> str:
    """For whoever has a one-time link."""
    return (
        f"{said}<p>You will sign in as <b>{escape(name)}</b>. Choose a password of at least 12 characters.</p>"
        f"<form method=post action='{escape(address)}'><input type=hidden name=token value='{escape(token)}'>"
        f"<input type=hidden name=username autocomplete=username value='{escape(name)}'>"
        "<label>Password<input name=password type=password autocomplete=new-password required></label>"
        "<label>Again<input name=again type=password autocomplete=new-password required></label>"
        "<button>Set the password</button></form>"
    )


def change_form(address: str, name: str) -> str:
    """A new password, for whoever knows the old one."""
    return (
        f"<details><summary>Change the password</summary><form method=post action='{escape(address)}'>"
        f"<input type=hidden name=act value=password><input type=hidden name=username value='{escape(name)}'>"
        "<label>Old password<input name=old type=password autocomplete=current-password required></label>"
        "<label>New password<input name=password type=password autocomplete=new-password required></label>"
        "<label>Again<input name=again type=password autocomplete=new-password required></label>"
        "<button>Change it</button></form></details>"
    )


def act_form(address: str, label: str, **fields: str) -> str:
    """A button that posts these fields."""
    hidden = "".join(
        f"<input type=hidden name={name} value='{escape(value)}'>" for name, value in fields.items()
    )
    return f"<form method=post action='{escape(address)}'>{hidden}<button>{escape(label)}</button></form>"


def sessions_table(address: str, rows: Sequence[tuple[Seat, SessionRow]], here: Seat, *, named: bool) -> str:
    """Who is signed in where, each with a button that ends it."""
    lines = []
    for seat, row in rows:
        where = " · ".join(filter(None, (row.address, row.agent[:80])))
        mine = "This browser" if seat.session_id == here.session_id else ""
        who = f"<td>{escape(seat.name)} ({escape(seat.role)})" if named else ""
        lines.append(
            f"<tr>{who}<td>{_moment(seat.began_at)}<td>{_moment(seat.seen_at)}<td>{escape(where)} {mine}"
            f"<td>{act_form(address, 'End', act='end', session=seat.session_id)}"
        )
    head = ("<th>Who" if named else "") + "<th>Signed in<th>Last used<th>Where<th>"
    return f"<table><tr>{head}{''.join(lines)}</table>"


def accounts_table(address: str, rows: Sequence[tuple[AccountRow, PersonRow]]) -> str:
    """Who may sign in, each with a button that puts the person out, or lets them in again."""
    lines = []
    for account, person in rows:
        label, act = ("Disable", "disable") if account.disabled_at is None else ("Enable", "enable")
        words = [
            account.role or "no role",
            "" if person.active else "left",
            "disabled" if act == "enable" else "",
        ]
        lines.append(
            f"<tr><td>{escape(person.name)}<td>{escape(', '.join(filter(None, words)))}"
            f"<td>{escape(account.subject)} at {escape(account.issuer)}<td>"
            f"{act_form(address, label, act=act, person=person.id)}"
        )
    return f"<table><tr><th>Who<th>Role<th>As<th>{''.join(lines)}</table>"


def facts(values: Mapping[str, str]) -> str:
    """Words and what they are, one a line."""
    return (
        "<p>"
        + "<br>".join(f"{escape(name)}: <b>{escape(value)}</b>" for name, value in values.items())
        + "</p>"
    )


def _moment(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M} UTC"
