"""“Mine”, “unassigned”, “my team”: whose work a list shows, seen from whoever sits here."""

from __future__ import annotations

import streamlit as st

from soc.store.db import read_session
from soc.tickets.whose import Whose, owners_seen_by
from soc.ui.views.life import seat


def asked_whose() -> dict[str, str]:
    """What a link to another list has to ask for, so that it shows the same people's work."""
    chosen = st.session_state.get("whose") or Whose.ALL.value
    return {} if chosen == Whose.ALL.value else {"whose": str(chosen)}


def choose_whose() -> tuple[str, ...] | None:
    """The owners that are asked for; None for anybody's. The choice stands in the address as people read it."""
    chosen = st.segmented_control(
        "Whose",
        [one.value for one in Whose],
        default=Whose.ALL.value,
        key="whose",
        bind="query-params",
        label_visibility="collapsed",
        required=True,
    )
    whose = Whose(chosen or Whose.ALL.value)
    if whose is Whose.ALL:
        return None
    person = seat.person_id()
    if not person and whose is not Whose.UNASSIGNED:
        st.caption("Nobody has said yet who sits here: see Overview.", width="content")
    with read_session() as session:
        return owners_seen_by(session, person, whose)
