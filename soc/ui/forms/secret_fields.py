"""Fields whose values never come to the browser: one secret, named secrets, a list of secrets.

What is stored is shown as its mask; a mask that goes back means "unchanged".
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import streamlit as st

from soc.integrations.kit.redaction import MASK
from soc.ui.kit import quoted

#: Pixels; values get the rest of the row.
_NAME_WIDTH = 160
_KEEP = f"{MASK} stored; empty keeps it"


def draw_secret(words: dict[str, Any], value: Any, placeholder: str, *, multiline: bool, needed: bool) -> str:
    """Empty stays what it was: the mask goes back, the secret itself never came here.

    A secret that is not needed can be forgotten.
    """
    mask = value if isinstance(value, str) else ""
    hint = _KEEP if mask else placeholder
    with st.container(gap="xsmall"):
        if multiline:
            typed = st.text_area(value="", placeholder=hint, **words)
        else:
            typed = st.text_input(
                value="", type="password", placeholder=hint, autocomplete="new-password", **words
            )
        forget = (
            bool(mask) and not needed and st.checkbox("Forget the stored one", key=f"{words['key']}-forget")
        )
    return "" if forget else typed or mask


def draw_secret_map(
    words: dict[str, Any], names: Sequence[str], *, item: str = "value", example: str = ""
) -> dict[str, str] | None:
    """One row for each name, its value hidden; rows can be added and removed, or come as JSON.

    `item` is what one of them is called; `example` is the JSON of one. None where the JSON cannot be read.
    """
    key = words["key"]
    found: dict[str, str] = {}
    _title(words)
    with st.container(gap="xsmall"):
        for name in names:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.text(quoted.visible(name), width=_NAME_WIDTH)
                typed = _value(f"Value of {name}", f"{key}-{name}", stored=True)
                if not st.checkbox("Remove", key=f"{key}-{name}-remove", width=90):
                    found[name] = typed or MASK
        for number in range(1, _new_rows(key) + 1):
            with st.container(horizontal=True, vertical_alignment="center"):
                name = _name(f"Name of new {item} {number}", f"{key}-new-{number}-name")
                typed = _value(f"Value of new {item} {number}", f"{key}-new-{number}")
                st.space(90)
            if name:
                found[name] = typed
    with st.container(horizontal=True, vertical_alignment="center"):
        _more(key, f"Add a {item}")
        with st.popover("Paste as JSON", icon=":material/data_object:", type="tertiary"):
            text = st.text_area(
                f"{item.capitalize()}s as JSON", key=f"{key}-json", placeholder=example,
                help=f"Added to the rows when the form is sent. A {item} of the same name is replaced.",
            )  # fmt: skip
    if not text.strip():
        return found
    pasted = _object_of_texts(text)
    return None if pasted is None else {**found, **pasted}


def draw_secret_list(words: dict[str, Any], masks: Sequence[str]) -> list[str]:
    """The stored ones by number, each removable, and rows for new ones."""
    key = words["key"]
    found: list[str] = []
    _title(words)
    with st.container(gap="xsmall"):
        for number, mask in enumerate(masks, 1):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.text_input(
                    f"Stored secret {number}", value="", placeholder=f"{MASK} stored, number {number}",
                    disabled=True, label_visibility="collapsed", key=f"{key}-{number}-stored",
                )  # fmt: skip
                if not st.checkbox("Remove", key=f"{key}-{number}-remove", width=90):
                    found.append(str(mask))
        for number in range(1, _new_rows(key) + 1):
            with st.container(horizontal=True, vertical_alignment="center"):
                typed = _value(f"New secret {number}", f"{key}-new-{number}", hint="add another: whsec_…")
                st.space(90)
            if typed.strip():
                found.append(typed.strip())
    _more(key, "Add a secret")
    return found


def _title(words: dict[str, Any]) -> None:
    st.markdown(f"**{words['label']}**", help=words["help"])


def _name(label: str, key: str) -> str:
    return st.text_input(
        label, placeholder="Name", label_visibility="collapsed", key=key, width=_NAME_WIDTH
    ).strip()


def _value(label: str, key: str, *, stored: bool = False, hint: str = "Value") -> str:
    return st.text_input(
        label, value="", type="password", autocomplete="new-password", label_visibility="collapsed", key=key,
        placeholder=_KEEP if stored else hint,
    )  # fmt: skip


def _new_rows(key: str) -> int:
    rows: int = st.session_state.get(f"rows-{key}", 1)
    return rows


def _more(key: str, label: str) -> None:
    """A button within the form: what was typed so far stays."""

    def add() -> None:
        st.session_state[f"rows-{key}"] = _new_rows(key) + 1

    st.form_submit_button(label, icon=":material/add:", type="tertiary", key=f"more-{key}", on_click=add)


def _object_of_texts(text: str) -> dict[str, str] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        return None
    return found
