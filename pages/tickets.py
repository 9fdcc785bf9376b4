"""Tickets: what was opened from here, where it stands there, and its SLA clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import streamlit as st

from soc import clock
from soc.access.scopes import Scope
from soc.configuration.state import every_state
from soc.domain.severity import Priority
from soc.domain.sla import SlaState
from soc.integrations.registry import KINDS, takers, titles
from soc.metrics.lists import kept_count_tickets, kept_find_clocks, kept_list_clocks, kept_read_clocks
from soc.sla.clocks import BY_CLOCK, TicketClock, words_of_time
from soc.sla.export import export_tickets
from soc.store.nouns.tickets.tickets import TicketFilter
from soc.tickets.sync import sync_tickets
from soc.ui.kit import lists, outcome, places, quoted, tables, times
from soc.ui.kit.buttons import act_button
from soc.ui.kit.grid import Lines, Link
from soc.ui.kit.problems import show_problem
from soc.ui.kit.severity import practice_badge, sla_badge
from soc.ui.kit.words import count_of
from soc.ui.sitting import actor_here
from soc.ui.views.life.acting import draw_acts
from soc.ui.views.life.conflicts import draw_conflicts
from soc.ui.views.life.many import draw_many
from soc.ui.views.life.whose import choose_whose
from soc.ui.views.sla.clocks import draw_clocks
from soc.ui.views.ticket_cells import incident_cells, read_incidents

#: Where tickets are opened.
KEEPERS = takers("open_ticket")
THERE = titles(KEEPERS)


def _sync() -> int:
    actor_here(Scope.ACT)
    return sync_tickets()


def draw_refresh() -> None:
    states = every_state()
    ready = any(states[kind].enabled for kind in KEEPERS)
    act_button(
        f"Refresh from {THERE}",
        lambda _key: _sync(),
        needed=Scope.ACT,
        name="sync-tickets",
        busy=f"Asking {THERE} for every open ticket …",
        done=lambda changed: outcome.good(f"{THERE} was asked: {count_of(changed, 'ticket')} changed."),
        icon=":material/sync:",
        disabled=not ready,
        help=f"Reads status, priority and assignee of every open ticket; changes nothing in {THERE}. It also happens by itself."
        if ready
        else f"Connect {THERE} under Integrations first.",
    )


def choose_filter() -> TicketFilter:
    """The filter bar; every choice is in the address, so a link shows the same list."""
    batch_id = places.asked_for("batch")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        only_open = st.toggle("Only open", key="open", bind="query-params", width="content")
        states = st.pills(
            "SLA",
            [state.value for state in SlaState],
            selection_mode="multi",
            key="sla",
            bind="query-params",
            label_visibility="collapsed",
        )
        priorities = st.pills(
            "Priority",
            [priority.value for priority in Priority],
            selection_mode="multi",
            key="priority",
            bind="query-params",
            label_visibility="collapsed",
        )
        owners = choose_whose()
        draw_refresh()
    if batch_id:
        st.caption(f"Only tickets of batch {quoted.markdown(batch_id)}.")
        places.link("tickets", "All tickets")
    narrowed = draw_narrowing()
    return replace(
        narrowed,
        batch_id=batch_id,
        is_open=True if only_open else None,
        states=tuple(SlaState(state) for state in states or ()),
        priorities=tuple(priorities or ()),
        owners=owners,
    )


def draw_narrowing() -> TicketFilter:
    """What only links ask for: it is said, and leads to all."""
    since, until = (_moment_asked(name) for name in ("since", "until"))
    words = [
        f"opened from {times.shown(since)}" if since else "",
        f"opened before {times.shown(until)}" if until else "",
        *(
            f"{words} {quoted.markdown(places.asked_for(name))}" if places.asked_for(name) else ""
            for name, words in (
                ("source", "from"),
                ("escalated", "told by the step"),
                ("clock", "with the clock"),
            )
        ),
    ]
    if any(words):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(f"Only tickets {', '.join(filter(None, words))}.", width="content")
            places.link("tickets", "All tickets", icon=":material/filter_alt_off:")
    return TicketFilter(
        since=since, until=until, source=places.asked_for("source"), escalated=places.asked_for("escalated"),
        clock=places.asked_for("clock"),
    )  # fmt: skip


def _moment_asked(name: str) -> datetime | None:
    try:
        return clock.parse(places.asked_for(name)) if places.asked_for(name) else None
    except ValueError:
        return None


def draw_list() -> None:
    wanted = choose_filter()
    if not kept_count_tickets(wanted):
        st.info(
            "There is no ticket here. Tickets are opened when logs are processed with "
            f"{' or '.join(f'“{KINDS[kind].toggle}”' for kind in KEEPERS)}.",
            icon=":material/confirmation_number:",
        )
        places.link("process_logs", "Process logs")
        return
    shown = lists.draw_list(
        "tickets",
        lists.Source(
            chosen=wanted,
            count=lambda: kept_count_tickets(wanted),
            page=lambda sort, offset: kept_list_clocks(
                wanted, sort=sort, offset=offset, limit=tables.PAGE_SIZE
            ),
            again=lambda ids: kept_read_clocks(tuple(int(one) for one in ids)),
            id_of=lambda one: str(one.ticket.id),
        ),
        noun="ticket",
        order="the next to run out on top",
        hint="Click one to open it; tick some to act on them.",
        cells=draw_cells,
        columns={
            "key": tables.whole_column("Ticket", 70, help=f"Opens the ticket in {THERE}."),
            "incident": tables.text_column("Incident", 150),
            "entity": tables.whole_column("Host or address", 112),
            "severity": tables.severity_column(),
            "status": tables.whole_column("Status", 74, sort="status"),
            "priority": tables.text_column("Priority"),
            "sla": tables.sla_column(),
            "due": tables.text_column(
                "Due", 132, help=f"What is left, and until when ({times.zone_name()}).", sort="due_at"
            ),
            "created": tables.moment_column("Created", sort="created_at"),
            "assignee": tables.text_column("Assignee", sort="assignee"),
        },
        sort=BY_CLOCK,
        alt="Tickets; choose one to open it",
        tick=True,
        ticked=lambda rows: draw_many([one.ticket.incident_id for one in rows], of="tickets"),
        export=lists.Export("tickets.csv", lambda: b"".join(export_tickets(wanted))),
    )
    if shown.opened:
        st.session_state["ticket-from"] = places.all_asked_for()
        places.go("tickets", ticket=shown.opened)


def draw_cells(shown: Sequence[TicketClock]) -> list[dict[str, Any]]:
    about = read_incidents([one.ticket.incident_id for one in shown])
    return [
        {
            "key": Link(quoted.cell(one.ticket.key, 40), one.ticket.url),
            **incident_cells(about.get(one.ticket.incident_id), one.ticket.summary),
            "status": Lines(quoted.cell(one.ticket.status, 40), "practice" if one.ticket.practice else ""),
            "priority": one.ticket.priority,
            "sla": one.state.value,
            "due": Lines(words_of_time(one.state, one.left), times.shown(one.due)),
            "created": one.ticket.created_at,
            "assignee": quoted.cell(one.ticket.assignee, 60),
        }
        for one in shown
    ]


def draw_asked_for(reference: str) -> None:
    """The ticket that a deep link names: by its number here, which is one ticket's for good, or by its key."""
    found = kept_find_clocks(reference)
    if not found:
        show_problem(
            f"There is no ticket {reference} here.",
            "Only tickets that were opened from this product are listed.",
        )
    elif len(found) == 1:
        draw_ticket(found[0])
    else:
        draw_namesakes(reference, found)


