"""Suppressions and maintenance windows on the Rules page: in force, made after a preview, ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from soc import clock
from soc.access.scopes import Scope
from soc.domain.rule import HidingKind, Suppression
from soc.errors import SocError
from soc.metrics.life import list_everybody
from soc.rules import suppressing
from soc.store.db import read_session, write_session
from soc.store.nouns.rules.suppressions import list_hiding
from soc.store.unchanged import while_unchanged
from soc.ui import covered
from soc.ui.kit import outcome, quoted, times
from soc.ui.kit.buttons import act_button
from soc.ui.views.life import seat

_HOURS = {"1 hour": 1, "4 hours": 4, "1 day": 24, "1 week": 168, "30 days": 720}


@while_unchanged
def _known() -> Sequence[Suppression]:
    with read_session() as session:
        return list_hiding(session, since=clock.now())


def draw_hiding() -> None:
    """What nobody is told of now, and the way to hide something for a while."""
    st.subheader("Hidden for a while", anchor=False)
    now, names = clock.now(), dict(list_everybody())
    known = _known()
    if not known:
        st.caption("Nothing is hidden: everything that meets a rule is told.")
    for one in known:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge("in force" if one.starts_at <= now else "to come", color="violet")
            st.markdown(
                f"{quoted.markdown(conditions(one))} — {quoted.markdown(one.reason)}  \n"
                f":small[:gray[until {times.shown(one.ends_at)}, {quoted.markdown(names.get(one.owner, one.owner))}, {one.kind.value}]]",
                width="content",
            )
            _draw_end(one.id)
    with st.expander("Hide something for a while", icon=":material/visibility_off:"):
        _draw_new(names)


def _draw_end(suppression_id: str) -> None:
    act_button(
        "End it", lambda _key: _end(suppression_id), needed=Scope.LEAD, name=f"end-{suppression_id}", busy="…",
        done=lambda _none: outcome.good("It hides nothing any more."), icon=":material/visibility:", type="tertiary",
    )  # fmt: skip


def conditions(one: Suppression) -> str:
    parts = (
        ("host or address", one.entity), ("source", one.source), ("signature", one.signature),
        ("class contains", one.class_contains),
    )  # fmt: skip
    return ", ".join(f"{name} {value}" for name, value in parts if value)


@covered.form(Scope.LEAD, "Hiding")
def _draw_new(names: dict[str, str]) -> None:
    if not names:
        st.caption("Somebody has to answer for it, and nobody is in the roster yet.")
        return
    round_ = st.session_state.get("hiding-round", 0)
    with st.grid(3, min_column_width=220, gap="small"):
        entity = st.text_input(
            "Host or address", key=f"hide-entity-{round_}", placeholder="db-*", max_chars=200
        )
        source = st.text_input("Source", key=f"hide-source-{round_}", max_chars=200)
        signature = st.text_input("Signature", key=f"hide-signature-{round_}", max_chars=200)
        words = st.text_input("Class contains", key=f"hide-class-{round_}", max_chars=200)
        reason = st.text_input("Reason", key=f"hide-reason-{round_}", max_chars=200)
        me = seat.person_id()
        owner = st.selectbox(
            "Who answers for it", list(names), index=list(names).index(me) if me in names else None,
            format_func=lambda one: names[one], key=f"hide-owner-{round_}",
        )  # fmt: skip
        length = st.selectbox("For", list(_HOURS), index=2, key=f"hide-for-{round_}")
        window = st.checkbox(
            "Maintenance", key=f"hide-window-{round_}",
            help="Counts by when it happened, as the log says, not by when it is processed.",
        )  # fmt: skip
    if not (reason.strip() and owner and any(one.strip() for one in (entity, source, signature, words))):
        st.caption("Say what is hidden, why, and who answers for it; then it is previewed.")
        return
    now = clock.now()
    wanted = Suppression(
        id="new", kind=HidingKind.MAINTENANCE if window else HidingKind.SUPPRESSION, reason=reason, owner=owner,
        starts_at=now, ends_at=now + timedelta(hours=_HOURS[length]), entity=entity, source=source,
        signature=signature, class_contains=words,
    )  # fmt: skip
    try:
        with read_session() as session:
            seen = suppressing.preview_suppression(session, wanted)
    except SocError as error:
        st.warning(quoted.markdown(error.hint), title=quoted.markdown(error.message))
        return
    st.info(quoted.markdown(seen.sentence), icon=":material/preview:")
    for _, title in seen.examples:
        st.caption(quoted.markdown(title))
    act_button(
        f"Hide it for {length}", lambda _key: _add(wanted), needed=Scope.LEAD, name=f"hide-{round_}", busy="…",
        done=lambda _id: outcome.good(f"Hidden for {length}; it ends by itself."),
        then=lambda _id: st.session_state.update({"hiding-round": round_ + 1}),
        icon=":material/visibility_off:", type="primary",
    )  # fmt: skip


def _add(wanted: Suppression) -> str:
    with write_session() as session:
        return suppressing.add_suppression(session, wanted, actor=seat.actor(Scope.LEAD)).id


def _end(suppression_id: str) -> None:
    with write_session() as session:
        suppressing.end_suppression(session, suppression_id, actor=seat.actor(Scope.LEAD))
