"""Incidents: a filtered list, and everything about the one that was chosen."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from soc import clock
from soc.batches.reading.export import export_incidents
from soc.domain.classification import Classification
from soc.domain.incident import IncidentStatus
from soc.domain.severity import Severity
from soc.errors import NotFound
from soc.metrics.lists import count_incidents, incidents_again, list_batches, list_incidents
from soc.store.nouns.incidents.incidents import IncidentFilter
from soc.ui.kit import lists, places, quoted, tables, times
from soc.ui.kit.problems import show_problem
from soc.ui.views.life.incident import draw_incident
from soc.ui.views.life.many import draw_many
from soc.ui.views.life.whose import choose_whose

#: What is bound to the address stands there as it is shown, so options have no second name.
_RULES = {"All": None, "Met a rule": True, "Met no rule": False}


def _keep_batch(key: str) -> None:
    """A batch stands in the address by its id, which is not what the box shows."""
    if chosen := st.session_state[key]:
        st.query_params["batch"] = chosen
    else:
        st.query_params.pop("batch", None)


def _choose_more(batches: dict[str, str], asked: str) -> tuple[list[str], list[str], str | None]:
    """What is asked for less often: class, status, batch."""
    classes = st.multiselect("Class", [one.value for one in Classification], key="class", bind="query-params")
    statuses = st.multiselect(
        "Status",
        [one.value for one in IncidentStatus],
        format_func=lambda name: name.replace("_", " "),
        key="status",
        bind="query-params",
    )
    batch = st.selectbox(
        "Batch",
        list(batches),
        index=list(batches).index(asked) if asked else None,
        format_func=lambda batch_id: f"{quoted.cell(batches.get(batch_id, ''), 60)} ({batch_id})",
        placeholder="all batches",
        key=f"batch-{asked}",
        on_change=_keep_batch,
        args=(f"batch-{asked}",),
    )
    return classes, statuses, batch


def choose_filter() -> IncidentFilter:
    """The filter bar; every choice is in the address, so a link shows the same list."""
    batches = {row.id: row.name for row in list_batches(limit=100)}
    asked = places.asked_for("batch")
    if asked and asked not in batches:
        batches[asked] = asked
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        text = st.text_input(
            "Search",
            key="text",
            type="search",
            placeholder="title, message or source",
            bind="query-params",
            label_visibility="collapsed",
            width=230,
        )
        severities = st.pills(
            "Severity",
            [band.value for band in Severity],
            selection_mode="multi",
            key="severity",
            bind="query-params",
            label_visibility="collapsed",
        )
        rules = st.segmented_control(
            "Rules",
            list(_RULES),
            default="All",
            key="rules",
            bind="query-params",
            label_visibility="collapsed",
            required=True,
        )
        owners = choose_whose()
        more = sum(bool(st.query_params.get(name)) for name in ("class", "status", "batch"))
        # its name may change, its place may not: the key holds it
        with st.popover(
            f"More filters ({more})" if more else "More filters", icon=":material/tune:", key="more-filters"
        ):
            classes, statuses, batch = _choose_more(batches, asked)
    return IncidentFilter(
        since=choose_since(),
        batch_id=batch or "",
        severities=tuple(severities or ()),
        classifications=tuple(classes),
        statuses=tuple(statuses),
        eligible=_RULES[rules or "All"],
        text=text.strip(),
        owners=owners,
    )


def choose_since() -> datetime | None:
    """A link may ask for what was found from a moment on; it is said, and leads to all."""
    asked = places.asked_for("since")
    try:
        since = clock.parse(asked) if asked else None
    except ValueError:
        since = None
    if since is not None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(f"Only those found since {times.shown(since)}.", width="content")
            kept = {name: value for name, value in places.all_asked_for().items() if name != "since"}
            places.link("incidents", "Of all days", **kept)
    return since


def draw_list() -> None:
    chosen = choose_filter()
    if not count_incidents(chosen):
        if chosen == IncidentFilter():
            st.info("There is no incident yet. Process some logs first.", icon=":material/nightlight:")
            places.link("process_logs", "Process logs")
        else:
            st.info("No incident matches this filter.", icon=":material/filter_alt_off:")
        return
    shown = lists.draw_list(
        "incidents",
        lists.Source(
            chosen=chosen,
            count=lambda: count_incidents(chosen),
            page=lambda sort, offset: list_incidents(
                chosen, sort=sort, offset=offset, limit=tables.PAGE_SIZE
            ),
            again=incidents_again,
            id_of=lambda row: row.id,
        ),
        noun="incident",
        order="most severe first",
        hint="Click one to open it; tick some to act on them.",
        cells=tables.incident_rows,
        columns=tables.incident_columns(),
        sort="-score",
        alt="Incidents; choose one to open it",
        tick=True,
        ticked=lambda rows: draw_many([row.id for row in rows], of="incidents"),
        export=lists.Export("incidents.csv", lambda: b"".join(export_incidents(chosen))),
    )
    if shown.opened:
        st.session_state["incident-from"] = places.all_asked_for()
        places.go("incidents", incident=shown.opened)


if incident_id := places.asked_for("incident"):
    if st.button("All incidents", icon=":material/arrow_back:", type="tertiary"):
        places.go("incidents", **st.session_state.pop("incident-from", {}))
    try:
        draw_incident(incident_id)
    except NotFound as error:
        show_problem(error.message, error.hint)
else:
    draw_list()
