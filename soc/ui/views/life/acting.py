"""What can be done with an incident, each in one click: acknowledge, give, move, note, close with a verdict."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from sqlmodel import Session

from soc.access.scopes import Scope
from soc.domain.acts import VERDICT_TITLES, Ending, Verdict, Visibility
from soc.domain.incident import IncidentStatus
from soc.domain.severity import Priority
from soc.integrations.naming import display_actor
from soc.integrations.registry import titles
from soc.metrics.life import Life, read_life
from soc.store.nouns.incidents.incidents import ENDED
from soc.tickets import acts
from soc.tickets.acts import Asked, Outcome
from soc.ui import covered
from soc.ui.kit import buttons, outcome, quoted, times
from soc.ui.kit.buttons import act_button
from soc.ui.kit.severity import practice_badge
from soc.ui.views.life import seat

Work = Callable[[Session, Asked], Outcome]
#: More people than this are chosen from a list, not by a button each; so many of the others have theirs in sight.
_BUTTONS, _IN_SIGHT = 10, 4
_ICONS = {
    Verdict.TRUE_POSITIVE: ":material/gpp_bad:",
    Verdict.BENIGN: ":material/verified_user:",
    Verdict.RULE_WRONG: ":material/rule:",
    Verdict.DATA_WRONG: ":material/database_off:",
    Verdict.DUPLICATE: ":material/content_copy:",
    Verdict.UNDETERMINED: ":material/help:",
}


def said_of(came: Outcome) -> outcome.Said:
    """The outcome as what it is: only what was done is green."""
    words = quoted.markdown(came.said)
    if came.ending is Ending.DONE:
        return outcome.good(words)
    if came.ending is Ending.ALREADY:
        return outcome.note(words)
    return outcome.warning(words) if came.ending is Ending.TAKEN else outcome.bad(words)


def do(work: Work, key: str) -> Outcome:
    """One act of whoever sits here, under the click's own key."""
    asked = Asked(seat.actor(Scope.ACT), f"page:{key}")
    return acts.perform(lambda session: work(session, asked))


def draw_acts(incident_id: str, *, place: str) -> None:
    """Where it stands and what can be done. `place` tells two of them on one page apart. Raises NotFound."""
    life = read_life(incident_id)
    name = f"{place}-{incident_id}"
    _draw_standing(life)
    _draw_able(life, name)


