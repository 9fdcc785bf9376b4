"""StackStorm's own list of actions, to choose the one that runs for incidents; without it, both names are typed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import streamlit as st

from soc.delivery.actions import ask, find_action
from soc.errors import SocError
from soc.integrations.vendors.stackstorm.bodies import ListActions
from soc.ui.kit import buttons, quoted

_KIND = "stackstorm"
_LIST = "stackstorm-actions"
_CHOICE = "stackstorm-choice"
_MOST = 500


def load_actions() -> list[dict[str, Any]]:
    """The actions that can be run now, as StackStorm lists them. Raises ConfigurationError, DeliveryError."""
    found = ask(_KIND, find_action(_KIND, "actions"), ListActions(limit=_MOST))
    rows = [row for row in found if row.get("enabled") and row.get("pack") and row.get("name")]
    st.session_state[_LIST] = rows
    return rows


def load_quietly() -> None:
    """After a test that passed; where it fails, the button is still there."""
    with suppress(SocError):
        load_actions()


def forget_choice() -> None:
    """What was chosen is saved now, or is not wanted any more."""
    st.session_state.pop(_CHOICE, None)


def forget_list() -> None:
    """It may be another StackStorm now."""
    for name in (_LIST, _CHOICE):
        st.session_state.pop(name, None)


def draw_choice(masked: Mapping[str, Any]) -> dict[str, Any]:
    """Draw the list over the form; returns what was chosen, for the form's own fields."""
    rows: list[dict[str, Any]] | None = st.session_state.get(_LIST)
    with st.container(border=True, gap="small"):
        st.markdown("**Action for incidents**")
        if rows is None:
            st.caption("Choose pack and action from StackStorm's own list, or type them below.")
            buttons.act_button(
                "List its actions",
                lambda _key: load_actions(),
                name="list-actions",
                busy="Asking StackStorm for its actions …",
                icon=":material/list:",
            )
            return {}
        by_ref = {str(row["ref"]): row for row in rows}
        saved = f"{masked.get('pack_name')}.{masked.get('action_name')}"
        ref = st.selectbox(
            f"Choose among {len(rows):,} actions",
            options=list(by_ref),
            index=list(by_ref).index(saved) if saved in by_ref else None,
            format_func=lambda one: f"{one} – {quoted.cell(by_ref[one]['description'], 90)}",
            placeholder="Type a part of its name",
            key=_CHOICE,
            help="Fills in Pack and Action below; it takes effect once it is saved.",
        )
        if ref is None:
            return {}
        _draw_parameters(by_ref[ref]["parameters"])
    return {} if ref == saved else {"pack_name": by_ref[ref]["pack"], "action_name": by_ref[ref]["name"]}


def _draw_parameters(parameters: Mapping[str, Mapping[str, Any]]) -> None:
    if not parameters:
        st.caption("This action takes no parameters.")
        return
    rows = [
        {
            "Parameter": quoted.cell(name),
            "Type": quoted.cell(str(one.get("type", ""))),
            "Required": "yes" if one.get("required") else "",
            "Secret": "yes" if one.get("secret") else "",
            "Default": quoted.cell(str(one["default"])) if one.get("default") is not None else "",
            "Meaning": quoted.cell(str(one.get("description", ""))),
        }
        for name, one in sorted(parameters.items(), key=lambda pair: not pair[1].get("required"))
    ]
    st.dataframe(rows, hide_index=True, height=min(len(rows) + 1, 6) * 32 + 4, row_height=32)
    st.caption(
        "Parameters named like an incident's fields (title, severity, source, score …) are filled in; give the others "
        "under Action parameters, and passwords under Secret action parameters."
    )
