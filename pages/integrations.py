"""Integrations: the sandbox, and for each vendor its settings, tests, health, versions; export and import."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from soc.access.scopes import Scope
from soc.configuration.save import candidate, disconnect, save_configuration
from soc.configuration.seconded import waits_for_second
from soc.configuration.state import IntegrationState, every_state
from soc.configuration.test import test_configuration
from soc.errors import ConfigurationError
from soc.integrations.kit.base import ConnectionReport
from soc.integrations.registry import KINDS, Kind
from soc.metrics.attention import NEEDS_A_PERSON, Concern, trouble_of
from soc.metrics.deliveries import read_deliveries
from soc.ui import covered
from soc.ui.forms import live_choice
from soc.ui.forms.body_preview import Preview, draw_preview, preview_body
from soc.ui.forms.config_form import Buttons, draw_config_form, draw_config_values
from soc.ui.kit import buttons, outcome, places, quoted, times
from soc.ui.kit.severity import practice_badge
from soc.ui.kit.words import count_of
from soc.ui.sitting import actor_here
from soc.ui.views.connection_view import draw_env_notes, draw_report
from soc.ui.views.health_view import draw_health
from soc.ui.views.readiness_view import draw_readiness
from soc.ui.views.setup.sandbox_view import draw_sandbox
from soc.ui.views.setup.transfer_view import draw_transfer
from soc.ui.views.strip import in_words as trouble_in_words
from soc.ui.views.versions_view import draw_versions


@dataclass(frozen=True)
class Outcome:
    """What a button of the form came to."""

    report: ConnectionReport | None = None
    saved: bool = False
    preview: Preview | None = None


def _start_over(kinds: Iterable[str]) -> None:
    """The forms show the settings in force anew; what was tested or previewed before says nothing about them."""
    for kind in kinds:
        st.session_state[f"form-{kind}"] = st.session_state.get(f"form-{kind}", 0) + 1
        for name in (f"report-{kind}", f"body-{kind}"):
            st.session_state.pop(name, None)
        live_choice.forget_list(kind)


def draw_state(state: IntegrationState, kind: Kind) -> None:
    """One line: configured or not, where from, on or off, and whatever is wrong with it: then it is not just “on”."""
    troubles = trouble_of(state.kind)
    with st.container(horizontal=True, vertical_alignment="center"):
        if state.wrong:
            st.badge("cannot be used", icon=":material/error:", color="red")
        elif not state.configured:
            st.badge("not configured", icon=":material/link_off:", color="gray")
        elif not state.enabled:
            st.badge("switched off", icon=":material/pause:", color="gray")
        elif not troubles:
            st.badge("on", icon=":material/check:", color="green")
        for one in troubles:
            bad = one.concern in NEEDS_A_PERSON
            st.badge(
                quoted.markdown(trouble_in_words(one)),
                icon=":material/error:",
                color="red" if bad else "orange",
            )
        if state.practice:
            practice_badge()
        if state.source == "environment":
            st.caption("From the environment (.env). Saving here takes its place.", width="content")
        for numbers in read_deliveries():
            if numbers.integration == state.kind:
                places.link("deliveries", count_of(numbers.total, "delivery"), integration=kind.title)


def test_values(kind: str, data: dict[str, Any], state: IntegrationState) -> ConnectionReport:
    """Unchanged values are tested as saved, so that the result is kept and a pause ends."""
    unchanged = state.configured and {**state.masked, **data} == state.masked
    return test_configuration(kind, None if unchanged else data, actor=actor_here(Scope.ADMIN))


def carry_out(asked: Buttons, state: IntegrationState, drawn: int) -> Outcome:
    """What the pressed button means; `drawn` is the version that the form showed. Raises ConfigurationError and Conflict."""
    kind, here = state.kind, actor_here(Scope.ADMIN)
    if asked.problems:
        fields = KINDS[kind].config.model_fields
        wrong = "; ".join(f"{fields[name].title}: {text}" for name, text in asked.problems.items())
        raise ConfigurationError(f"{KINDS[kind].title} cannot be read. {wrong}.", hint="Nothing was saved.")
    preview = KINDS[kind].preview
    if asked.intent == "preview" and preview is not None:
        return Outcome(preview=preview_body(preview, asked.data))
    if asked.intent == "test":
        return Outcome(test_values(kind, asked.data, state))
    if asked.intent == "test-save" and not waits_for_second(kind, candidate(kind, asked.data)):
        report = test_values(kind, asked.data, state)
        if not report.ok:
            return Outcome(report)
        save_configuration(kind, asked.data, actor=here, note="tested before it was saved", drawn=drawn)
        return Outcome(test_configuration(kind, actor=here), saved=True)
    save_configuration(kind, asked.data, actor=here, drawn=drawn)
    return Outcome(test_configuration(kind, actor=here), saved=True)


_BUSY = {
    "test": "Testing the connection …",
    "save": "Saving, then testing the connection …",
    "test-save": "Testing the connection, then saving …",
    "preview": "Filling in the template …",
}


def in_words(asked: Buttons, came: Outcome) -> outcome.Said:
    """Green is only what happened and works."""
    works = came.report is not None and came.report.ok
    if came.saved:
        return (
            outcome.good("Saved. The connection works.")
            if works
            else outcome.warning("Saved, but the connection does not work yet: see below.")
        )
    if asked.intent == "test-save":
        return outcome.bad(
            "**Not saved:** the test failed, see below. “Save” keeps the settings all the same."
        )
    if asked.intent == "preview":
        return outcome.note("The preview is below the form.")
    if works:
        return outcome.good("Tested; nothing was saved. See below.")
    return outcome.bad("The test failed; nothing was saved. See below.")


def _drawn(kind: str) -> str:
    """Where the version stands that the form was filled from. The frame forgets it with the page."""
    return f"held-form-{kind}-{st.session_state.get(f'form-{kind}', 0)}"


def act_on_form(state: IntegrationState, pressed: Buttons | None) -> None:
    """A pressed button first locks the form, then acts: whoever clicks twice acts once."""
    kind, name = state.kind, f"config-{state.kind}"
    if pressed is not None:
        st.session_state[f"pressed-{kind}"] = pressed
        buttons.begin(name)
        st.rerun()
    wanted = buttons.pending(name)
    if wanted is None:
        return
    asked: Buttons = st.session_state.pop(f"pressed-{kind}")
    drawn: int = st.session_state[_drawn(kind)]

    def keep(came: Outcome) -> None:
        if came.preview is not None:
            st.session_state[f"body-{kind}"] = came.preview
            return
        st.session_state[f"report-{kind}"] = came.report
        if came.saved:
            st.session_state[f"form-{kind}"] = st.session_state.get(f"form-{kind}", 0) + 1
            st.session_state.pop(f"body-{kind}", None)
        choice = KINDS[kind].choice
        if choice is not None and came.report is not None and came.report.ok:
            if came.saved:
                live_choice.forget_choice(kind)
            if came.saved or state.configured:
                live_choice.load_quietly(kind, choice)

    buttons.perform(
        wanted,
        lambda _key: carry_out(asked, state, drawn),
        name=name,
        busy=_BUSY[asked.intent],
        done=lambda came: in_words(asked, came),
        then=keep,
    )


def draw_removal(state: IntegrationState, kind: Kind) -> None:
    if state.source != "store":
        return
    with covered.popover(
        f"Remove {kind.title}", needed=Scope.ADMIN, icon=":material/link_off:", type="tertiary"
    ):
        st.markdown(
            f"The saved settings and the token are forgotten. Messages to {kind.title} that are not delivered yet wait "
            "until it is connected again. Tickets and messages that exist stay."
        )
        buttons.act_button(
            "Remove it",
            lambda _key: disconnect(state.kind, actor=actor_here(Scope.ADMIN)),
            needed=Scope.ADMIN,
            name=f"remove-{state.kind}",
            busy="Removing …",
            done=lambda _nothing: outcome.good(f"{kind.title} is removed."),
            then=lambda _nothing: _start_over([state.kind]),
            icon=":material/delete:",
        )


def _failed_since(state: IntegrationState) -> str:
    """What went wrong after the test that is kept, so that an old success does not pass for today's."""
    if not (state.last_check is not None and state.last_check.ok):
        return ""
    blamed = [
        one
        for one in trouble_of(state.kind)
        if one.concern in (Concern.PAUSED, Concern.AWAY, Concern.FAILING)
    ]
    return " ".join(f"{trouble_in_words(one)}. {one.why}" for one in blamed)


