"""Deliveries: how many stand where, each with its attempts, and trying again what failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from soc.delivery.export import about, done_by, export_deliveries
from soc.domain.delivery import DeliveryState
from soc.errors import NotFound
from soc.integrations.registry import KINDS, switched
from soc.metrics.deliveries import DeliveryNumbers, read_deliveries
from soc.metrics.lists import deliveries_again, kept_count_deliveries, list_deliveries
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.ui.kit import lists, places, quoted, tables
from soc.ui.kit.problems import show_problem
from soc.ui.views.delivery_view import draw_delivery, draw_replay, draw_replay_all, is_held, title_of
from soc.ui.views.life.whose import choose_whose

_STATES = [state.value for state in DeliveryState]


def draw_counts(numbers: tuple[DeliveryNumbers, ...]) -> None:
    """By integration and state; what was intended is the sum of its row. A state that nothing is in has no column."""
    states = [
        state for state in _STATES if state == "delivered" or any(one.states.get(state) for one in numbers)
    ]
    held = any(one.held for one in numbers)
    tables.show_rows(
        lambda: [
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
            "integration": tables.whole_column("Integration", 110),
            "total": tables.count_column(
                "Intended", help="The sum of all states: nothing leaves this table."
            ),
            **{state: tables.count_column(state.capitalize()) for state in states},
            **(
                {
                    "held": tables.count_column(
                        "Of these held", help="They wait for their integration to be mended."
                    )
                }
                if held
                else {}
            ),
            "success": tables.count_column("Success", form="{:.1%}", help="Delivered ÷ (delivered + dead)."),
        },
        alt="Deliveries by integration and state",
        of=numbers,
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
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        states = st.pills(
            "State",
            _STATES,
            selection_mode="multi",
            key="state",
            bind="query-params",
            label_visibility="collapsed",
        )
        integration = st.selectbox(
            "Integration",
            [kind.title for kind in KINDS.values()],
            index=None,
            placeholder="all integrations",
            key="integration",
            bind="query-params",
            label_visibility="collapsed",
            width=170,
        )
        owners = choose_whose()
    if batch_id or incident_id:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Only those of {quoted.markdown(batch_id or incident_id)}.", width="content")
            places.link("deliveries", "All deliveries")
    chosen = {
        "states": tuple(states or ()),
        "integration": next((name for name, kind in KINDS.items() if kind.title == integration), ""),
        "incident_id": incident_id,
        "batch_id": batch_id,
        "owners": owners,
    }
    if not kept_count_deliveries(**chosen):
        st.info("No delivery matches this filter.", icon=":material/filter_alt_off:")
        return
    draw_table(chosen)
    if chosen["integration"] and not (batch_id or incident_id):
        draw_replay_all(chosen["integration"])


def _cells(row: DeliveryRow) -> dict[str, Any]:
    return {
        "state": row.state,
        "integration": title_of(row.integration),
        "action": done_by(row),
        "about": quoted.cell(about(row)),
        "sends": row.sends,
        "updated_at": row.updated_at,
        "next": "held" if is_held(row) else row.next_try_at,
        "error": quoted.cell(" ".join((row.error or row.reason, row.hint))),
        "practice": "practice" if row.practice else "",
    }


def draw_table(chosen: dict[str, Any]) -> None:
    shown = lists.draw_list(
        "deliveries",
        lists.Source(
            chosen=tuple(chosen.items()),
            count=lambda: kept_count_deliveries(**chosen),
            page=lambda sort, offset: list_deliveries(
                **chosen, sort=sort, offset=offset, limit=tables.PAGE_SIZE
            ),
            again=deliveries_again,
            id_of=lambda row: row.id,
        ),
        noun="delivery",
        order="last changed first",
        hint="Click one to open it; tick some to try them again.",
        cells=lambda rows: [_cells(row) for row in rows],
        columns={
            "state": tables.delivery_column(sort="state"),
            "integration": tables.whole_column("Integration", 80, sort="integration"),
            "action": tables.text_column("What", 100, sort="action"),
            "about": tables.text_column("About", 190),
            "error": tables.whole_column("Problem, and what to do", 240),
            "sends": tables.count_column("Sent", help="How often a request left.", sort="sends"),
            "updated_at": tables.moment_column("Last changed", sort="updated_at"),
            "next": tables.moment_column("Next try"),
            "practice": tables.text_column("Practice"),
        },
        sort="-updated_at",
        alt="Deliveries; choose one to see its attempts, or several to try them again",
        export=lists.Export("deliveries.csv", lambda: b"".join(export_deliveries(**chosen))),
        tick=True,
        ticked=_draw_ticked,
    )
    if shown.opened:
        places.go("deliveries", delivery=shown.opened)


def _draw_ticked(rows: Sequence[DeliveryRow]) -> None:
    if rows:
        draw_replay(rows, then=lambda: lists.release("deliveries"))


if delivery_id := places.asked_for("delivery"):
    if st.button("All deliveries", icon=":material/arrow_back:", type="tertiary"):
        places.go("deliveries")
    try:
        draw_delivery(delivery_id)
    except NotFound as error:
        show_problem(error.message, error.hint)
else:
    draw_list()