@covered.form(Scope.ACT, "Work on it")
def _draw_able(life: Life, name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _draw_owning(life, name)
        _draw_moving(life, name)
    _draw_words(life, name)


def _draw_standing(life: Life) -> None:
    row = life.incident
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(row.status.replace("_", " "), color="green" if row.status in ENDED else "gray")
        st.badge(f"priority {life.priority}", color="gray")
        if row.owner:
            st.badge(
                quoted.markdown(life.names.get(row.owner, row.owner)), icon=":material/person:", color="blue"
            )
        else:
            st.badge("nobody has it", icon=":material/person_off:", color="orange")
        if row.acknowledged_at is not None:
            who = display_actor(row.acknowledged_by, life.names)
            st.badge(
                f"acknowledged by {quoted.markdown(who)}", icon=":material/visibility:", color="green",
                help=f"{times.shown(row.acknowledged_at)} ({times.in_utc(row.acknowledged_at)})",
            )  # fmt: skip
        if row.verdict:
            st.badge(VERDICT_TITLES[Verdict(row.verdict)], icon=":material/gavel:", color="violet")
        elif row.status in ENDED:
            st.badge("no verdict yet", icon=":material/gavel:", color="orange")
        if any(one.practice for one in life.tickets):
            practice_badge()


def _button(
    label: str, work: Work, *, name: str, icon: str, main: bool = False, help: str | None = None
) -> None:
    act_button(
        label, lambda key: do(work, key), needed=Scope.ACT, name=name, busy="…", done=said_of, icon=icon,
        type="primary" if main else "secondary", help=help,
    )  # fmt: skip


def _draw_owning(life: Life, name: str) -> None:
    row, me = life.incident, seat.person_id()
    incident = row.id
    if row.status not in ENDED and row.acknowledged_at is None:
        _button(
            "Acknowledge", lambda session, asked: acts.acknowledge(session, incident, asked),
            name=f"acknowledge-{name}", icon=":material/visibility:", main=True,
            help="You have seen it and look into it; what would escalate waits.",
        )  # fmt: skip
    if me and row.owner != me:
        _button(
            "Assign to me",
            lambda session, asked: acts.assign(session, incident, me, asked, expected=row.owner),
            name=f"take-{name}", icon=":material/back_hand:", main=row.acknowledged_at is not None and not row.owner,
        )  # fmt: skip
    others = [one for one in life.people if one.id not in (me, row.owner)]
    for one in others[:_IN_SIGHT]:
        _give(one.id, f"Give to {quoted.markdown(one.name)}", life, name)
    others = others[_IN_SIGHT:]
    if not others and not row.owner:
        return
    with st.popover(
        "Others …" if others else "Give back …", icon=":material/person_add:", key=f"give-{name}"
    ):
        if len(others) > _BUTTONS:
            chosen = st.selectbox(
                "Person", [one.id for one in others], index=None, format_func=lambda one: life.names[one],
                key=f"whom-{name}",
            )  # fmt: skip
            others = [one for one in others if one.id == chosen]
        for one in others:
            _give(one.id, quoted.markdown(one.name), life, name)
        if row.owner:
            _give("", "Nobody: give it back", life, name)


def _give(person: str, label: str, life: Life, name: str) -> None:
    incident = life.incident.id
    _button(
        label, lambda session, asked: acts.assign(session, incident, person, asked),
        name=f"give-{person or 'nobody'}-{name}", icon=":material/person:" if person else ":material/person_off:",
    )  # fmt: skip


def _draw_moving(life: Life, name: str) -> None:
    row = life.incident
    ended = row.status in ENDED
    if ended or row.status == IncidentStatus.OPEN:
        _move(
            "Reopen" if ended else "Start work", IncidentStatus.IN_PROGRESS, life, name,
            icon=":material/restart_alt:" if ended else ":material/play_arrow:",
        )  # fmt: skip
    else:
        _move("Back to open", IncidentStatus.OPEN, life, name, icon=":material/undo:")
    if not ended:
        with st.popover("Priority", icon=":material/flag:", key=f"priority-{name}"):
            for one in Priority:
                if one.value != life.priority:
                    _raise(one, life, name)


def _move(label: str, status: IncidentStatus, life: Life, name: str, *, icon: str) -> None:
    incident, seen = life.incident.id, IncidentStatus(life.incident.status)
    _button(
        label, lambda session, asked: acts.set_status(session, incident, status, asked, expected=seen),
        name=f"move-{status.value}-{name}", icon=icon,
    )  # fmt: skip


def _raise(priority: Priority, life: Life, name: str) -> None:
    incident = life.incident.id
    _button(
        priority.value, lambda session, asked: acts.set_priority(session, incident, priority, asked),
        name=f"priority-{priority.value}-{name}", icon=":material/flag:",
    )  # fmt: skip


def _draw_words(life: Life, name: str) -> None:
    """The note, and the verdict that it may go with: one form, so that what was typed is what is kept."""
    ended = life.incident.status in ENDED
    if ended and not life.incident.verdict:
        st.info(_asks_for_verdict(life), icon=":material/gavel:")
    round_ = st.session_state.get(f"note-round-{name}", 0)
    with st.form(f"words-{name}", border=False):  # Ctrl+Enter presses its first button
        text = st.text_area(
            "Note", key=f"note-{name}-{round_}", height=74, label_visibility="collapsed", max_chars=30_000,
            placeholder="What was found. Ctrl+Enter adds it as a note; with a verdict it is kept beside that.",
        )  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _submit("Add note", f"note-{name}", icon=":material/edit_note:")
            public = st.checkbox(
                "Public", key=f"public-{name}-{round_}", width="content",
                help="Also for whoever reported it, where the ticket is kept. Internal unless ticked.",
            )  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption("It was:" if ended else "Close as:", width="content")
            for verdict in Verdict:
                _submit(
                    VERDICT_TITLES[verdict].removesuffix(" another incident"), f"close-{verdict.value}-{name}",
                    icon=_ICONS[verdict], disabled=life.incident.verdict == verdict.value,
                )  # fmt: skip
            original = st.text_input(
                "Duplicate of", key=f"original-{name}-{round_}", width=190, label_visibility="collapsed",
                placeholder="of: id or ticket key", max_chars=200,
            )  # fmt: skip
    seen = Visibility.PUBLIC if public else Visibility.INTERNAL
    incident = life.incident.id
    _perform(
        f"note-{name}",
        name,
        lambda session, asked: acts.add_note(session, incident, text, asked, visibility=seen),
    )
    for verdict in Verdict:
        _perform(f"close-{verdict.value}-{name}", name, _closing(life, verdict, text, seen, original))


def _asks_for_verdict(life: Life) -> str:
    where = f" in {titles([life.ended_via])}" if life.ended_via else ""
    return (
        f"It was {life.incident.status}{where} without a verdict. Say below what it turned out to be; until then it stands in the "
        "hand-over. Nothing waits for it."
    )


def _closing(life: Life, verdict: Verdict, text: str, seen: Visibility, original: str) -> Work:
    incident, judged = life.incident.id, bool(life.incident.verdict)
    if life.incident.status in ENDED and judged:
        return lambda session, asked: acts.set_verdict(
            session, incident, verdict, asked, duplicate_of=original
        )
    return lambda session, asked: acts.close(
        session, incident, verdict, asked, note=text, visibility=seen, duplicate_of=original
    )


def _submit(label: str, name: str, *, icon: str, disabled: bool = False) -> None:
    st.form_submit_button(
        label, key=f"button-{name}", icon=icon, on_click=buttons.begin, args=(name,), width="content",
        disabled=disabled or buttons.pending(name) is not None,
    )  # fmt: skip


def _perform(name: str, form: str, work: Work) -> None:
    wanted = buttons.pending(name)
    if wanted is not None:
        buttons.perform(
            wanted, lambda key: do(work, key), name=name, busy="…", done=said_of,
            then=lambda came: _begin_anew(form) if came.stands else None,
        )  # fmt: skip


def _begin_anew(form: str) -> None:
    """The words were kept: the next note begins empty. What was not kept stays where it was typed."""
    st.session_state[f"note-round-{form}"] = st.session_state.get(f"note-round-{form}", 0) + 1
