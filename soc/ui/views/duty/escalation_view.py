"""The escalation as its page shows it: its clock, holes, what is coming and what was told."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from soc.domain.escalation.paths import Hole
from soc.metrics.escalation import (
    StepOf,
    find_holes,
    list_coming,
    list_late,
    list_settled,
    read_escalation,
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
    for one in list_late():
        st.caption(f"{quoted.markdown(one.name)}: {one.words}.")


def draw_holes() -> None:
    """Where nobody would be told in the next 14 days."""
    holes = find_holes()
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
            lambda: _holes(holes),
            {
                "From": tables.moment_column("From"), "Until": tables.moment_column("Until"),
                "Step": tables.text_column("Step", 220), "Told": tables.text_column("Told", 110),
                "Why": tables.whole_column("Why", 380),
            },
            alt="Holes of the chains", of=holes,
        )  # fmt: skip


def _holes(holes: Sequence[Hole]) -> list[dict[str, object]]:
    return [
        {
            "From": one.start,
            "Until": one.end,
            "Step": quoted.cell(f"{one.name}: {one.title}"),
            "Told": "the fallback" if one.covered else "nobody by name",
            "Why": quoted.cell("; ".join(one.why)),
        }
        for one in sorted(holes, key=lambda one: (one.covered, one.start))[:200]
    ]


def _rows(rows: Sequence[StepOf]) -> list[dict[str, object]]:
    return [
        {
            "When": one.step.settled_at or one.step.due_at,
            "Ticket": quoted.cell(one.key),
            "Priority": one.priority,
            "Incident": quoted.cell(one.incident),
            "Step": quoted.cell(f"{one.step.title}{f' (repeat {one.step.loop})' if one.step.loop else ''}"),
            "State": one.step.state,
            "Why": quoted.cell(one.step.why or "–"),
        }
        for one in rows
    ]


def draw_coming() -> None:
    """The next steps, the soonest first."""
    rows = list_coming()
    st.subheader("What is coming", anchor=False)
    if not rows:
        st.caption("Nothing is planned: every open ticket is answered, or there is none.")
        return
    tables.show_rows(
        lambda: _rows(rows),
        {
            "When": tables.moment_column("Due"), "Ticket": tables.whole_column("Ticket", 90),
            "Priority": tables.text_column("Priority", 80), "Incident": tables.text_column("Incident", 280),
            "Step": tables.text_column("Step", 180),
        },
        alt="Steps that are planned", of=rows,
    )  # fmt: skip


def draw_settled() -> None:
    """What became of steps, the last first: told to whom, skipped, cancelled, and who was not reached."""
    rows = list_settled()
    if not rows:
        return
    st.subheader("What was told", anchor=False)
    tables.show_rows(
        lambda: _rows(rows),
        {
            "When": tables.moment_column("When"), "Ticket": tables.whole_column("Ticket", 90),
            "Step": tables.text_column("Step", 170), "State": Column("State", "badge", colors=_STATES),
            "Why": tables.whole_column("What came of it", 480),
        },
        alt="What became of steps", of=rows,
    )  # fmt: skip
