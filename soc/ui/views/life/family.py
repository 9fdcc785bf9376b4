"""What belongs to an incident: what was merged into it or split off it, or what it was merged into or split off; and merging."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from soc.access.scopes import Scope
from soc.errors import SocError
from soc.metrics.life import Family, Relative, read_family
from soc.store.db import read_session
from soc.tickets import acts
from soc.tickets.acts.merging import MOST_MERGED
from soc.ui import covered
from soc.ui.kit import places, quoted, tables
from soc.ui.kit.words import count_of
from soc.ui.views.life.many import draw_merge, draw_way_back

_INTO_THIS, _INTO_OTHER = "Others into this", "This into another"


def draw_belonging(incident_id: str) -> Family:
    """What it was merged into, in a line on top. Raises NotFound."""
    family = read_family(incident_id)
    if family.into is not None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge("It was merged into", icon=":material/merge:", color="violet")
            places.link("incidents", quoted.markdown(family.into.name), incident=family.into.incident.id)
    if family.whole is not None and family.into is None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge("It was split off", icon=":material/call_split:", color="violet")
            places.link("incidents", quoted.markdown(family.whole.name), incident=family.whole.incident.id)
    return family


def draw_family(family: Family) -> None:
    """What was merged into it, and what was split off it; a click opens one."""
    _draw_relatives("Merged into this", "merge", family.merged)
    _draw_relatives("Split off this", "call_split", family.parts)


def _draw_relatives(title: str, icon: str, relatives: Sequence[Relative]) -> None:
    if not relatives:
        return
    lines = sum(one.incident.count for one in relatives)
    told = f"{count_of(len(relatives), 'incident')}, {count_of(lines, 'line')}"
    st.markdown(f"**:material/{icon}: {title}: {told}**")
    if chosen := _choose(relatives, key=f"family-{icon}", alt=title):
        places.go("incidents", incident=chosen)


def _choose(relatives: Sequence[Relative], *, key: str, alt: str) -> str:
    return tables.choose_row(
        [
            {
                "id": one.incident.id,
                "key": quoted.cell(one.key, 40),
                "severity": one.incident.severity,
                "title": quoted.cell(one.incident.title),
                "entity": quoted.cell(one.incident.entity),
                "count": one.incident.count,
                "status": one.incident.status.replace("_", " "),
                "since": one.incident.closed_at or one.incident.created_at,
            }
            for one in relatives
        ],
        {
            "key": tables.whole_column("Ticket", 70),
            "severity": tables.severity_column(),
            "title": tables.text_column("Incident", 220),
            "entity": tables.whole_column("Host or address", 112),
            "count": tables.count_column("Lines"),
            "status": tables.text_column("Status", 80),
            "since": tables.moment_column("Since"),
        },
        key=key,
        alt=f"{alt}; choose one to open it",
        most=6,
    )


@covered.form(Scope.ACT, "")
def draw_merging(incident_id: str) -> None:
    """The button with what merging would come to; for ten seconds the way back."""
    draw_way_back()
    # not a popover: what would come of it does not fit below a button at the foot of the screen
    with st.expander(
        "Merge …", icon=":material/merge:", key=f"merge-{incident_id}", on_change="rerun"
    ) as box:
        if box.open:  # nobody merges at most looks, and each of its parts costs every one of them
            _draw_choice(incident_id)


def _draw_choice(incident_id: str) -> None:
    way = st.segmented_control(
        "Which way", [_INTO_THIS, _INTO_OTHER], default=_INTO_THIS, key=f"merge-way-{incident_id}", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    into_this = way != _INTO_OTHER
    named = st.text_input(
        "Which others" if into_this else "Into which",
        key=f"merge-named-{incident_id}-{into_this}",
        placeholder="ids or ticket keys, with blanks between" if into_this else "its id or its ticket's key",
        max_chars=5_000,
    ).replace(",", " ")
    if not named.split():
        st.caption(
            "They become one: the merged are closed as duplicates, their clocks end, and all is read in one place."
        )
        return
    try:
        ids = _find(named.split()[: MOST_MERGED + 1])
        into, others = (incident_id, ids) if into_this else (ids[0], [incident_id])
        draw_merge(into, others, of=f"incident-{incident_id}")
    except SocError as error:
        st.warning(
            f"{quoted.markdown(error.message)} {quoted.markdown(error.hint)}",
            icon=":material/search_off:",
        )


def _find(references: Sequence[str]) -> list[str]:
    with read_session() as session:
        return [acts.find_incident(session, one) for one in references]
