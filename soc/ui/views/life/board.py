"""The first screen of a shift: what is on fire, what is mine, what runs out next; each line acted on where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from soc import clock
from soc.access.scopes import Scope
from soc.domain.sla import SlaState
from soc.errors import NotFound
from soc.metrics.board import SHOWN, Board, read_board
from soc.metrics.life import list_everybody, read_life
from soc.metrics.overview import Overview
from soc.store.nouns.combined.work import Work
from soc.tickets import acts
from soc.ui.kit import buttons, grid, places, quoted
from soc.ui.kit.grid import Badge, Lines, RowAct, RowActs
from soc.ui.kit.words import count_of
from soc.ui.views.life import seat
from soc.ui.views.life.acting import Work as Act
from soc.ui.views.life.acting import do, draw_acts, said_of

_CHOSEN = "board-chosen"
_ACKNOWLEDGE, _TAKE = "acknowledge", "take"
_OVER, _SOON, _TIME = "red", "yellow", "blue"


def draw_board(today: Overview) -> None:
    """Three lists beside each other; a line that is clicked opens what can be done with it below them."""
    board = read_board(seat.person_id())
    _draw_headline(board, today)
    row = st.grid(3, min_column_width=340, gap="small")
    with row.container(gap="xsmall"):
        _draw_fire(board, today)
    with row.container(gap="xsmall"):
        _draw_mine(board)
    with row.container(gap="xsmall"):
        _draw_next(board, today)
    _draw_chosen()


def _draw_headline(board: Board, today: Overview) -> None:
    """The three answers in numbers, in one line that fits a telephone."""
    words = [
        (f"{board.critical:,} critical", ":material/local_fire_department:", "red" if board.critical else "gray"),
        (f"{today.sla_overdue:,} over time", ":material/alarm:", "red" if today.sla_overdue else "gray"),
        (f"{board.owned:,} mine" if seat.person_id() else "mine: who sits here?", ":material/person:", "blue"),
        (f"{today.sla_at_risk:,} at risk", ":material/hourglass_bottom:", "yellow" if today.sla_at_risk else "gray"),
    ]  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        for label, icon, color in words:
            st.badge(label, icon=icon, color=color)  # type: ignore[arg-type]


def _draw_fire(board: Board, today: Overview) -> None:
    _head("On fire", ":material/local_fire_department:")
    _draw_list("fire", board.fire, board, "Critical incidents that are not over, and tickets that ran out of time",
               empty="Nothing is on fire.")  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        places.link(
            "incidents", f"{board.critical:,} critical", severity=["critical"], status=["open", "in_progress"]
        )
        places.link(
            "tickets", f"{today.sla_overdue:,} over their time", open="true", sla=[SlaState.VIOLATED.value]
        )


def _draw_mine(board: Board) -> None:
    me = seat.person_id()
    _head(f"Mine: {quoted.markdown(board.names.get(me, me))}" if me else "Mine", ":material/person:")
    if me:
        _draw_list("mine", board.mine, board, "What the person who sits here has", empty="Nothing is yours.")
    else:
        _ask_who(board)
    with st.container(horizontal=True, gap="small"):
        if me:
            places.link(
                "incidents", f"{board.owned:,} of yours", whose="Mine", status=["open", "in_progress"]
            )
        places.link(
            "tickets", f"{count_of(board.unassigned, 'ticket')} nobody has", open="true", whose="Unassigned"
        )


def _ask_who(board: Board) -> None:
    people = [person for person, _ in list_everybody()]
    if not people:
        st.caption("Nobody is in the roster yet. Until then nothing can be somebody's.")
        places.link("roster", "Add the people who work here")
        return
    chosen = st.selectbox(
        "Who sits here?", people, index=None, format_func=lambda one: board.names[one], key="board-who"
    )
    if chosen:
        seat.sit(chosen)
        st.rerun()


def _draw_next(board: Board, today: Overview) -> None:
    _head("About to run out of time", ":material/timer:")
    _draw_list("next", board.next_due, board, "Open tickets that still have time, the next to run out first",
               empty="No clock is running.")  # fmt: skip
    places.link("tickets", f"{today.sla_at_risk:,} at risk", open="true", sla=[SlaState.AT_RISK.value])


def _head(title: str, icon: str) -> None:
    st.markdown(f"##### {icon} {title}")


def _draw_list(name: str, work: Sequence[Work], board: Board, alt: str, *, empty: str) -> None:
    if not work:
        st.caption(empty)
        return
    me = seat.person_id()

    def make() -> grid.Table:
        now = clock.now()
        return grid.make_table(
            [_line(one, board, me, now) for one in work],
            {
                "what": grid.Column("What"),
                "time": grid.Column(
                    "Time", "acts", help="Until the ticket's time is up, or since.", tight=True
                ),
            },
            alt=f"{alt}; choose one to act on it",
            mode="open",
            most=SHOWN,
            short=True,
        )

    picked = grid.draw_table(grid.table_of(board, make, name, me), key=f"board-{name}")
    if picked.opened:
        st.session_state[_CHOSEN] = picked.opened
    if picked.acted:
        buttons.begin("-".join((*picked.acted, "board")))
    for one in work:
        _perform(one, me)


def _line(one: Work, board: Board, me: str, now: datetime) -> dict[str, Any]:
    owner = board.names.get(one.owner, one.owner) if one.owner else "unassigned"
    seen = " · acknowledged" if one.acknowledged_by else ""
    at_risk = board.saving.get(one.ticket_id or 0)
    saved = at_risk.saving.verdict if at_risk is not None else ""
    below = " · ".join(part for part in (one.severity, one.key or "no ticket", owner, saved) if part) + seen
    return {
        "id": one.incident_id,
        "what": Lines(quoted.cell(one.title, 120), quoted.cell(below, 160)),
        "time": RowActs(
            _left(one, now),
            [
                *(
                    []
                    if one.acknowledged_by
                    else [RowAct(_ACKNOWLEDGE, "Ack", "Acknowledge: you look into it", Scope.ACT)]
                ),
                *([RowAct(_TAKE, "Take", "Assign it to me", Scope.ACT)] if me and one.owner != me else []),
            ],
        ),
    }


def _left(one: Work, now: datetime) -> Badge | None:
    if one.due_at is None or one.created_at is None:
        return None
    if one.late_at_intake:
        return Badge(SlaState.INTAKE.value, _TIME)
    left = one.due_at - now
    words = clock.describe(left)
    if left.total_seconds() < 0:
        return Badge(f"{words} over", _OVER)
    half_used = (now - one.created_at) * 2 >= one.due_at - one.created_at
    return Badge(f"{words} left", _SOON if half_used else _TIME)


def _perform(one: Work, me: str) -> None:
    """What was wanted by a button in the line."""
    _perform_one(one, _ACKNOWLEDGE, lambda session, asked: acts.acknowledge(session, one.incident_id, asked))
    _perform_one(
        one,
        _TAKE,
        lambda session, asked: acts.assign(session, one.incident_id, me, asked, expected=one.owner),
    )


def _perform_one(one: Work, act: str, work: Act) -> None:
    name = f"{act}-{one.incident_id}-board"
    wanted = buttons.pending(name)
    if wanted is not None:
        buttons.perform(wanted, lambda key: do(work, key), name=name, busy="…", done=said_of)


def _draw_chosen() -> None:
    chosen = st.session_state.get(_CHOSEN)
    if not chosen:
        return
    try:
        title = read_life(chosen).incident.title  # closed, it stands in no list any more
    except NotFound:
        del st.session_state[_CHOSEN]
        return
    with st.container(border=True, gap="small", key="board-chosen-room"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{quoted.markdown(title)}**", width="content")
            places.link("incidents", "All about it", incident=chosen)
            if st.button("Put away", icon=":material/close:", type="tertiary", key="board-put-away"):
                del st.session_state[_CHOSEN]
                st.rerun()
        draw_acts(chosen, place="board")
