"""The versions of a configuration: who changed what and when, and the way back to any of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from soc.access.scopes import Scope
from soc.configuration.versions import difference, restore_configuration
from soc.errors import SocError
from soc.integrations.in_force import load_usable
from soc.integrations.registry import KINDS, build
from soc.store.db import read_session
from soc.store.nouns.vendors.integrations import read_integration
from soc.store.nouns.vendors.versions import IntegrationVersionRow, get_version, list_versions, open_version
from soc.ui import covered
from soc.ui.kit import buttons, outcome, quoted, tables, times
from soc.ui.kit.problems import show_problem
from soc.ui.sitting import actor_here


def draw_versions(kind: str) -> None:
    """Every save, newest first, and a roll-back that first shows what it would change."""
    with read_session() as session:
        rows, saved = list_versions(session, kind), read_integration(session, kind)
    if not rows:
        return
    current = saved.version if saved is not None else 0
    with st.expander(f"Versions ({len(rows):,})", icon=":material/history:"):
        tables.show_rows(
            [_row(kind, row, current) for row in rows],
            {
                "version": tables.text_column("Version", 70),
                "when": tables.moment_column("When"),
                "who": tables.whole_column("Who", 80),
                "changed": tables.whole_column("What changed", 320),
                "note": tables.whole_column("Note", 160),
            },
            alt="Every save of these settings, newest first",
            most=8,
        )
        earlier = [row for row in rows if row.version != current]
        if earlier:
            _draw_way_back(kind, earlier)


def _row(kind: str, row: IntegrationVersionRow, current: int) -> dict[str, Any]:
    return {
        "version": f"{row.version} (now)" if row.version == current else str(row.version),
        "when": row.created_at,
        "who": quoted.cell(row.author or "–"),
        "changed": quoted.cell("; ".join(changes_in_words(kind, row.changes)) or "–"),
        "note": quoted.cell(row.note or ("practice" if row.practice else "")),
    }


@covered.form(Scope.ADMIN, "Going back")
def _draw_way_back(kind: str, earlier: Sequence[IntegrationVersionRow]) -> None:
    by_number = {row.version: row for row in earlier}
    number = st.selectbox(
        "Go back to",
        options=list(by_number),
        index=None,
        placeholder="Choose a version to see what would change",
        format_func=lambda one: f"Version {one} of {times.shown(by_number[one].created_at)}",
        key=f"version-{kind}",
    )
    if number is None:
        return
    try:
        changes = what_would_change(kind, number)
    except SocError as error:
        show_problem(error.message, error.hint)
        return
    if not changes:
        st.caption(f"Version {number} is the same as the settings in force.")
        return
    st.markdown(f"Rolling back to version {number} would change:")
    draw_changes(kind, changes)
    buttons.act_button(
        f"Roll back to version {number}",
        lambda _key: restore_configuration(kind, number, actor=actor_here(Scope.ADMIN)),
        needed=Scope.ADMIN,
        name=f"restore-{kind}-{number}",
        busy="Rolling back …",
        done=lambda unasked: outcome.note(
            f"Version {number} of {KINDS[kind].title} is in force again, as a new version. Test it. {unasked}".strip()
        ),
        then=lambda _nothing: _forget(kind),
        icon=":material/history:",
    )


def _forget(kind: str) -> None:
    """The form shows the settings in force anew, and an earlier test says nothing about them."""
    st.session_state[f"form-{kind}"] = st.session_state.get(f"form-{kind}", 0) + 1
    for name in (f"report-{kind}", f"version-{kind}"):
        st.session_state.pop(name, None)


def what_would_change(kind: str, version: int) -> list[dict[str, Any]]:
    """The difference of the settings in force to an earlier version, secrets masked.

    Raises NotFound, InvalidConfiguration where this version of the product no longer takes them.
    """
    with read_session() as session:
        row = get_version(session, kind, version)
        public, practice, secrets = row.public, row.practice, open_version(row)
    return difference(load_usable(kind), build(kind, {**public, "practice": practice}, secrets))


def draw_changes(kind: str, changes: Sequence[Mapping[str, Any]]) -> None:
    """Field by field, before and after. Secrets come masked already."""
    st.table(
        [
            {
                "Setting": quoted.markdown(_label(kind, str(change["field"]))),
                "Now": quoted.markdown(_value(change["before"])),
                "Then": quoted.markdown(_value(change["after"])),
            }
            for change in changes
        ],
        border="horizontal",
        hide_index=True,
    )


def changes_in_words(kind: str, changes: Sequence[Mapping[str, Any]]) -> list[str]:
    """`Project key: SOC → NIGHT`."""
    return [
        f"{_label(kind, str(change['field']))}: {_value(change['before'])} → {_value(change['after'])}"
        for change in changes
    ]


def _label(kind: str, field: str) -> str:
    info = KINDS[kind].config.model_fields.get(field)
    return (info.title if info else None) or field


def _value(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {_value(one)}" for name, one in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return str(value)
