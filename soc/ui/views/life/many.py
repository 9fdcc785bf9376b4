"""The same act on every ticked row: shown beforehand, done as one group, taken back within ten seconds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from soc import clock
from soc.access.scopes import Scope
from soc.domain.acts import VERDICT_TITLES, ActKind, Ending, Verdict
from soc.domain.incident import IncidentStatus
from soc.domain.severity import Priority
from soc.metrics.life import list_everybody
from soc.metrics.lists import incidents_by_id
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.unchanged import store_version
from soc.tickets.acts import Asked, Outcome, bulk
from soc.tickets.acts.bulk import Bulk, Wish
from soc.tickets.acts.undoing import UNDO_FOR
from soc.ui import covered
from soc.ui.kit import buttons, lists, outcome, quoted
from soc.ui.kit.buttons import act_button
from soc.ui.kit.live import live
from soc.ui.kit.words import count_of
from soc.ui.views.life import seat

_DONE = "bulk-done"
_ACTS = {
    "Acknowledge": ActKind.ACKNOWLEDGE,
    "Assign": ActKind.ASSIGN,
    "Move": ActKind.SET_STATUS,
    "Priority": ActKind.SET_PRIORITY,
    "Close": ActKind.CLOSE,
}
_MERGE = "Merge"


@covered.form(Scope.ACT, "Acts on ticked rows")
def draw_many(incident_ids: Sequence[str], *, of: str) -> None:
    """What can be done with the ticked rows of the list `of`; and for ten seconds the way back of what was done last."""
    draw_way_back()
    ids = tuple(dict.fromkeys(incident_ids))
    if not ids:
        st.caption("Tick rows to acknowledge, assign, move or close them together.")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"{len(ids):,} ticked:", width="content")
        able_to = [*_ACTS, *([_MERGE] if len(ids) > 1 else [])]
        act = st.segmented_control(
            "Act", able_to, key=f"many-act-{of}", label_visibility="collapsed", width="content"
        )
        wish = _choose(_ACTS[act], of) if act in _ACTS else None
    if act == _MERGE:
        _draw_merging(ids, of)
        return
    if wish is None:
        return
    seen = _preview(ids, wish)
    able = [one for one in seen if one.ending is Ending.DONE]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        act_button(
            f"{act} {len(able):,}",
            lambda key: bulk.do_many(ids, wish, Asked(seat.actor(Scope.ACT), f"page:{key}")),
            needed=Scope.ACT,
            name=f"many-{of}-{wish.act}-{hash((ids, wish)) & 0xFFFFFF:x}",
            busy=f"{len(able):,} …",
            done=said_of_many,
            then=lambda done: keep_way_back(done, of),
            icon=":material/done_all:",
            type="primary",
            disabled=not able,
        )
        st.caption(f"{count_of(len(able), 'incident')} would be changed. {_others(seen)}", width="content")


def draw_merge(into: str, others: Sequence[str], *, of: str) -> None:
    """What would come of it, incident by incident, and the button. Raises NotFound, ConfigurationError."""
    seen = _preview_merge(into, tuple(others))
    able = [one for one in seen if one.ending is Ending.DONE and one.incident_id != into]
    names = incidents_by_id(tuple(others))
    for one in seen:
        icon = ":material/check:" if one.ending is Ending.DONE else ":material/block:"
        about = names.get(one.incident_id)
        which = (
            f"**{quoted.markdown(about.title)}**: " if about is not None and one.incident_id != into else ""
        )
        st.caption(f"{icon} {which}{quoted.markdown(one.said)}")
    act_button(
        f"Merge {len(able):,}",
        lambda key: bulk.do_merge(into, list(others), Asked(seat.actor(Scope.ACT), f"page:{key}")),
        needed=Scope.ACT,
        name=f"merge-{of}-{hash((into, tuple(others))) & 0xFFFFFF:x}",
        busy=f"{len(able):,} …",
        done=said_of_many,
        then=lambda done: keep_way_back(done, of),
        icon=":material/merge:",
        type="primary",
        disabled=not able,
    )


def _preview_merge(into: str, others: tuple[str, ...]) -> Sequence[Outcome]:
    """Asked once while nothing was written: it takes the write lock."""
    about = (into, others, store_version())
    kept = st.session_state.get("merge-preview")
    if kept is None or kept[0] != about:
        kept = st.session_state["merge-preview"] = (
            about,
            bulk.preview_merge(into, others, actor=seat.actor(Scope.ACT)),
        )
    outcomes: Sequence[Outcome] = kept[1]
    return outcomes


def _draw_merging(ids: tuple[str, ...], of: str) -> None:
    """Which of the ticked ones the others become one with."""
    rows = incidents_by_id(ids)
    into = st.selectbox(
        "Into which", list(rows), index=None, format_func=lambda one: quoted.cell(_name(rows[one]), 80),
        key=f"many-into-{of}", label_visibility="collapsed", placeholder="into which of them", width=320,
    )  # fmt: skip
    if into:
        draw_merge(into, [one for one in ids if one != into], of=of)


def _name(row: IncidentRow) -> str:
    return f"{row.title} · {row.entity or row.source} · {row.severity}"


def _preview(ids: tuple[str, ...], wish: Wish) -> Sequence[Outcome]:
    """Asked once while nothing was written: it takes the write lock."""
    about = (ids, wish, store_version())
    kept = st.session_state.get("bulk-preview")
    if kept is None or kept[0] != about:
        kept = st.session_state["bulk-preview"] = (
            about,
            bulk.preview(ids, wish, actor=seat.actor(Scope.ACT)),
        )
    return kept[1]


def _choose(act: ActKind, of: str) -> Wish | None:
    """What the act takes; None until it is chosen."""
    if act is ActKind.ACKNOWLEDGE:
        return Wish(act)
    if act is ActKind.ASSIGN:
        names = dict(list_everybody())
        owner = st.selectbox(
            "Person", list(names), index=None, format_func=lambda one: names[one], key=f"many-owner-{of}",
            label_visibility="collapsed", placeholder="to whom", width=200,
        )  # fmt: skip
        return Wish(act, owner=owner) if owner else None
    if act is ActKind.SET_STATUS:
        moves = [IncidentStatus.IN_PROGRESS.value, IncidentStatus.OPEN.value]
        status = st.selectbox(
            "Status", moves, index=None, format_func=lambda one: one.replace("_", " "), key=f"many-status-{of}",
            label_visibility="collapsed", placeholder="to which status", width=200,
        )  # fmt: skip
        return Wish(act, status=IncidentStatus(status)) if status else None
    if act is ActKind.SET_PRIORITY:
        priority = st.selectbox(
            "Priority", [one.value for one in Priority], index=None, key=f"many-priority-{of}",
            label_visibility="collapsed", placeholder="which priority", width=200,
        )  # fmt: skip
        return Wish(act, priority=Priority(priority)) if priority else None
    verdicts = [one.value for one in Verdict if one is not Verdict.DUPLICATE]
    verdict = st.selectbox(
        "Verdict", verdicts, index=None, format_func=lambda one: VERDICT_TITLES[Verdict(one)],
        key=f"many-verdict-{of}", label_visibility="collapsed", placeholder="as what", width=250,
    )  # fmt: skip
    note = st.text_input(
        "Note", key=f"many-note-{of}", label_visibility="collapsed", placeholder="note (optional)", width=220
    )
    return Wish(act, verdict=Verdict(verdict), note=note) if verdict else None


def _others(seen: Sequence[Outcome]) -> str:
    """Why the rest would not be: each reason once, with how many."""
    reasons: dict[str, int] = {}
    for one in seen:
        if one.ending is not Ending.DONE:
            reasons[one.said] = reasons.get(one.said, 0) + 1
    told = [f"{number:,}: {quoted.markdown(said)}" for said, number in list(reasons.items())[:3]]
    more = len(reasons) - len(told)
    return " · ".join([*told, *([f"and {more:,} more reasons"] if more > 0 else [])])


def said_of_many(done: Bulk) -> outcome.Said:
    number = done.count(Ending.DONE)
    words = f"{count_of(number, 'incident')} changed."
    if number == len(done.outcomes):
        return outcome.good(words)
    return outcome.warning(f"{words} {_others(done.outcomes)}")


def keep_way_back(done: Bulk, of: str) -> None:
    if done.count(Ending.DONE):
        st.session_state[_DONE] = (done.group, done.count(Ending.DONE), clock.now())
    lists.release(of)


def draw_way_back() -> None:
    kept: tuple[str, int, datetime] | None = st.session_state.get(_DONE)
    if kept is None:
        return
    if clock.now() - kept[2] > UNDO_FOR and buttons.pending(f"undo-{kept[0]}") is None:
        del st.session_state[_DONE]
        return
    live(1)(_draw_countdown)()


def _draw_countdown() -> None:
    """Runs by itself each second, and takes itself away when the time is over."""
    kept: tuple[str, int, datetime] | None = st.session_state.get(_DONE)
    if kept is None:
        return
    group, number, at = kept
    left = (at + UNDO_FOR - clock.now()).total_seconds()
    if left <= 0 and buttons.pending(f"undo-{group}") is None:
        del st.session_state[_DONE]
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="bulk-way-back"):
        act_button(
            f"Undo {number:,}",
            lambda _key: bulk.undo(group, actor=seat.actor(Scope.ACT)),
            needed=Scope.ACT,
            name=f"undo-{group}",
            busy="Taking it back …",
            done=_said_back,
            then=lambda _came: st.session_state.pop(_DONE, None),
            icon=":material/undo:",
        )
        st.caption(f"for {max(0, round(left))} s; vendors are told after that.", width="content")


def _said_back(came: Sequence[Outcome]) -> outcome.Said:
    number = sum(one.ending is Ending.DONE for one in came)
    words = f"{count_of(number, 'incident')} as before."
    return outcome.good(words) if number == len(came) else outcome.warning(f"{words} {_others(came)}")
