"""SLA: the policy, the clocks that run out next, and how well tickets kept their time."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from soc import clock
from soc.domain.sla import SlaState
from soc.metrics.sla import SlaSummary, read_sla
from soc.sla.clocks import words_of_time
from soc.ui.kit import charts, places, quoted, tables, times
from soc.ui.kit.grid import Column
from soc.ui.kit.live import live
from soc.ui.views.life.whose import asked_whose, choose_whose
from soc.ui.views.sla.forecast import draw_forecast
from soc.ui.views.sla.policies import draw_policies
from soc.ui.views.ticket_cells import incident_cells, read_incidents

_SPANS = {
    "Today": None,
    "7 days": timedelta(days=7),
    "30 days": timedelta(days=30),
    "All": timedelta(days=36_500),
}


def draw_policy() -> None:
    st.subheader("Policies", anchor=False)
    st.caption(
        "The first policy that takes a ticket is stamped on it. The response clock stops at the first act of a person, the "
        "resolution clock when the ticket is done. A clock is at risk from half of its time on."
    )
    draw_policies()


def draw_tiles(summary: SlaSummary) -> None:
    numbers = summary.all
    with st.grid(5, min_column_width=185, border=True, gap="small"):
        late = numbers.states.get(SlaState.INTAKE, 0)
        st.metric(
            "Within SLA",
            "–" if numbers.within is None else f"{numbers.within:.0%}",
            help="Met ÷ (met + missed + violated). Clocks that still run in time are not counted, nor those that were breached at intake.",
        )
        st.metric("Open", numbers.open, format="localized")
        st.metric("At risk", numbers.states.get(SlaState.AT_RISK, 0), format="localized")
        st.metric("Violated", numbers.states.get(SlaState.VIOLATED, 0), format="localized")
        st.metric(
            "Average resolution",
            "–" if numbers.resolution is None else clock.describe(numbers.resolution),
            help="Mean from the opening to the last resolving, of what was met or missed. Medians stand on Metrics.",
        )
    if late:
        places.link(
            "tickets", f"Counted apart: {late:,} breached at intake (late before anybody here could know)",
            sla=[SlaState.INTAKE.value],
        )  # fmt: skip


def draw_urgent(summary: SlaSummary) -> None:
    st.subheader("Overdue and due next", anchor=False)
    urgent = summary.urgent
    if not urgent:
        st.success("No clock is running.", icon=":material/check:")
        return
    about = read_incidents([one.ticket.incident_id for one in urgent])
    chosen = tables.choose_row(
        lambda: [
            {
                "id": str(one.ticket.id),
                "key": quoted.cell(one.ticket.key, 40),
                "sla": one.state.value,
                "left": words_of_time(one.state, one.left),
                "used": 100 * min(one.share, 1.0),
                "priority": one.ticket.priority,
                "due": one.due,
                **incident_cells(about.get(one.ticket.incident_id), one.ticket.summary),
            }
            for one in urgent
        ],
        {
            "key": tables.whole_column("Ticket", 70),
            "incident": tables.text_column("Incident", 240),
            "entity": tables.whole_column("Host or address", 118),
            "sla": tables.sla_column(),
            "left": tables.text_column("Time", 92),
            "used": Column("Used", "bar", width=110),
            "priority": tables.text_column("Priority"),
            "due": tables.moment_column("Due"),
        },
        key="urgent",
        alt="Open tickets, the next to run out on top; choose one to open it",
        most=10,
        of=urgent,
    )
    if chosen:
        places.go("tickets", ticket=chosen)
    if summary.all.open > len(urgent):
        places.link("tickets", f"All {summary.all.open:,} open tickets", open="true", **asked_whose())


def draw_charts(summary: SlaSummary) -> None:
    priority = kept = key = ""
    row = st.grid(2, min_column_width=380, gap="medium")
    with row.container():
        st.subheader("Tickets by priority and state", anchor=False)
        priority = charts.sla_stack(
            {name: numbers.states for name, numbers in summary.by_priority.items()},
            key="sla-stack",
            alt="Tickets by priority, cut by SLA state",
        )
        st.subheader("Average resolution", anchor=False)
        tables.show_rows(
            lambda: [
                {
                    "priority": name,
                    "tickets": numbers.total,
                    "open": numbers.open,
                    "resolution": "–" if numbers.resolution is None else clock.describe(numbers.resolution),
                }
                for name, numbers in summary.by_priority.items()
            ],
            {
                "priority": tables.text_column("Priority"),
                "tickets": tables.count_column("Tickets"),
                "open": tables.count_column("Open"),
                "resolution": tables.text_column("Average resolution"),
            },
            alt="Average time to resolution by priority",
            of=summary,
        )
    with row.container():
        st.subheader("Kept within SLA", anchor=False)
        shares = {name: numbers.within for name, numbers in summary.by_priority.items()}
        if any(share is not None for share in shares.values()):
            kept = charts.share_bars(
                shares, key="sla-within", alt="Per cent of tickets within SLA by priority"
            )
        else:
            st.caption("No clock has ended yet.")
        st.subheader("Time left", anchor=False)
        urgent = summary.urgent[:12]
        if urgent:
            key = charts.hours_left(
                [(one.ticket.key, one.left.total_seconds() / 3600, one.state) for one in urgent],
                key="sla-left",
                alt="Hours left of the most urgent open tickets; negative is overdue",
            )
        else:
            st.caption("No open ticket.")
    if priority or kept:
        places.go("tickets", priority=[priority or kept], **asked_whose())
    if key:
        places.go("tickets", ticket=key)


@live(30)
def draw_clocks(span: str, owners: tuple[str, ...] | None) -> None:
    length = _SPANS[span]
    # whole minutes: the same question again while nothing was written
    since = (
        times.since_midnight() if length is None else clock.now().replace(second=0, microsecond=0) - length
    )
    summary = read_sla(since=since, owners=owners)
    draw_tiles(summary)
    if not summary.all.total:
        whose = "" if owners is None else " of those you chose"
        st.info(f"No ticket{whose} was opened in this span ({span.lower()}).", icon=":material/timer:")
        places.link("process_logs", "Process logs")
        return
    draw_urgent(summary)
    draw_forecast()
    draw_charts(summary)


with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    span = st.segmented_control(
        "Tickets opened", list(_SPANS), default="7 days", key="span", bind="query-params", required=True
    )
    chosen = choose_whose()
draw_clocks(span or "7 days", chosen)
draw_policy()
