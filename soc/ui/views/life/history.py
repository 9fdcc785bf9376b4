"""What was done to an incident and its tickets, from the audit: when, who, what, before and after."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from soc import clock
from soc.audit.export import changes_of
from soc.domain.audit import Subject, SubjectKind
from soc.integrations.naming import display_actor
from soc.store.db import read_session
from soc.store.nouns.installation.audit import list_of_subject
from soc.store.nouns.people.people import list_people
from soc.store.unchanged import while_unchanged
from soc.ui.kit import quoted, times

#: A change is shown so far.
_LONGEST = 300


def draw_history(incident_id: str) -> None:
    """Folded until somebody wants to see it; nothing is read before."""
    with st.expander(
        "History", icon=":material/history:", key=f"history-{incident_id}", on_change="rerun"
    ) as box:
        if not box.open:
            return
        entries = _entries(incident_id)
        if not entries:
            st.caption("Nobody has done anything to it yet.")
        for at, who, what, changes in entries:
            st.markdown(
                f"**{quoted.markdown(who)}**: {quoted.markdown(what)}, {times.shown(clock.parse(at))}"
            )
            if changes:
                st.caption("  \n".join(quoted.markdown(one) for one in changes))


@while_unchanged
def _entries(incident_id: str) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """(when, who, what, changes), newest first."""
    with read_session() as session:
        rows = list_of_subject(session, Subject(SubjectKind.INCIDENT, incident_id))
        names = {row.id: row.name for row in list_people(session, active_only=False)}
        return [
            (row.at, display_actor(row.made_by, names), row.action, tuple(_lines(changes_of(row), row.note)))
            for row in rows
        ]


def _lines(changes: dict[str, tuple[Any, Any]], note: str) -> list[str]:
    lines = [f"{name}: {_said(was)} → {_said(now)}" for name, (was, now) in changes.items()]
    return [line[:_LONGEST] for line in [*lines, note] if line]


def _said(value: Any) -> str:
    if value is None or value == "":
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
