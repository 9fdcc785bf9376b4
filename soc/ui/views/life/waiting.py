"""What awaits release: of a batch all of it, ranked, or one incident."""

from __future__ import annotations

import streamlit as st

from soc.access.scopes import Scope
from soc.batches.telling.flood import release_incidents
from soc.store.db import read_session
from soc.store.nouns.combined.waiting import count_awaiting, list_awaiting
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.ui.kit import places, tables
from soc.ui.kit.buttons import act_button
from soc.ui.kit.outcome import good, note
from soc.ui.kit.words import count_of
from soc.ui.sitting import actor_here

#: How many are shown, the gravest first.
_SHOWN = 10


def draw_waiting(batch_id: str) -> None:
    """How many wait and the first of them; a button for all. One is released where it is opened. Nothing where none waits."""
    with read_session() as session:
        waiting = count_awaiting(session, batch_id)
        first = list_awaiting(session, batch_id, limit=_SHOWN) if waiting else ()
    if not waiting:
        return
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            with st.container(width="stretch", gap=None):
                st.markdown(f"**{count_of(waiting, 'incident')} await release**, the gravest first")
                st.caption(
                    "Nobody is told of them until somebody releases them. Their time to answer runs meanwhile."
                )
            act_button(
                f"Release all {waiting:,}",
                lambda _key: release_incidents(batch_id, None, actor=actor_here(Scope.ACT)),
                needed=Scope.ACT,
                name=f"release-{batch_id}-{waiting}",
                busy="Releasing …",
                done=lambda number: good(f"{count_of(number, 'incident')} released."),
                icon=":material/outbox:",
                type="primary",
            )
        with st.expander(f"The first {len(first)}", key=f"waiting-first-{batch_id}"):
            opened = tables.choose_row(
                tables.incident_rows(first),
                tables.incident_columns(short=True),
                key=f"waiting-in-{batch_id}",
                alt="The gravest incidents that await release; choose one to open it",
            )
    if opened:
        places.go("incidents", incident=opened)


def draw_release(row: IncidentRow) -> None:
    """Says that this incident waits, with the button that lets it go; nothing where it does not."""
    if not row.awaiting_release:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown("Awaits release: its batch found more than are told at once. Its time to answer runs.")
        act_button(
            "Release",
            lambda _key: release_incidents(row.batch_id, [row.id], actor=actor_here(Scope.ACT)),
            needed=Scope.ACT,
            name=f"release-{row.id}",
            busy="Releasing …",
            done=lambda number: good("Released.") if number else note("It was released before."),
            icon=":material/outbox:",
        )
