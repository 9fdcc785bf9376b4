"""Hand-over: what the next shift has to know; what is thought of each open incident; giving the shift and taking it."""

from __future__ import annotations

import streamlit as st

from soc.errors import NotFound
from soc.handover.reading import kept_handover, read_kept
from soc.ui.kit import places, quoted
from soc.ui.kit.problems import show_problem
from soc.ui.shift.acting import draw_earlier, draw_files, draw_given, draw_giving, draw_outlook
from soc.ui.shift.told import draw_open, draw_sections, said_when


def draw_now() -> None:
    """As things stand at this moment."""
    document = kept_handover()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(said_when(document), width="content")
        draw_files(document, "hand-over")
    if chosen := draw_open(document, key="handover-open"):
        places.go("handover", incident=chosen)
    draw_sections(document.sections, key="handover")
    draw_giving()
    draw_earlier()


def draw_kept(handover_id: str) -> None:
    """One that was given, as it was then. Raises NotFound."""
    row, document = read_kept(handover_id)
    places.link("handover", "As things stand now", icon=":material/arrow_back:")
    st.caption(said_when(document))
    draw_given(row, document)
    if document.remark:
        st.info(quoted.markdown(document.remark), icon=":material/chat:")
    if chosen := draw_open(document, key=f"open-{handover_id}"):
        places.go("handover", incident=chosen)
    draw_sections(document.sections, key=handover_id)


try:
    if incident_id := places.asked_for("incident"):
        draw_outlook(incident_id)
    elif handover_id := places.asked_for("handover"):
        draw_kept(handover_id)
    else:
        draw_now()
except NotFound as error:
    places.link("handover", "As things stand now", icon=":material/arrow_back:")
    show_problem(error.message, error.hint)
