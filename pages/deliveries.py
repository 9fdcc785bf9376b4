"""Deliveries: how many stand where, each with its attempts, and trying again what failed."""

from __future__ import annotations

import streamlit as st

from soc.delivery.export import about, export_deliveries
from soc.domain.delivery import DeliveryState
from soc.domain.message import message_title
from soc.errors import NotFound
from soc.integrations.registry import KINDS, switched
from soc.metrics.deliveries import DeliveryNumbers, count_deliveries, read_deliveries
from soc.store.db import read_session
from soc.store.nouns.deliveries import list_deliveries
from soc.ui.kit import places, quoted, tables
from soc.ui.kit.problems import show_problem
from soc.ui.views.delivery_view import draw_delivery, draw_replay, is_held, title_of

_STATES = [state.value for state in DeliveryState]


def draw_counts(numbers: tuple[DeliveryNumbers, ...]) -> None:
    """By integration and state; what was intended is the sum of its row."""
    tables.show_rows(
        [
            {
                "integration": title_of(one.integration),
                "total": one.total,
                **one.states,
                "held": one.held,
                "success": one.success,
            }
            for one in numbers
        ],
        {
            "integration": tables.text_column("Integration", 120),
            "total": tables.count_column(
                "Intended", help="The sum of all states: nothing leaves this table."
            ),
            **{state: tables.count_column(state.capitalize()) for state in _STATES},
            "held": tables.count_column(
                "Of these held", help="They wait for their integration to be mended."
            ),
            "success": st.column_config.NumberColumn(
                "Success", format="percent", help="Delivered ÷ (delivered + dead)."
            ),
        },
        alt="Deliveries by integration and state",
    )


def draw_list() -> None:
    batch_id, incident_id = places.asked_for("batch"), places.asked_for("incident")
    numbers = read_deliveries(batch_id=batch_id)
    if not numbers:
        st.info(
            f"Nothing was to be delivered yet. Process logs with {' or '.join(kind.title for kind in switched())} switched on.",
            icon=":material/outbox:",
        )
        places.link("process_logs", "Process logs")
        return
    draw_counts(numbers)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        states = st.pills(
            "State",
            _STATES,
            selection_mode="multi",
            key="state",
            bind="query-params",
        )
        integration = st.segmented_control(
            "Integration", [kind.title for kind in KINDS.values()], key="integration", bind="query-params"
        )
    if batch_id or incident_id:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Only those of {quoted.markdown(batch_id or incident_id)}.", width="content")
            places.link("deliveries", "All deliveries")
    chosen = {
        "states": tuple(states or ()),
        "integration": next((name for name, kind in KINDS.items() if kind.title == integration), ""),
        "incident_id": incident_id,
        "batch_id": batch_id,
    }
    total = count_deliveries(**chosen)
    if not total:
        st.info("No delivery matches this filter.", icon=":material/filter_alt_off:")
        return
    draw_table(chosen, total)


def draw_table(chosen: dict, total: int) -> None:
    offset = tables.choose_page(total, key="deliveries-page")
    with read_session() as session:
        rows = list_deliveries(session, **chosen, offset=offset, limit=tables.PAGE_SIZE)
    where = st.container()
    picked, clicked = tables.choose_rows(
        [
            {
                "state": [row.state],
                "integration": title_of(row.integration),
                "action": message_title(row.action),
                "about": quoted.cell(about(row)),
                "sends": row.sends,
                "updated_at": row.updated_at,
                "next": "held" if is_held(row) else None,
                "next_try_at": row.next_try_at,
                "error": quoted.cell(row.error or row.reason),
                "hint": quoted.cell(row.hint),
                "practice": "practice" if row.practice else "",
            }
            for row in rows
        ],
        {
            "state": tables.delivery_column(),
            "integration": tables.text_column("Integration", 90),
            "action": tables.text_column("What", 110),
            "about": tables.text_column("About", 240),
            "sends": st.column_config.NumberColumn("Sent", width=52, help="How often a request left."),
            "updated_at": tables.moment_column("Last changed"),
            "error": tables.text_column("Problem", 280),
            "hint": tables.text_column("What to do", 260),
            "next_try_at": tables.moment_column("Next try"),
            "next": tables.text_column("Held", 52),
            "practice": tables.text_column("Practice", 76),
        },
        key=f"deliveries-{offset}",
        alt="Deliveries; choose one to see its attempts, or several to try them again",
    )
    if clicked is not None:
        places.go("deliveries", delivery=rows[clicked].id)
    with where:
        if not picked:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(
                    f"{total:,} deliveries, last changed first. Click one to open it; tick some to try them again."
                )
                st.download_button(
                    f"Export {total:,}",
                    lambda: b"".join(export_deliveries(**chosen)),
                    file_name="deliveries.csv",
                    mime="text/csv",
                    icon=":material/download:",
                    type="tertiary",
                    on_click="ignore",
                    help="Everything that the filter matches, as CSV: state, problem, what to do.",
                )
            return
        draw_replay([rows[index] for index in picked])


if delivery_id := places.asked_for("delivery"):
    if st.button("All deliveries", icon=":material/arrow_back:", type="tertiary"):
        places.go("deliveries")
    try:
        draw_delivery(delivery_id)
    except NotFound as error:
        show_problem(error.message, error.hint)
else:
    draw_list()