def draw_namesakes(key: str, found: list[TicketClock]) -> None:
    """Practice has a numbering of its own, so one key may be that of a practice ticket and of a real one."""
    st.info(f"{len(found)} tickets have the key {quoted.markdown(key)}.", icon=":material/call_split:")
    for one in found:
        with st.container(horizontal=True, vertical_alignment="center"):
            sla_badge(one.state)
            places.link(
                "tickets", quoted.markdown(one.ticket.summary) or one.ticket.key, ticket=str(one.ticket.id)
            )
            if one.ticket.practice:
                practice_badge()


def draw_ticket(one: TicketClock) -> None:
    ticket = one.ticket
    about = read_incidents([ticket.incident_id]).get(ticket.incident_id)
    places.name_tab(f"Ticket {ticket.key}: {about.title if about else ticket.summary}")
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
    draw_acts(ticket.incident_id, place="ticket")
    draw_conflicts(ticket.id)
    draw_clocks(ticket)
    st.table(
        {
            "Due next": f"{times.shown(one.due)} ({times.in_utc(one.due)}), {words_of_time(one.state, one.left)}",
            "Created": f"{times.shown(ticket.created_at)} ({times.in_utc(ticket.created_at)})",
            "Resolved": times.shown(ticket.resolved_at) if ticket.resolved_at else "not yet",
            f"Assignee in {titles([ticket.integration])}": quoted.markdown(ticket.assignee) or "nobody",
            f"Last asked in {titles([ticket.integration])}": times.ago(ticket.synced_at),
        },
        border="horizontal",
        width="content",
    )


if reference := places.asked_for("ticket"):
    if st.button("All tickets", icon=":material/arrow_back:", type="tertiary"):
        places.go("tickets", **st.session_state.pop("ticket-from", {}))
    draw_asked_for(reference)
else:
    draw_conflicts()
    draw_list()
