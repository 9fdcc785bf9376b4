"""Splitting an incident: which of its lines become one of their own, what would come of it, and the button."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from soc.access.scopes import Scope
from soc.batches.reading.lines import read_cut, read_values
from soc.domain.acts import Ending
from soc.domain.event import FIELDS, Selection
from soc.domain.incident import Origin
from soc.errors import SocError
from soc.store.nouns.incidents.incidents import ENDED, IncidentRow
from soc.store.unchanged import store_version, while_unchanged
from soc.tickets.acts import Asked, Outcome
from soc.tickets.acts.splitting import LONGEST_TITLE, Cut, do_split, preview_split
from soc.ui import covered
from soc.ui.kit import quoted
from soc.ui.kit.buttons import act_button
from soc.ui.kit.words import count_of
from soc.ui.views.life import seat
from soc.ui.views.life.many import keep_way_back, said_of_many

#: What people tell two attacks apart by stands first.
_FIRST = ("source.ip", "user.name", "host.name", "destination.ip", "file")
_ORDER = [*_FIRST, *(one for one in FIELDS if one not in _FIRST)]
_MOST = 200


@covered.form(Scope.ACT, "")
def draw_splitting(row: IncidentRow) -> None:
    """Nothing for one that has no lines to choose from, is over, or was merged."""
    if row.origin == Origin.API or row.count < 2 or row.status in ENDED or row.merged_into:
        return
    with st.expander(
        "Split …", icon=":material/call_split:", key=f"split-{row.id}", on_change="rerun"
    ) as box:
        if not box.open:  # the lines are read only where somebody asks
            return
        try:
            _draw_choice(row)
        except SocError as error:
            st.warning(
                f"{quoted.markdown(error.message)} {quoted.markdown(error.hint)}", icon=":material/block:"
            )


def _draw_choice(row: IncidentRow) -> None:
    field = st.selectbox(
        "By which field", _ORDER, index=None, key=f"split-field-{row.id}", placeholder="what tells the lines apart"
    )  # fmt: skip
    if field is None:
        st.caption(
            "Lines with the values that you choose become an incident of their own, as old and as urgent."
        )
        return
    found = dict(_values(row.id, field))
    if len(found) < 2:
        st.caption("All of its lines are alike in this." if found else "None of its lines has this field.")
        return
    offered = list(found)[:_MOST]
    values = st.multiselect(
        f"Which values go ({count_of(len(found), 'value')})", offered, key=f"split-values-{row.id}-{field}",
        format_func=lambda one: f"{quoted.cell(one, 80)} · {count_of(found[one], 'line')}",
    )  # fmt: skip
    title = st.text_input(
        "Its title",
        key=f"split-title-{row.id}",
        placeholder=quoted.cell(row.title, 80),
        max_chars=LONGEST_TITLE,
    )
    if values:
        _draw_split(row, Selection({field: tuple(values)}), title)


def _draw_split(row: IncidentRow, which: Selection, title: str) -> None:
    cut, seen = _preview(row.id, which, title)
    able = all(one.ending is Ending.DONE for one in seen)
    for one in seen:
        icon = ":material/check:" if one.ending is Ending.DONE else ":material/block:"
        st.caption(f"{icon} {quoted.markdown(one.said)}")
    act_button(
        "Split",
        lambda key: do_split(cut, Asked(seat.actor(Scope.ACT), f"page:{key}"), title=title),
        needed=Scope.ACT,
        name=f"split-{row.id}-{hash((which.words(), title)) & 0xFFFFFF:x}",
        busy="Splitting …",
        done=said_of_many,
        then=lambda done: keep_way_back(done, f"incident-{row.id}"),
        icon=":material/call_split:",
        type="primary",
        disabled=not able,
    )


def _preview(incident_id: str, which: Selection, title: str) -> tuple[Cut, Sequence[Outcome]]:
    """Asked once while nothing was written: it reads the lines and takes the write lock."""
    about = (incident_id, which.words(), title, store_version())
    kept = st.session_state.get("split-preview")
    if kept is None or kept[0] != about:
        cut = read_cut(incident_id, which)
        seen = preview_split(cut, actor=seat.actor(Scope.ACT), title=title)
        kept = st.session_state["split-preview"] = (about, cut, seen)
    return kept[1], kept[2]


@while_unchanged
def _values(incident_id: str, field: str) -> list[tuple[str, int]]:
    return read_values(incident_id, field)
