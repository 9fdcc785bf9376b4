"""The sandbox on the Integrations page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import streamlit as st

from soc.access.scopes import Scope
from soc.configuration.practice import connect_sandbox, kept_sandbox_url
from soc.configuration.state import IntegrationState
from soc.integrations.kit.base import ConnectionReport
from soc.integrations.registry import KINDS
from soc.ui import covered
from soc.ui.kit import buttons, outcome, quoted
from soc.ui.kit.severity import practice_badge
from soc.ui.sitting import actor_here


def draw_sandbox(states: Mapping[str, IntegrationState], *, then: Callable[[Iterable[str]], None]) -> None:
    """Connect everything to the practice vendors, or look at what they received; `then` is told the kinds that have other settings now."""
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
            "Practice vendors on this machine, with faults that can be switched on. No account is needed, and nothing "
            "leaves the machine."
        )
        replace = True
        if own:
            replace = st.checkbox(
                f"Replace my saved settings of {' and '.join(own)}", key="replace-own",
                disabled=bool(covered.withheld(Scope.ADMIN)),
            )  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="center"):
            buttons.act_button(
                "Connect again" if practising else "Practise with the sandbox",
                lambda _key: connect_sandbox(actor=actor_here(Scope.ADMIN)),
                needed=Scope.ADMIN,
                name="connect-sandbox",
                busy="Starting the sandbox and connecting to it …",
                done=lambda reports: _connected(reports),
                then=then,
                icon=":material/science:",
                type="secondary" if practising or own else "primary",
                disabled=not replace,
            )
            if url := kept_sandbox_url():
                st.link_button("See what it received", quoted.link_target(url), icon=":material/open_in_new:")


def _connected(reports: dict[str, ConnectionReport]) -> outcome.Said:
    wrong = [KINDS[kind].title for kind, report in reports.items() if not report.ok]
    if wrong:
        return outcome.warning(f"Connected, but the test failed for {', '.join(wrong)}.")
    return outcome.good("Connected to the sandbox.")