def draw_connection(state: IntegrationState) -> None:
    """The newest report, of a test made here or of the one that is kept."""
    st.markdown("**Connection**")
    report: ConnectionReport | None = st.session_state.get(f"report-{state.kind}")
    since = _failed_since(state)
    if report is not None:
        draw_report(report, when="The test you just made.")
    elif state.last_check is not None:
        draw_report(state.last_check, when=f"Tested {times.ago(state.last_check_at)}.", since=since)
    elif not covered.withheld(Scope.ADMIN):
        st.caption("Not tested yet. Fill in the form and press “Test connection”; nothing is changed there.")
    else:
        st.caption("Not tested yet.")


def _offered(state: IntegrationState) -> dict[str, tuple[str, ...]]:
    """What the vendor has to choose from, as the newest test read it."""
    report: ConnectionReport | None = st.session_state.get(f"report-{state.kind}") or state.last_check
    return report.offers if report is not None else {}


def _read_settings(state: IntegrationState, kind: Kind) -> None:
    """The settings in force, for whoever may look and not change them."""
    if state.configured:
        draw_config_values(kind.config, state.masked)


@covered.form(Scope.ADMIN, "Settings", instead=_read_settings)
def draw_settings(state: IntegrationState, kind: Kind) -> Buttons | None:
    """The vendor's own list where it has one, and the form; returns what was pressed."""
    chosen = (
        live_choice.draw_choice(state.kind, kind.choice, state.masked)
        if kind.choice is not None and state.enabled
        else {}
    )
    pressed = draw_config_form(
        state.kind,
        kind.config,
        state.masked,
        round=st.session_state.get(f"form-{state.kind}", 0),
        busy=buttons.pending(f"config-{state.kind}") is not None,
        chosen=chosen,
        preview=kind.preview,
        offers=_offered(state),
    )
    if preview := st.session_state.get(f"body-{state.kind}"):
        draw_preview(preview)
    return pressed


