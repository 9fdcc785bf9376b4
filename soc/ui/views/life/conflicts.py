"""Where both sides of a ticket say something else: both values, who set each, and a button for either."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from soc.access.scopes import Scope
from soc.delivery.queues import enqueue_tries
from soc.integrations.registry import titles
from soc.store.db import read_session, write_session
from soc.store.nouns.tickets.ticket_conflicts import ConflictFilter, TicketConflictRow, page_conflicts
from soc.store.nouns.tickets.ticket_fields import value_of
from soc.store.nouns.tickets.tickets import TicketRow, get_ticket
from soc.store.unchanged import while_unchanged
from soc.tickets.sync.deciding import Decision, decide
from soc.ui.kit import outcome, places, quoted, times
from soc.ui.kit.buttons import act_button
from soc.ui.kit.words import count_of
from soc.ui.views.life.seat import actor

#: As many as are drawn; the others come when these are decided.
SHOWN = 20
#: So many stand open above a list; the list is what people came for.
FIRST = 3


@while_unchanged
def open_conflicts(ticket_id: int | None) -> tuple[int, Sequence[tuple[TicketConflictRow, TicketRow]]]:
    """How many wait for a person, and the newest of them with their tickets; of one ticket, or of all."""
    with read_session() as session:
        page = page_conflicts(session, ConflictFilter(ticket_id=ticket_id, is_open=True), limit=SHOWN)
        return page.total, [(row, get_ticket(session, row.ticket_id)) for row in page.rows]


def draw_conflicts(ticket_id: int | None = None) -> None:
    """Those that wait for a decision; nothing where none does."""
    total, rows = open_conflicts(ticket_id)
    if not rows:
        return
    with st.container(border=True, gap="small"):
        st.markdown(f"**{count_of(total, 'conflict')} to decide**")
        for row, ticket in rows[:FIRST]:
            _draw(row, ticket)
        if total > FIRST:
            with st.expander(f"{total - FIRST:,} more", key="conflicts-more"):
                for row, ticket in rows[FIRST:]:
                    _draw(row, ticket)
                if total > len(rows):
                    st.caption(f"{total - len(rows):,} others come when these are decided.")


def _draw(row: TicketConflictRow, ticket: TicketRow) -> None:
    there = titles([ticket.integration])
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        places.link("tickets", quoted.markdown(ticket.key), ticket=str(ticket.id))
        with st.container(width="stretch", gap=None):
            st.markdown(_said(row, there))
        for decision, label in _choices(row, there):
            act_button(
                label,
                partial(_decide, row.id or 0, decision),
                needed=Scope.ACT,
                name=f"conflict-{row.id}-{decision}",
                busy="Deciding …",
                done=lambda _told: outcome.good("Decided."),
            )


def _said(row: TicketConflictRow, there: str) -> str:
    """What both sides say and who set theirs; of a whole ticket that is gone only that."""
    if row.field == "ticket":
        return quoted.markdown(row.reason)
    who = f" (set by {quoted.markdown(row.their_name)} {times.ago(row.their_at)})" if row.their_name else ""
    ours, theirs = _words(row.ours), _words(row.theirs)
    return (
        f"{quoted.markdown(row.field)}: here **{ours}**, in {there} **{theirs}**{who}. "
        f"{quoted.markdown(row.reason)}"
    )


def _choices(row: TicketConflictRow, there: str) -> list[tuple[Decision, str]]:
    if row.field == "ticket":
        return [("theirs", "Seen")]
    if row.field == "comment":
        return [("ours", f"Send it to {there} again"), ("theirs", "Leave it here alone")]
    return [("ours", "Ours holds"), ("theirs", f"{there}'s holds")]


def _decide(conflict_id: int, decision: Decision, _key: str) -> int:
    with write_session() as session:
        tries = decide(session, conflict_id, decision, actor=actor(Scope.ACT))
    enqueue_tries(tries)
    return len(tries)


def _words(stored: dict[str, object]) -> str:
    value = value_of(stored)
    shown = ", ".join(value) if isinstance(value, tuple) else value or "nothing"
    return quoted.markdown(shown[:300])
