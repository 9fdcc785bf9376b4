"""Who sits here. Where people sign in, whoever did in this browser: their role says what they may do.

Where nobody signs in: a person of the roster, asked for once, kept in the browser, shown in the frame, changed at any time.
Nobody checks it. So the actor of what is done says that it was said, and nothing is allowed or refused on its account.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from soc.access.cookies import token_in
from soc.access.scopes import Scope
from soc.access.sessions import Seat, SignedOut, allow, find_seat, in_force
from soc.audit.whereabouts import set_whereabouts
from soc.domain.actor import AT_A_PAGE, Actor
from soc.store.db import read_session
from soc.store.nouns.people.people import list_people
from soc.store.unchanged import while_unchanged
from soc.ui.signed_in import draw_signed_in

COOKIE = "soc_person"
#: Kept in the place of a person's id: whoever sits here is none of the roster.
NOBODY = "nobody"
_CHOICE, _TO_KEEP = "sitting", "sitting-to-keep"
_KEEPER = st.components.v2.component(
    "soc.sitting", js=(Path(__file__).parent / "sitting.js").read_text(encoding="utf-8")
)


def seat_here() -> Seat | None:
    """Who signed in in this browser; None where nobody has to. Raises SignedOut."""
    if not in_force():
        return None
    seat = find_seat(token_in(st.context.cookies))
    if seat is None:
        raise SignedOut
    return seat


def actor_here(needed: Scope) -> Actor:
    """Who acts at this page, for an act that needs this scope. Also notes from where, for what is recorded in this thread.

    Every act of the pages takes its actor from here, and nothing is written without one: so none goes past it. It is asked
    when the act is done, not when its button is drawn. Raises NotAllowed, SignedOut. It writes nothing.
    """
    set_whereabouts(f"page {st.context.ip_address or '127.0.0.1'}")
    seat = seat_here()
    if seat is not None:
        allow(seat, needed, f"page {st.session_state.get('place', '')}")
        return seat.actor
    person = person_here()
    return Actor.said(person) if person else AT_A_PAGE


def person_here() -> str:
    """The id of the person who sits here; "" where nobody said, or it is nobody of the roster any more."""
    seat = seat_here()
    if seat is not None:
        return seat.person_id
    chosen = _chosen()
    return chosen if chosen in _names() else ""


def _chosen() -> str:
    """What was answered here, or in this browser before; "" where it was never asked."""
    return str(st.session_state.get(_TO_KEEP) or st.context.cookies.get(COOKIE) or "")


@while_unchanged
def _names() -> dict[str, str]:
    """By id, everybody who is here; a team or an address tells two of one name apart."""
    with read_session() as session:
        rows = list_people(session)
    twice = {row.name for row in rows if sum(one.name == row.name for one in rows) > 1}
    return {row.id: f"{row.name} ({row.email or row.id})" if row.name in twice else row.name for row in rows}


def draw_sitting() -> None:
    """Who signed in, with the way to the account; else the choice, nothing while the roster is empty."""
    seat = seat_here()
    if seat is not None:
        draw_signed_in(seat)
        return
    names = _names()
    if not names:
        return
    chosen = _chosen()
    options = [*names, NOBODY]
    if _CHOICE not in st.session_state and chosen in options:
        st.session_state[_CHOICE] = chosen
    st.selectbox(
        "Who sits here?",
        options,
        index=None,
        format_func=lambda one: names.get(one, "Nobody of these"),
        placeholder="Who sits here?",
        label_visibility="collapsed",
        key=_CHOICE,
        on_change=_keep,
        width=200,
        help="What you do carries this name. It is kept in this browser; nobody checks it.",
    )
    if chosen not in options:
        st.caption("Say who sits here: what you do carries your name.", width="content")
    if _TO_KEEP in st.session_state:
        with st.container(key="sitting-keeper", width="content"):
            _KEEPER(key="sitting-cookie", data={"person": st.session_state[_TO_KEEP]})


def _keep() -> None:
    if chosen := st.session_state.get(_CHOICE):
        choose_person(chosen)


def choose_person(person: str) -> None:
    """From now on, and in this browser, it is this person (or NOBODY)."""
    st.session_state[_TO_KEEP] = person
