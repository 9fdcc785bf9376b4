"""The notes of an incident: read with every wording, changed where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from soc.access.scopes import Scope
from soc.domain.acts import Visibility
from soc.integrations.naming import display_actor
from soc.integrations.registry import titles
from soc.metrics.life import read_life, read_notes
from soc.store.nouns.incidents.investigation_notes import InvestigationNoteRow, NoteVersionRow
from soc.tickets import acts
from soc.ui import covered
from soc.ui.kit import places, quoted, times
from soc.ui.kit.buttons import act_button
from soc.ui.views.life.acting import do, said_of


def draw_notes(incident_id: str, merged: Sequence[str] = ()) -> None:
    """Its notes and those of what was `merged` into it, in the order in which they were written. Nothing where there is none."""
    notes = read_notes(incident_id, *merged)
    if not notes:
        return
    names = read_life(incident_id).names
    with st.container(border=True, gap="small"):
        st.subheader(f"Notes ({len(notes):,})", anchor=False)
        for note, wordings in notes:
            _draw_note(note, wordings, names, elsewhere=note.incident_id != incident_id)


def _draw_note(
    note: InvestigationNoteRow,
    wordings: Sequence[NoteVersionRow],
    names: Mapping[str, str],
    *,
    elsewhere: bool,
) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        who = quoted.markdown(display_actor(note.made_by, names))
        st.caption(f"{who}, {times.shown(note.created_at)}", width="content")
        public = note.visibility == Visibility.PUBLIC
        st.badge(note.visibility, color="orange" if public else "gray")
        if note.origin != "here":
            st.badge(f"from {titles([note.origin])}", color="gray")
        if elsewhere:
            places.link("incidents", "of what was merged", incident=note.incident_id)
        if note.gone_at is not None:
            st.badge(
                f"deleted in {titles([note.integration])}" if note.integration else "taken back", icon=":material/delete:", color="orange",
                help=f"{times.shown(note.gone_at)}. It is kept here.",
            )  # fmt: skip
        _draw_change(note, wordings, names)
    st.markdown(quoted.markdown(note.text).replace("\n", "  \n"))


def _draw_change(
    note: InvestigationNoteRow, wordings: Sequence[NoteVersionRow], names: Mapping[str, str]
) -> None:
    label = f"Version {note.version}" if note.version > 1 else "Change"
    with st.popover(label, icon=":material/edit:", type="tertiary", key=f"change-{note.id}"):
        for one in wordings[:-1]:
            who = quoted.markdown(display_actor(one.made_by, names))
            st.caption(f"{one.version}. {who}, {times.shown(one.created_at)}")
            st.code(quoted.visible(one.text), language=None, wrap_lines=True)
        _draw_rewording(note)


@covered.form(Scope.ACT, "Its wording")
def _draw_rewording(note: InvestigationNoteRow) -> None:
    text = st.text_area(
        "Its wording", value=note.text, key=f"wording-{note.id}-{note.version}", max_chars=30_000
    )
    act_button(
        "Keep this wording",
        lambda key: do(lambda session, asked: acts.edit_note(session, note.id, text, asked), key),
        needed=Scope.ACT, name=f"edit-{note.id}", busy="…", done=said_of, icon=":material/save:",
    )  # fmt: skip
