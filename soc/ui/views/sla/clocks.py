"""A ticket's two clocks: where each stands, why, and what makes them wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from soc import clock
from soc.access.scopes import Scope
from soc.domain.sla import RUNNING, SlaState
from soc.domain.sla.event import ClockKind
from soc.sla import holding
from soc.sla.explain import explain_ticket
from soc.sla.reading import ClockView, newest, read_cycles, resolution_times
from soc.store.db import read_session, write_session
from soc.store.nouns.tickets.tickets import TicketRow, get_ticket
from soc.store.unchanged import while_unchanged
from soc.ui import covered
from soc.ui.kit import outcome, quoted, tables, times
from soc.ui.kit.buttons import act_button
from soc.ui.kit.grid import Column
from soc.ui.views.life import seat

_HOURS = {"1 hour": 1, "4 hours": 4, "1 day": 24, "3 days": 72, "1 week": 168, "30 days": 720}


@while_unchanged
def _kept_cycles(ticket_id: int, minute: str) -> Sequence[ClockView]:
    del minute  # what runs is another thing with each
    with read_session() as session:
        return read_cycles(session, [ticket_id], now=clock.now()).get(ticket_id, [])


@while_unchanged
def _story(ticket_id: int, minute: str) -> Sequence[str]:
    del minute
    with read_session() as session:
        return explain_ticket(session, get_ticket(session, ticket_id))


def in_words(one: ClockView) -> str:
    """`1 h 20 min left`, `12 min over`, `took 40 min`."""
    if one.ended_at is not None:
        return f"took {clock.describe(one.used)}"
    words = clock.describe(one.left)
    if one.state is SlaState.PAUSED:
        return f"waits, {words} left"
    return f"{words} {'left' if one.left >= timedelta(0) else 'over'}"


def draw_clocks(ticket: TicketRow) -> None:
    """Both clocks with every cycle, the ways to pause them, and the story of each."""
    assert ticket.id is not None
    minute = clock.now().strftime("%H:%M")
    cycles = _kept_cycles(ticket.id, minute)
    if not cycles:
        return
    tables.show_rows(
        lambda: [
            {
                "clock": one.clock.value + (f", cycle {one.cycle}" if one.cycle > 1 else ""),
                "sla": one.state.value,
                "time": in_words(one),
                "used": 100 * min(1.0, max(0.0, one.share)),
                "due": one.due_at,
                "target": f"{clock.describe(one.target)} ({one.priority})",
                "paused": f"{one.paused_share:.0%}" if one.paused else "–",
                "policy": f"{quoted.cell(one.policy, 40)} v{one.version}",
            }
            for one in cycles
        ],
        {
            "clock": tables.text_column("Clock", 120),
            "sla": tables.sla_column(),
            "time": tables.text_column("Time", 130),
            "used": Column("Used", "bar", width=90),
            "due": tables.moment_column("Due"),
            "target": tables.text_column("Target", 130),
            "paused": tables.text_column("Paused", 70),
            "policy": tables.text_column("Policy", 100),
        },
        alt="The ticket's response and resolution clock",
        of=cycles,
    )
    for one in cycles:
        if one.counts_from is not None and one.ended_at is None:
            st.caption(
                f"The {one.clock} clock starts out of hours: it counts from {times.shown(one.counts_from)} "
                f"({times.in_utc(one.counts_from)})."
            )
    first, total = resolution_times(cycles)
    if first is not None and total is not None and total != first:
        st.caption(
            f"First resolved after {clock.describe(timedelta(seconds=first))}, "
            f"in the end after {clock.describe(timedelta(seconds=total))}."
        )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _draw_pause(ticket, cycles)
        with st.popover("Why?", icon=":material/help:"):
            st.markdown("\n".join(f"- {quoted.markdown(one)}" for one in _story(ticket.id, minute)))


def _draw_pause(ticket: TicketRow, cycles: Sequence[ClockView]) -> None:
    running = [
        one for kind in ClockKind if (one := newest(cycles, kind)) is not None and one.ended_at is None
    ]
    if not running:
        return
    number = ticket.id or 0
    if any(one.state is SlaState.PAUSED for one in running):
        act_button(
            "Resume clocks",
            lambda _key: _resume(number),
            needed=Scope.ACT,
            name=f"resume-clocks-{number}",
            busy="Resuming …",
            done=lambda went: outcome.good("The clocks go on.") if went else outcome.warning(_BY_STATUS),
            icon=":material/play_arrow:",
        )
        return
    if not any(one.state in RUNNING for one in running):
        return
    with covered.popover("Pause clocks", needed=Scope.ACT, icon=":material/pause:"):
        reason = st.text_input("What does it wait for?", key=f"pause-why-{number}", max_chars=500)
        length = st.selectbox("For how long at most?", list(_HOURS), index=2, key=f"pause-for-{number}")
        act_button(
            "Pause",
            lambda _key: _pause(number, reason, _HOURS[length]),
            needed=Scope.ACT,
            name=f"pause-clocks-{number}",
            busy="Pausing …",
            done=lambda _none: outcome.good("The clocks wait. One that has run out stays violated."),
            icon=":material/pause:",
            disabled=not reason.strip(),
        )


_BY_STATUS = "Its status holds the clocks: they go on when that is left."


def _pause(number: int, reason: str, hours: int) -> None:
    until = clock.now() + timedelta(hours=hours)
    with write_session() as session:
        holding.pause_by_hand(
            session, get_ticket(session, number), actor=seat.actor(Scope.ACT), reason=reason, until=until
        )


def _resume(number: int) -> bool:
    with write_session() as session:
        return holding.resume_by_hand(session, get_ticket(session, number), actor=seat.actor(Scope.ACT))
