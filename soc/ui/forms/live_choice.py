"""A list of the vendor's own to choose settings from (`LiveChoice`); without it, they are typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import streamlit as st

from soc.access.scopes import Scope
from soc.delivery.actions import ask, find_action
from soc.errors import SocError
from soc.integrations.kit.panels import Choice, LiveChoice
from soc.ui.kit import buttons, quoted, tables
from soc.ui.sitting import actor_here


def _list(kind: str) -> str:
    return f"{kind}-choices"


def _chosen(kind: str) -> str:
    return f"{kind}-choice"


def load_choices(kind: str, panel: LiveChoice) -> list[Choice]:
    """What can be chosen now, as the vendor lists it. Raises ConfigurationError, DeliveryError, NotAllowed."""
    actor_here(Scope.ACT)
    found = panel.read(ask(kind, find_action(kind, panel.action), panel.request))
    st.session_state[_list(kind)] = found
    return found


def load_quietly(kind: str, panel: LiveChoice) -> None:
    """After a test that passed; where it fails, the button is still there."""
    with suppress(SocError):
        load_choices(kind, panel)


def forget_choice(kind: str) -> None:
    """What was chosen is saved now, or is not wanted any more."""
    st.session_state.pop(_chosen(kind), None)


def forget_list(kind: str) -> None:
    """It may be another account now."""
    for name in (_list(kind), _chosen(kind)):
        st.session_state.pop(name, None)


def draw_choice(kind: str, panel: LiveChoice, masked: Mapping[str, Any]) -> dict[str, Any]:
    """Draw the list over the form; returns what was chosen, for the form's own fields."""
    found: list[Choice] | None = st.session_state.get(_list(kind))
    with st.container(border=True, gap="small"):
        st.markdown(f"**{panel.title}**")
        if found is None:
            st.caption(panel.intro)
            buttons.act_button(
                panel.button,
                lambda _key: load_choices(kind, panel),
                needed=Scope.ACT,
                name=f"list-{kind}",
                busy=panel.busy,
                icon=":material/list:",
            )
            return {}
        by_name = {one.name: one for one in found}
        saved = next((one.name for one in found if _is_saved(one, masked)), None)
        name = st.selectbox(
            panel.label.format(count=len(found)),
            options=list(by_name),
            index=list(by_name).index(saved) if saved is not None else None,
            format_func=lambda one: f"{one} – {quoted.cell(by_name[one].about, 90)}",
            placeholder=panel.placeholder,
            key=_chosen(kind),
            help=panel.help,
        )
        if name is None:
            return {}
        _draw_details(by_name[name].details, panel)
    return {} if name == saved else dict(by_name[name].fills)


def _is_saved(choice: Choice, masked: Mapping[str, Any]) -> bool:
    return all(masked.get(field) == value for field, value in choice.fills.items())


def _draw_details(rows: Sequence[Mapping[str, str]], panel: LiveChoice) -> None:
    if not rows:
        if panel.no_details:
            st.caption(panel.no_details)
        return
    tables.show_rows(
        [{column: quoted.cell(text) for column, text in row.items()} for row in rows],
        {column: tables.whole_column(column) for column in rows[0]},
        alt="What the chosen one takes",
        most=6,
    )
    if panel.details_note:
        st.caption(panel.details_note)
