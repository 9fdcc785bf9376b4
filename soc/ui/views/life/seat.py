"""Who sits at this screen, as somebody said here; nobody checks it."""

from __future__ import annotations

import streamlit as st

from soc.domain.actor import AT_A_PAGE, Actor

_SEAT = "seat"


def person_id() -> str:
    """The person's id, "" while nobody has said."""
    return str(st.session_state.get(_SEAT, ""))


def actor() -> Actor:
    """Who acts from this page."""
    person = person_id()
    return Actor.said(person) if person else AT_A_PAGE


def sit(person: str) -> None:
    st.session_state[_SEAT] = person
