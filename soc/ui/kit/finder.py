"""The search box of every page: what is typed there opens the Search page."""

from __future__ import annotations

import streamlit as st

from soc.ui.kit import places

PLACEHOLDER = "id, SOC-12, T1110, address, user …"
#: What the narrow box in the menu has room for.
SHORT_PLACEHOLDER = "Find id, address …"
HELP = (
    "An incident's id, a ticket's key, an ATT&CK technique, an address or a network, a user, a host, words of a title. "
    "All words must be found; each may be the beginning of one."
)


def draw_finder(place: str) -> None:
    """The box in the menu; the Search page has its own."""
    if place == "search":
        return
    with st.sidebar:
        st.text_input(
            "Search",
            key="find",
            type="search",
            placeholder=SHORT_PLACEHOLDER,
            help=HELP,
            max_chars=200,
            on_change=_note,
            label_visibility="collapsed",
        )
    if asked := st.session_state.pop("find-asked", ""):
        places.go("search", q=asked)


def _note() -> None:
    """Take what was typed out of the box, so that it stands empty on the next page."""
    st.session_state["find-asked"] = st.session_state["find"].strip()
    st.session_state["find"] = ""
