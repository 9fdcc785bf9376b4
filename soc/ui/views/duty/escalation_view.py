"""The escalation as its page shows it: its clock, holes, what is coming and what was told."""

from __future__ import annotations

import streamlit as st

from soc import clock
from soc.escalation.preview import find_holes
from soc.metrics.escalation import read_escalation
from soc.store.db import read_session
from soc.store.nouns.escalations import (
    EscalationStepRow,
    count_intake,
    list_coming,
    list_settled,
    read_tickets,
)
from soc.ui.kit import quoted, tables, times
from soc.ui.kit.grid import Column

_STATES = {"told": "green", "skipped": "gray", "cancelled": "gray", "stopped": "blue", "planned": "orange"}


def draw_clock() -> None:
    """Whether it runs, and what the dead man's switch said."""
    state = read_escalation()
    if state.trouble:
        st.error(quoted.markdown(state.trouble), icon=":material/timer_off:")
    elif state.ticked_at is None:
        st.info(
            "The escalation's clock has not ticked here yet: it does where an engine runs.",
            icon=":material/info:",
        )
    else:
        st.caption(f"The clock ticked {times.ago(state.ticked_at)}; nothing is late.")
    if state.heartbeat:
        st.warning(f"Heartbeat: {quoted.markdown(state.heartbeat)}", icon=":material/heart_broken:")


def draw_intake() -> None:
    """One line a batch whose tickets were late before anybody here could know: they are never escalated."""
    with read_session() as session:
        found = count_intake(session)
    for name, number in found:
        st.caption(
            f"{quoted.markdown(name)}: {number:,} open {'ticket was' if number == 1 else 'tickets were'} breached at intake, "
            "and never escalated."
        )


def draw_holes() -> None:
    """Where nobody would be told in the next 14 days."""
    with read_session() as session:
        holes = find_holes(session, now=clock.now())
    bare = [one for one in holes if not one.covered]
    label = (
        f"{len(bare)} holes in the next 14 days, {len(holes) - len(bare)} covered by the fallback"
        if holes
        else "No holes in the next 14 days"
    )
    icon = ":material/error:" if bare else ":material/warning:" if holes else ":material/check_circle:"
    with st.expander(label, icon=icon, expanded=bool(bare)):
        if not holes:
            st.markdown("Every step reaches somebody at every moment.")
            return
        tables.show_rows(
            [
                {
                    "From": one.start, "Until": one.end, "Step": quoted.cell(f"{one.name}: {one.title}"),
                    "Told": "the fallback" if one.covered else "nobody by name", "Why": quoted.cell("; ".join(one.why)),
                }
                for one in sorted(holes, key=lambda one: (one.covered, one.start))[:200]
            ],
            {
                "From": tables.moment_column("From"), "Until": tables.moment_column("Until"),
                "Step": tables.text_column("Step", 220), "Told": tables.text_column("Told", 110),
                "Why": tables.whole_column("Why", 380),
            },
            alt="Holes of the chains",
        )  # fmt: skip


def _rows(rows: list[EscalationStepRow]) -> list[dict[str, object]]:
    with read_session() as session:
        tickets = read_tickets(session, {row.ticket_id for row in rows})
    return [
        {
            "When": row.settled_at or row.due_at,
            "Ticket": quoted.cell(tickets[row.ticket_id][0].key),
            "Priority": tickets[row.ticket_id][0].priority,
            "Incident": quoted.cell(tickets[row.ticket_id][1].title),
            "Step": quoted.cell(f"{row.title}{f' (repeat {row.loop})' if row.loop else ''}"),
            "State": row.state,
            "Why": quoted.cell(row.why or "–"),
        }
        for row in rows
    ]


def draw_coming() -> None:
    """The next steps, the soonest first."""
    with read_session() as session:
        rows = list(list_coming(session, limit=100))
    st.subheader("What is coming", anchor=False)
    if not rows:
        st.caption("Nothing is planned: every open ticket is answered, or there is none.")
        return
    tables.show_rows(
        _rows(rows),
        {
            "When": tables.moment_column("Due"), "Ticket": tables.whole_column("Ticket", 90),
            "Priority": tables.text_column("Priority", 80), "Incident": tables.text_column("Incident", 280),
            "Step": tables.text_column("Step", 180),
        },
        alt="Steps that are planned",
    )  # fmt: skip


def draw_settled() -> None:
    """What became of steps, the last first: told to whom, skipped, cancelled, and who was not reached."""
    with read_session() as session:
        rows = list(list_settled(session, limit=100))
    if not rows:
        return
    st.subheader("What was told", anchor=False)
    tables.show_rows(
        _rows(rows),
        {
            "When": tables.moment_column("When"), "Ticket": tables.whole_column("Ticket", 90),
            "Step": tables.text_column("Step", 170), "State": Column("State", "badge", colors=_STATES),
            "Why": tables.whole_column("What came of it", 480),
        },
        alt="What became of steps",
    )  # fmt: skip
