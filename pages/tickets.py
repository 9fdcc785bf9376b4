"""Tickets: what was opened from here, where it stands there, and its SLA clock."""

from __future__ import annotations

import streamlit as st

from soc import clock
from soc.configuration.setup import integration_state
from soc.domain.severity import Priority
from soc.domain.sla import SlaState
from soc.integrations.registry import KINDS, takers, titles
from soc.sla.clocks import TicketClock, read_clock, read_clocks
from soc.store.db import read_session
from soc.store.tickets import list_batch_tickets
from soc.tickets.sync import sync_tickets
from soc.ui.kit import places, quoted, tables, times
from soc.ui.kit.buttons import act_button
from soc.ui.kit.problems import show_problem
from soc.ui.kit.severity import practice_badge, sla_badge

#: Where tickets are opened.
KEEPERS = takers("open_ticket")
THERE = titles(KEEPERS)


def draw_refresh() -> None:
    ready = any(integration_state(kind).enabled for kind in KEEPERS)
    act_button(
        f"Refresh from {THERE}",
        lambda _key: sync_tickets(),
        name="sync-tickets",
        busy=f"Asking {THERE} for every open ticket …",
        done=lambda changed: f"{THERE} was asked: {changed:,} ticket{'s' if changed != 1 else ''} changed.",
        icon=":material/sync:",
        disabled=not ready,
        help=f"Reads status, priority and assignee of every open ticket; changes nothing in {THERE}. It also happens by itself."
        if ready
        else f"Connect {THERE} under Integrations first.",
    )


def choose_clocks() -> list[TicketClock]:
    """The filter bar and the clocks that pass it, the next to run out on top."""
    batch_id = places.asked_for("batch")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        only_open = st.toggle("Only open tickets", key="open", bind="query-params")
        states = st.pills(
            "SLA", [state.value for state in SlaState], selection_mode="multi", key="sla", bind="query-params"
        )
        priorities = st.pills(
            "Priority",
            [priority.value for priority in Priority],
            selection_mode="multi",
            key="priority",
            bind="query-params",
        )
        draw_refresh()
    if batch_id:
        st.caption(f"Only tickets of batch {quoted.markdown(batch_id)}.")
        places.link("tickets", "All tickets")
        now = clock.now()
        with read_session() as session:
            clocks = [read_clock(ticket, now=now) for ticket, _ in list_batch_tickets(session, batch_id)]
    else:
        clocks = read_clocks(open_only=only_open)
    return [
        one
        for one in clocks
        if (not states or one.state.value in states)
        and (not priorities or one.ticket.priority in priorities)
        and not (only_open and one.ticket.resolved_at)
    ]


def left_of(one: TicketClock) -> str:
    """`2 h 10 min left`, `12 min over`; for a stopped clock how it ended."""
    words = clock.describe(one.left)
    if one.state in (SlaState.MET, SlaState.MISSED):
        return f"{words} {'to spare' if one.state is SlaState.MET else 'late'}"
    return f"{words} {'left' if one.left.total_seconds() >= 0 else 'over'}"


def draw_list() -> None:
    clocks = choose_clocks()
    if not clocks:
        st.info(
            "There is no ticket here. Tickets are opened when logs are processed with "
            f"{' or '.join(f'“{KINDS[kind].toggle}”' for kind in KEEPERS)}.",
            icon=":material/confirmation_number:",
        )
        places.link("process_logs", "Process logs")
        return
    st.caption(
        f"{len(clocks):,} ticket{'s' if len(clocks) != 1 else ''}, the next to run out on top. Click one to open it."
    )
    offset = tables.choose_page(len(clocks), key="tickets-page")
    shown = clocks[offset : offset + tables.PAGE_SIZE]
    chosen = tables.choose_row(
        [
            {
                "key": quoted.link_target(one.ticket.url),
                "summary": quoted.cell(one.ticket.summary),
                "status": quoted.cell(one.ticket.status, 40),
                "priority": one.ticket.priority,
                "sla": [one.state.value],
                "left": left_of(one),
                "due": one.due,
                "created": one.ticket.created_at,
                "assignee": quoted.cell(one.ticket.assignee, 60),
                "practice": "practice" if one.ticket.practice else "",
            }
            for one in shown
        ],
        {
            "key": st.column_config.LinkColumn(
                "Ticket",
                display_text=r"([A-Z][A-Z0-9_]*-\d+)",
                width=92,
                help=f"Opens the ticket in {THERE}.",
            ),
            "summary": tables.text_column("Summary", 300),
            "status": tables.text_column("Status", 96),
            "priority": tables.text_column("Priority", 84),
            "sla": tables.sla_column(),
            "left": tables.text_column("Time", 112),
            "due": tables.moment_column("Due"),
            "created": tables.moment_column("Created"),
            "assignee": tables.text_column("Assignee", 110),
            "practice": tables.text_column("Practice", 76),
        },
        key=f"tickets-{offset}",
        alt="Tickets; choose one to open it",
    )
    if chosen is not None:
        st.session_state["ticket-from"] = places.all_asked_for()
        places.go("tickets", ticket=shown[chosen].ticket.key)


def draw_ticket(key: str) -> None:
    one = next((one for one in read_clocks() if one.ticket.key == key), None)
    if one is None:
        show_problem(
            f"There is no ticket {key} here.", "Only tickets that were opened from this product are listed."
        )
        return
    ticket = one.ticket
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(
            f"{quoted.markdown(ticket.key)} · {quoted.markdown(ticket.summary)}",
            anchor=False,
            width="content",
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        sla_badge(one.state)
        st.badge(quoted.markdown(ticket.status), color="gray")
        st.badge(quoted.markdown(ticket.priority), color="gray")
        if ticket.practice:
            practice_badge()
        st.link_button(
            f"Open in {titles([ticket.integration])}",
            quoted.link_target(ticket.url),
            icon=":material/open_in_new:",
        )
        places.link("incidents", "Its incident", incident=ticket.incident_id)
    st.progress(min(1.0, max(0.0, one.share)), text=f"SLA clock: {left_of(one)}")
    st.table(
        {
            "Due": f"{times.shown(one.due)} ({times.in_utc(one.due)})",
            "Created": f"{times.shown(ticket.created_at)} ({times.in_utc(ticket.created_at)})",
            "Resolved": times.shown(ticket.resolved_at) if ticket.resolved_at else "not yet",
            "Assignee": quoted.markdown(ticket.assignee) or "nobody",
            f"Last asked in {titles([ticket.integration])}": times.ago(ticket.synced_at),
        },
        border="horizontal",
        width="content",
    )


if ticket_key := places.asked_for("ticket"):
    if st.button("All tickets", icon=":material/arrow_back:", type="tertiary"):
        places.go("tickets", **st.session_state.pop("ticket-from", {}))
    draw_ticket(ticket_key)
else:
    draw_list()