def draw_kind(state: IntegrationState) -> None:
    kind = KINDS[state.kind]
    draw_state(state, kind)
    st.session_state.setdefault(_drawn(state.kind), state.version)
    if state.wrong:
        st.error(
            quoted.markdown(f"{state.wrong} Its messages wait. Enter its settings anew, secrets as well."),
            title="What is kept cannot be used",
            icon=":material/error:",
        )
    row = st.grid(2, min_column_width=420, gap="large")
    with row.container():
        pressed = draw_settings(state, kind)
    with row.container():
        draw_connection(state)
        if state.configured:
            with st.container(border=True, gap="small"):
                draw_health(state.kind, kind.title)
        if kind.readiness is not None and state.enabled:
            with st.container(border=True, gap="small"):
                draw_readiness(kind, kind.readiness)
        draw_removal(state, kind)
    if state.source == "store":
        draw_versions(state.kind)
    act_on_form(state, pressed)


states = every_state()
draw_env_notes()
draw_sandbox(states, then=_start_over)
for tab, state in zip(
    st.tabs([KINDS[name].title for name in states], key="kind", on_change="rerun", bind="query-params"),
    states.values(),
    strict=True,
):
    if tab.open:
        with tab:
            draw_kind(state)
    else:  # filled anew when it is opened again
        st.session_state.pop(_drawn(state.kind), None)
draw_transfer()
