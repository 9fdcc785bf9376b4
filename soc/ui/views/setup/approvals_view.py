"""What takes a second administrator: asked for where it was wanted, approved or refused on its page."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from soc import clock
from soc.access import approvals
from soc.access.approvals import LONGEST_REASON, ApprovalState, Wanted, state_of
from soc.access.scopes import Scope
from soc.access.sessions import in_force
from soc.configuration.approving import approve
from soc.integrations.naming import display_actor
from soc.store.db import read_session, write_session
from soc.store.nouns.people.people import list_people
from soc.store.nouns.rules.approvals import ApprovalRow, list_approvals
from soc.store.unchanged import while_unchanged
from soc.ui.kit import buttons, outcome, quoted, tables, times
from soc.ui.sitting import actor_here, person_here

_FETCHED = "fetched-export"


def draw_asking() -> None:
    """Above any page: what was wanted a moment ago takes a second administrator. Nothing where nothing was."""
    wanted: Wanted | None = st.session_state.get(buttons.NEEDS_SECOND)
    if wanted is None:
        return
    with st.container(border=True, gap="small", key="asking"):
        st.markdown(f"**Another administrator has to approve this.** {quoted.markdown(wanted.what)}")
        why = st.text_input("Why do you want it?", key="approval-why", max_chars=LONGEST_REASON)
        with st.container(horizontal=True):
            buttons.act_button(
                "Ask for approval",
                lambda _key: _ask(wanted, why),
                needed=Scope.ADMIN,
                name=f"ask-{abs(hash(wanted.what)):x}",
                busy="Asking …",
                done=lambda row: outcome.good(f"Asked for; it waits until {times.shown(row.expires_at)}."),
                then=lambda _row: _leave(),
                icon=":material/how_to_reg:",
                type="primary",
                disabled=not why.strip(),
            )
            st.button("Leave it", key="approval-leave", on_click=_leave)


def _leave() -> None:
    st.session_state.pop(buttons.NEEDS_SECOND, None)


def _ask(wanted: Wanted, why: str) -> ApprovalRow:
    with write_session() as session:
        return approvals.ask(session, wanted, why, actor=actor_here(Scope.ADMIN), now=clock.now())


@while_unchanged
def _two() -> bool:
    with read_session() as session:
        return len(approvals.administrators(session)) > 1


@while_unchanged
def _requests() -> tuple[Sequence[ApprovalRow], dict[str, str]]:
    with read_session() as session:
        return list_approvals(session), {one.id: one.name for one in list_people(session)}


def draw_approvals() -> None:
    """Those that wait, each with what can be done with it; below them all of before."""
    if not (in_force() and _two()):
        st.info(
            "Nothing waits for a second administrator here: people do not sign in, or only one is an administrator. What would "
            "take two is done at once.",
            icon=":material/info:",
        )
    else:
        st.caption(
            "Switching off certificate checks and exporting secrets take two administrators: one asks, another approves, and the "
            "product does it in the name of both."
        )
    if text := st.session_state.get(_FETCHED):
        st.download_button(
            "Download the export", text, file_name=f"soc-configuration-{clock.now():%Y-%m-%d}.json", mime="application/json",
            icon=":material/download:", type="primary", on_click=lambda: st.session_state.pop(_FETCHED, None),
        )  # fmt: skip
    rows, names = _requests()
    now = clock.now()
    for row in rows:
        if state_of(row, now) is ApprovalState.WAITING or row.result:
            with st.container(border=True, gap="small", key=f"approval-{row.id}"):
                _draw_request(row, names)
    if not rows:
        st.caption("Nothing was asked for yet.")
        return
    st.subheader("Requests", anchor=False)
    tables.show_rows(
        [
            {
                "at": row.created_at, "state": str(state_of(row, now)), "act": row.act, "what": quoted.cell(row.what),
                "why": quoted.cell(row.reason), "who": quoted.cell(display_actor(row.made_by, names)), "until": row.expires_at,
                "decided": quoted.cell(display_actor(row.changed_by, names) if row.changed_by else ""), "said": quoted.cell(row.said),
            }
            for row in rows
        ],
        {
            "at": tables.moment_column("Asked"), "state": tables.text_column("State", 80), "act": tables.text_column("Act", 130),
            "what": tables.text_column("What", 240), "why": tables.whole_column("Why", 160), "who": tables.whole_column("By", 90),
            "until": tables.moment_column("Until"), "decided": tables.whole_column("Decided by", 90),
            "said": tables.whole_column("Said", 140),
        },
        alt="Requests for approval, the newest first",
    )  # fmt: skip


def _draw_request(row: ApprovalRow, names: dict[str, str]) -> None:
    mine = row.asked_person != "" and row.asked_person == person_here()
    st.markdown(f"**{quoted.markdown(row.act.capitalize())}**: {quoted.markdown(row.what)}")
    st.markdown(f"“{quoted.markdown(row.reason)}”")
    who = quoted.markdown(display_actor(row.made_by, names))
    st.caption(f"{who} asked {times.ago(row.created_at)}; until {times.shown(row.expires_at)} ({row.id})")
    if row.result:
        _draw_fetching(row, mine=mine)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if mine:
            _draw_withdrawal(row)
        else:
            _draw_decision(row)


def _draw_withdrawal(row: ApprovalRow) -> None:
    st.caption("Your own: another administrator decides.", width="content")
    buttons.act_button(
        "Withdraw it", lambda _key: approvals.withdraw(row.id, actor=actor_here(Scope.ADMIN)), needed=Scope.ADMIN,
        name=f"withdraw-{row.id}", busy="…", done=lambda _none: outcome.good("It is withdrawn."), icon=":material/undo:",
    )  # fmt: skip


def _draw_decision(row: ApprovalRow) -> None:
    buttons.act_button(
        "Approve it", lambda _key: approve(row.id, actor=actor_here(Scope.ADMIN)), needed=Scope.ADMIN, name=f"approve-{row.id}",
        busy="Doing it …", done=_said, icon=":material/how_to_reg:", type="primary",
    )  # fmt: skip
    why = st.text_input(
        "Why not",
        key=f"why-not-{row.id}",
        placeholder="why not",
        label_visibility="collapsed",
        max_chars=LONGEST_REASON,
    )
    buttons.act_button(
        "Refuse it", lambda _key: approvals.refuse(row.id, reason=why, actor=actor_here(Scope.ADMIN)), needed=Scope.ADMIN,
        name=f"refuse-{row.id}", busy="…", done=lambda _none: outcome.good("It is refused."), icon=":material/block:",
    )  # fmt: skip


def _draw_fetching(row: ApprovalRow, *, mine: bool) -> None:
    """The export that was approved, for whoever asked: fetched once, then downloaded."""
    if not mine:
        st.caption("Approved and made; whoever asked fetches it.")
        return
    buttons.act_button(
        "Fetch it", lambda _key: approvals.collect(row.id, actor=actor_here(Scope.ADMIN)), needed=Scope.ADMIN,
        name=f"fetch-{row.id}", busy="…", then=lambda text: st.session_state.update({_FETCHED: text}), icon=":material/lock_open:",
    )  # fmt: skip


def _said(row: ApprovalRow) -> outcome.Said:
    if row.state == ApprovalState.DONE:
        return outcome.good("Approved, and done.")
    return outcome.bad(f"Approved, and not done: {quoted.markdown(row.said)}")
