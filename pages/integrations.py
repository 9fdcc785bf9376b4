"""Integrations: the sandbox, and for each vendor its state, its settings and a test of the connection."""

from __future__ import annotations

import streamlit as st

from soc.integrations.base import ConnectionReport
from soc.integrations.registry import KINDS, IntegrationKind
from soc.metrics.deliveries import read_deliveries
from soc.processing.setup import (
    IntegrationState,
    connect_sandbox,
    disconnect,
    integration_state,
    sandbox_url,
    save_configuration,
    test_configuration,
)
from soc.ui import actions, places, quoted, times
from soc.ui.config_form import Buttons, draw_config_form
from soc.ui.connection_view import draw_report
from soc.ui.severity import practice_badge


def draw_sandbox(states: dict[str, IntegrationState]) -> None:
    """Connect everything to the practice vendors, or look at what they received."""
    practising = any(state.practice for state in states.values())
    own = [
        KINDS[kind].title for kind, state in states.items() if state.source == "store" and not state.practice
    ]
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader("Sandbox", anchor=False, width="content")
            if practising:
                practice_badge()
        st.caption(
            "Practice Jira and Slack on this machine, with faults that can be switched on. No account is needed, "
            "and nothing leaves the machine."
        )
        replace = True
        if own:
            replace = st.checkbox(f"Replace my saved settings of {' and '.join(own)}", key="replace-own")
        with st.container(horizontal=True, vertical_alignment="center"):
            actions.act_button(
                "Connect again" if practising else "Practise with the sandbox",
                lambda _key: connect_sandbox(),
                name="connect-sandbox",
                busy="Starting the sandbox and connecting to it …",
                done=lambda reports: _connected(reports),
                icon=":material/science:",
                type="secondary" if practising or own else "primary",
                disabled=not replace,
            )
            if url := sandbox_url():
                st.link_button("See what it received", quoted.link_target(url), icon=":material/open_in_new:")


def _connected(reports: dict[str, ConnectionReport]) -> str:
    wrong = [KINDS[kind].title for kind, report in reports.items() if not report.ok]
    return f"Connected, but the test failed for {', '.join(wrong)}." if wrong else "Connected to the sandbox."


def draw_state(state: IntegrationState, kind: IntegrationKind) -> None:
    """One line: configured or not, where from, on or off."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if not state.configured:
            st.badge("not configured", icon=":material/link_off:", color="gray")
        elif state.enabled:
            st.badge("on", icon=":material/check:", color="green")
        else:
            st.badge("switched off", icon=":material/pause:", color="gray")
        if state.practice:
            practice_badge()
        if state.source == "environment":
            st.caption("From the environment (.env). Saving here takes its place.", width="content")
        for numbers in read_deliveries():
            if numbers.integration == state.kind:
                places.link("deliveries", f"{numbers.total:,} deliveries", integration=kind.title)
    if state.paused_reason:
        st.warning(
            quoted.markdown(
                f"{state.paused_reason} Messages wait; they go on once a test or a new setting works."
            ),
            title=f"{kind.title} is paused",
            icon=":material/pause_circle:",
        )


def read_or_test(kind: str, data: dict, state: IntegrationState) -> ConnectionReport:
    """Unchanged values are tested as saved, so that the result is kept and a pause ends."""
    unchanged = state.configured and {**state.masked, **data} == state.masked
    return test_configuration(kind, None if unchanged else data)


def save_and_test(kind: str, data: dict) -> ConnectionReport:
    save_configuration(kind, data)
    return test_configuration(kind)


def act_on_form(state: IntegrationState, pressed: Buttons | None) -> None:
    """A pressed button first locks the form, then acts: whoever clicks twice acts once."""
    kind, name = state.kind, f"config-{state.kind}"
    if pressed is not None:
        st.session_state[f"pressed-{kind}"] = pressed
        actions.begin(name)
        st.rerun()
    wanted = actions.pending(name)
    if wanted is None:
        return
    asked: Buttons = st.session_state[f"pressed-{kind}"]

    def keep(report: ConnectionReport) -> None:
        st.session_state[f"report-{kind}"] = report
        if asked.intent == "save":
            st.session_state[f"form-{kind}"] = st.session_state.get(f"form-{kind}", 0) + 1

    if asked.intent == "save":
        actions.perform(
            wanted,
            lambda _key: save_and_test(kind, asked.data),
            name=name,
            busy="Saving, then testing the connection …",
            done=lambda report: (
                "Saved." if report.ok else "Saved, but the connection does not work yet: see below."
            ),
            then=keep,
        )
    else:
        actions.perform(
            wanted,
            lambda _key: read_or_test(kind, asked.data, state),
            name=name,
            busy="Testing the connection …",
            then=keep,
        )


def draw_removal(state: IntegrationState, kind: IntegrationKind) -> None:
    if state.source != "store":
        return
    with st.popover(f"Remove {kind.title}", icon=":material/link_off:", type="tertiary"):
        st.markdown(
            f"The saved settings and the token are forgotten. Messages to {kind.title} that are not delivered yet wait "
            "until it is connected again. Tickets and messages that exist stay."
        )
        actions.act_button(
            "Remove it",
            lambda _key: disconnect(state.kind),
            name=f"remove-{state.kind}",
            busy="Removing …",
            done=lambda _nothing: f"{kind.title} is removed.",
            then=lambda _nothing: st.session_state.pop(f"report-{state.kind}", None),
            icon=":material/delete:",
        )


def draw_kind(state: IntegrationState) -> None:
    kind = KINDS[state.kind]
    draw_state(state, kind)
    row = st.grid(2, min_column_width=420, gap="large")
    with row.container():
        pressed = draw_config_form(
            state.kind,
            kind.config,
            state.masked,
            round=st.session_state.get(f"form-{state.kind}", 0),
            busy=actions.pending(f"config-{state.kind}") is not None,
        )
    with row.container():
        st.markdown("**Connection**")
        report: ConnectionReport | None = st.session_state.get(f"report-{state.kind}")
        if report is not None:
            draw_report(report, when="The test you just made.")
        elif state.last_check is not None:
            draw_report(state.last_check, when=f"Tested {times.ago(state.last_check_at)}.")
        else:
            st.caption(
                "Not tested yet. Fill in the form and press “Test connection”; nothing is changed there."
            )
        draw_removal(state, kind)
        act_on_form(state, pressed)


states = {name: integration_state(name) for name in KINDS}
draw_sandbox(states)
for tab, state in zip(
    st.tabs([KINDS[name].title for name in states], key="kind", on_change="rerun", bind="query-params"),
    states.values(),
    strict=True,
):
    if tab.open:
        with tab:
            draw_kind(state)
