"""A form made from a config model: its fields by group, and buttons that test, save or both.

A secret is never sent to the browser: an empty password field means "unchanged" where one is stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import streamlit as st
from pydantic.fields import FieldInfo

from soc.integrations.kit.base import IntegrationConfig
from soc.integrations.kit.declared import fields_of
from soc.integrations.kit.panels import BodyPreview
from soc.ui.forms.config_fields import Unreadable, default_value, draw_field, extra_of, is_wide
from soc.ui.kit import quoted

Intent = Literal["test", "save", "test-save", "preview"]
GROUPS: Mapping[str, str] = {
    "": "General",
    "connection": "Connection",
    "ticket": "Tickets",
    "message": "Messages",
    "delivery": "Delivery",
}
#: Groups that most people leave as they are.
_FOLDED = ("delivery",)


@dataclass(frozen=True)
class Buttons:
    """What was pressed, what the fields held then, and which of them cannot be read (by field name)."""

    intent: Intent
    data: dict[str, Any]
    problems: dict[str, str] = field(default_factory=dict)


def draw_config_form(
    kind: str,
    model: type[IntegrationConfig],
    masked: Mapping[str, Any],
    *,
    round: int = 0,
    busy: bool = False,
    chosen: Mapping[str, Any] | None = None,
    preview: BodyPreview | None = None,
    offers: Mapping[str, Sequence[str]] | None = None,
) -> Buttons | None:
    """Draw the form over the masked current values; returns what was pressed, if anything was.

    A secret that was left alone comes back as its mask, which the backend reads as "unchanged". A new `round`
    forgets what was typed and shows the current values. `chosen` are values picked beside the form: they take
    the place of what their fields hold, and of nothing else. `preview` gives the form its button.
    `offers` are what the vendor has itself to choose from, by setting, beside the usual.
    """
    picked = dict(chosen or {})
    with st.form(f"config-{kind}", border=False, enter_to_submit=False):
        data: dict[str, Any] = {
            name: masked[name]
            for name, info in model.model_fields.items()
            if extra_of(info).get("hidden") and name in masked
        }
        for group, fields in _grouped(model):
            data.update(_draw_group(f"{kind}-{round}", group, fields, masked, picked, offers or {}))
        intent = _draw_buttons(kind, busy=busy, preview=preview)
    if intent is None:
        return None
    problems = {name: value.why for name, value in data.items() if isinstance(value, Unreadable)}
    return Buttons(intent, {n: v for n, v in data.items() if n not in problems}, problems)


def draw_config_values(model: type[IntegrationConfig], masked: Mapping[str, Any]) -> None:
    """What the form holds, to be read: each shown field with its masked value."""
    said = {
        info.title or name: shown
        for _, fields in _grouped(model)
        for name, info in fields
        if (shown := _as_text(masked.get(name)))
    }
    if said:
        st.table(
            {quoted.markdown(one): quoted.markdown(text) for one, text in said.items()}, border="horizontal"
        )


def _as_text(value: Any) -> str:
    """ "" for what is not set."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {_as_text(one)}" for name, one in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_as_text, value))
    return "" if value is None else str(getattr(value, "value", value))


def _draw_buttons(kind: str, *, busy: bool, preview: BodyPreview | None) -> Intent | None:
    intents: dict[Intent, bool] = {}
    with st.container(horizontal=True):
        intents["test-save"] = st.form_submit_button(
            "Test, then save", icon=":material/save:", type="primary", disabled=busy, key=f"test-save-{kind}",
            help="Asks the vendor with the values above; they are saved only if that works.",
        )  # fmt: skip
        intents["save"] = st.form_submit_button(
            "Save", disabled=busy, key=f"save-{kind}",
            help="Saves the values above whatever a test says; then tests them.",
        )  # fmt: skip
        intents["test"] = st.form_submit_button(
            "Test connection", icon=":material/network_check:", disabled=busy, key=f"test-{kind}",
            help="Asks the vendor with the values above, without saving them and without changing anything there.",
        )  # fmt: skip
        if preview is not None:
            intents["preview"] = st.form_submit_button(
                preview.button,
                icon=":material/preview:",
                disabled=busy,
                key=f"preview-{kind}",
                help=preview.help,
            )
    return next((intent for intent, pressed in intents.items() if pressed), None)


def _grouped(model: type[IntegrationConfig]) -> Iterator[tuple[str, list[tuple[str, FieldInfo]]]]:
    """Shown fields by group, in the groups' order; groups nobody knows come last."""
    found: dict[str, list[tuple[str, FieldInfo]]] = {}
    for name, info in fields_of(model).items():
        found.setdefault(str(extra_of(info).get("group", "")), []).append((name, info))
    order = [group for group in GROUPS if group in found] + [group for group in found if group not in GROUPS]
    for group in order:
        yield group, found[group]


def _draw_group(
    kind: str,
    group: str,
    fields: list[tuple[str, FieldInfo]],
    masked: Mapping[str, Any],
    picked: Mapping[str, Any],
    offers: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    title = GROUPS.get(group, group.capitalize())
    area = st.expander(title) if group in _FOLDED else st.container(gap="small")
    values: dict[str, Any] = {}

    def draw(name: str, info: FieldInfo) -> None:
        key = f"{kind}-{name}"
        if name in picked:  # a key of its own: a widget that exists keeps what was typed
            values[name] = draw_field(f"{key}-{picked[name]}", info, picked[name], offers.get(name, ()))
        else:
            values[name] = draw_field(key, info, masked.get(name, default_value(info)), offers.get(name, ()))

    with area:
        if group and group not in _FOLDED:
            st.markdown(f"**{title}**")
        narrow = [(name, info) for name, info in fields if not is_wide(info)]
        if narrow:  # an empty grid would leave a gap
            with st.grid(2, min_column_width=220, vertical_alignment="top"):
                for name, info in narrow:
                    draw(name, info)
        for name, info in fields:
            if is_wide(info):
                draw(name, info)
    return values
