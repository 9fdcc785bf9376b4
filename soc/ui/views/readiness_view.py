"""The readiness of a vendor's side: what would fail, what would be left out, and how to mend it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from soc.access.scopes import Scope
from soc.configuration.readiness import Finding, LastReadiness, Readiness, check_readiness, last_readiness
from soc.integrations.in_force import load_config
from soc.integrations.kit.kind import Kind
from soc.integrations.kit.panels import Kept, ReadinessCheck
from soc.ui.kit import buttons, outcome, quoted, times
from soc.ui.sitting import actor_here

_LOOK = {
    Readiness.FAILS: (":material/error:", "red", "would fail"),
    Readiness.WARNING: (":material/warning:", "orange", "to look at"),
    Readiness.OK: (":material/check:", "green", "ok"),
}


def _check(kind: str) -> list[Finding]:
    actor_here(Scope.ACT)
    return check_readiness(kind)


def _forget(kept: Kept, config: Any) -> None:
    actor_here(Scope.ACT)
    kept.forget(config)


def draw_readiness(kind: Kind, panel: ReadinessCheck) -> None:
    """The newest findings, worst first, and a button to check now."""
    last = last_readiness(kind.name)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{panel.title}**", width="content")
        if last is not None:
            for state, (icon, color, words) in _LOOK.items():
                if count := last.count(state):
                    st.badge(f"{count} {words}", icon=icon, color=color)  # type: ignore[arg-type]
    if last is None:
        st.caption(f"Not checked yet. {panel.intro}")
    else:
        _draw_findings(last)
    buttons.act_button(
        "Check now",
        lambda _key: _check(kind.name),
        needed=Scope.ACT,
        name=f"check-readiness-{kind.name}",
        busy=panel.busy,
        done=lambda findings: _said(findings, kind, panel),
        icon=":material/fact_check:",
    )
    if panel.kept is not None:
        _draw_kept(kind, panel.kept)


def _draw_kept(kind: Kind, kept: Kept) -> None:
    """How old what is kept of the vendor's side is, and a button that has it read anew."""
    config = load_config(kind.name)
    if config is None:
        return
    read = kept.read_at(config)
    age = f"read {times.ago(read)}" if read is not None else "not read yet"
    minutes = int(kept.believed.total_seconds() // 60)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{kept.what}: {age}; kept for {minutes} minutes.", width="content")
        buttons.act_button(
            "Read anew",
            lambda _key: _forget(kept, config),
            needed=Scope.ACT,
            name=f"forget-{kind.name}",
            busy="Forgetting …",
            done=lambda _: outcome.good("The next message reads them anew."),
            icon=":material/refresh:",
        )


def _said(findings: list[Finding], kind: Kind, panel: ReadinessCheck) -> outcome.Said:
    if not findings:
        return outcome.note(f"{kind.title} is switched off: nothing was checked.")
    states = [finding.state for finding in findings]
    if failing := states.count(Readiness.FAILS):
        return outcome.bad(f"Checked: {failing} would fail.")
    if odd := states.count(Readiness.WARNING):
        return outcome.warning(f"Checked: {panel.fine}; {odd} to look at.")
    return outcome.good("Checked: everything is as it should be.")


def _draw_findings(last: LastReadiness) -> None:
    if last.outdated:
        st.info("The settings were changed since. Check again.", icon=":material/update:")
    for state in (Readiness.FAILS, Readiness.WARNING):
        for finding in last.findings:
            if finding.state is state:
                draw = st.error if state is Readiness.FAILS else st.warning
                text = quoted.markdown(finding.consequence)
                if finding.remedy:
                    text += f"  \n{quoted.markdown(finding.remedy)}"
                draw(text, title=quoted.markdown(finding.subject), icon=_LOOK[state][0])
    fine = [finding for finding in last.findings if finding.state is Readiness.OK]
    if fine:
        with st.expander(f"What is fine ({len(fine)})", icon=":material/check:"):
            st.table(
                {quoted.markdown(one.subject): quoted.markdown(one.consequence) for one in fine},
                border="horizontal",
            )
    st.caption(f"Checked {times.ago(last.checked_at)}; repeated every day.")
