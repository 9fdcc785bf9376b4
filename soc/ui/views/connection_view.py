"""What a connection check found, as the Integrations page shows it."""

from __future__ import annotations

import streamlit as st

from soc.integrations.kit.base import ConnectionReport
from soc.integrations.mistyped import env_notes
from soc.ui.kit import quoted


def draw_report(report: ConnectionReport, *, when: str = "", since: str = "") -> None:
    """Verdict, what to do, what was found there, and what is odd about it. `since` is what went wrong after it."""
    took = f" · answered in {report.latency_ms:,} ms" if report.latency_ms is not None else ""
    if report.ok and since:
        st.warning(
            quoted.markdown(f"{since} Test the connection again."),
            title=quoted.markdown(f"It worked when it was tested, and does not now: {report.summary}"),
            icon=":material/warning:",
        )
    elif report.ok:
        st.success(
            quoted.markdown(report.hint or "Tickets and messages can be sent.") + took,
            title=quoted.markdown(report.summary),
            icon=":material/check_circle:",
        )
    else:
        case = f"{report.case.value.capitalize()}: " if report.case else ""
        st.error(
            quoted.markdown(report.hint or "Check the settings, then test again.") + took,
            title=quoted.markdown(case + report.summary),
            icon=":material/error:",
        )
    for warning in report.warnings:
        st.warning(quoted.markdown(warning), icon=":material/warning:")
    if report.facts:
        st.table(
            {quoted.markdown(label): quoted.markdown(text) for label, text in report.facts},
            border="horizontal",
            width="content",
        )
    if when:
        st.caption(when)


def draw_env_notes() -> None:
    """What is odd about the `.env`, such as a name that is nearly a setting."""
    if notes := env_notes():
        st.warning("  \n".join(map(quoted.markdown, notes)), icon=":material/spellcheck:")
