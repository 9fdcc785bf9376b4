"""What was found in a batch: how many incidents of each severity, and the gravest of them."""

from __future__ import annotations

import streamlit as st

from soc.domain.severity import Severity
from soc.store.db import read_session
from soc.store.nouns.incidents.incident_counts import count_by_severity
from soc.store.nouns.incidents.incidents import IncidentFilter, list_incidents
from soc.ui.kit import places, tables
from soc.ui.kit.severity import ICON
from soc.ui.kit.words import count_of

#: How many are shown; the rest is a click away.
_SHOWN = 8


def draw_found(batch_id: str) -> None:
    """Each number leads to its incidents, each row to its incident."""
    with read_session() as session:
        counts = count_by_severity(session, batch_id=batch_id)
        gravest = list_incidents(session, IncidentFilter(batch_id=batch_id), limit=_SHOWN)
    total = sum(counts.values())
    st.subheader(f"What was found: {count_of(total, 'incident')}", anchor=False)
    if not total:
        st.caption("No line of this batch is an incident.")
        return
    with st.container(horizontal=True, gap="small"):
        for band in Severity:
            if number := counts.get(band.value, 0):
                places.link(
                    "incidents",
                    f"{number:,} {band.value}",
                    icon=ICON[band],
                    batch=batch_id,
                    severity=[band.value],
                )
    opened = tables.choose_row(
        tables.incident_rows(gravest),
        tables.incident_columns(short=True),
        key=f"found-in-{batch_id}",
        alt="The gravest incidents of this batch; choose one to open it",
    )
    if total > len(gravest):
        places.link("incidents", f"All {total:,} incidents", batch=batch_id)
    if opened:
        places.go("incidents", incident=opened)
