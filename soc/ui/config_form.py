"""A form made from a config model: one widget a field, its label, help and limits taken from the model.

A secret is never sent to the browser: an empty password field means "unchanged" where one is stored.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

import annotated_types
import streamlit as st
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from soc.domain.severity import Priority
from soc.integrations.base import IntegrationConfig
from soc.integrations.declared import fields_of

Intent = Literal["test", "save"]
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
    """What was pressed, and what the fields held then."""

    intent: Intent
    data: dict[str, Any]


def draw_config_form(
    kind: str,
    model: type[IntegrationConfig],
    masked: Mapping[str, Any],
    *,
    round: int = 0,
    busy: bool = False,
) -> Buttons | None:
    """Draw the form over the masked current values; returns what was pressed, if anything was.

    A secret that was left alone comes back as its mask, which the backend reads as "unchanged". A new `round`
    forgets what was typed and shows the current values.
    """
    with st.form(f"config-{kind}", border=False):
        data: dict[str, Any] = {
            name: masked[name]
            for name, info in model.model_fields.items()
            if _extra(info).get("hidden") and name in masked
        }
        for group, fields in _grouped(model):
            data.update(_draw_group(f"{kind}-{round}", group, fields, masked))
        with st.container(horizontal=True):
            save = st.form_submit_button(
                "Save", icon=":material/save:", type="primary", disabled=busy, key=f"save-{kind}"
            )
            test = st.form_submit_button(
                "Test connection",
                icon=":material/network_check:",
                disabled=busy,
                key=f"test-{kind}",
                help="Asks the vendor with the values above, without saving them and without changing anything there.",
            )
    if test:
        return Buttons("test", data)
    if save:
        return Buttons("save", data)
    return None


def _extra(info: FieldInfo) -> Mapping[str, Any]:
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}


def _grouped(model: type[IntegrationConfig]) -> Iterator[tuple[str, list[tuple[str, FieldInfo]]]]:
    """Shown fields by group, in the groups' order; groups nobody knows come last."""
    found: dict[str, list[tuple[str, FieldInfo]]] = {}
    for name, info in fields_of(model).items():
        found.setdefault(str(_extra(info).get("group", "")), []).append((name, info))
    order = [group for group in GROUPS if group in found] + [group for group in found if group not in GROUPS]
    for group in order:
        yield group, found[group]


def _draw_group(
    kind: str, group: str, fields: list[tuple[str, FieldInfo]], masked: Mapping[str, Any]
) -> dict[str, Any]:
    title = GROUPS.get(group, group.capitalize())
    area = st.expander(title) if group in _FOLDED else st.container(gap="small")
    values: dict[str, Any] = {}
    with area:
        if group and group not in _FOLDED:
            st.markdown(f"**{title}**")
        single = [pair for pair in fields if _kind_of(pair[1].annotation) != "mapping"]
        with st.grid(2, min_column_width=220, vertical_alignment="top"):
            for name, info in single:
                values[name] = draw_field(f"{kind}-{name}", info, masked.get(name, _default(info)))
        for name, info in fields:
            if _kind_of(info.annotation) == "mapping":
                values[name] = _draw_mapping(f"{kind}-{name}", info, masked.get(name) or _default(info) or {})
    return values


def _default(info: FieldInfo) -> Any:
    value = info.get_default(call_default_factory=True) if not info.is_required() else None
    return None if value is PydanticUndefined else value


def _inner(annotation: Any) -> Any:
    """The type without its `None`."""
    if get_origin(annotation) in (Union, types.UnionType):
        kept = [part for part in get_args(annotation) if part is not type(None)]
        return kept[0] if len(kept) == 1 else annotation
    return annotation


def _kind_of(annotation: Any) -> str:
    inner = _inner(annotation)
    origin = get_origin(inner)
    if inner is SecretStr:
        return "secret"
    if origin is Literal or (isinstance(inner, type) and issubclass(inner, Enum)):
        return "choice"
    if inner is bool:
        return "bool"
    if inner is int or inner is float:
        return "number"
    if origin is dict:
        return "mapping"
    if origin in (tuple, list):
        return "list"
    return "text"


def _options(annotation: Any) -> list[Any]:
    inner = _inner(annotation)
    return list(get_args(inner)) if get_origin(inner) is Literal else [one.value for one in inner]


def draw_field(key: str, info: FieldInfo, value: Any) -> Any:
    """One field's widget; returns its value in the form that the model's validation takes."""
    extra = _extra(info)
    words: dict[str, Any] = {"label": info.title or key, "help": info.description, "key": f"field-{key}"}
    placeholder = str(extra.get("placeholder", ""))
    match _kind_of(info.annotation):
        case "secret":
            multiline = bool(extra.get("multiline"))
            return _draw_secret(words, value, placeholder, multiline=multiline, needed=info.is_required())
        case "bool":
            return st.toggle(value=bool(value), **words)
        case "number":
            return _draw_number(words, info, value)
        case "choice":
            options = _options(info.annotation)
            return st.selectbox(
                options=options,
                index=options.index(value) if value in options else 0,
                format_func=lambda one: str(one).replace("_", " ").capitalize(),
                **words,
            )
        case "list":
            text = st.text_input(value=", ".join(map(str, value or ())), placeholder=placeholder, **words)
            return [part.strip() for part in text.split(",") if part.strip()]
        case _:
            return _draw_text(words, value, placeholder, extra)


def _draw_text(words: dict[str, Any], value: Any, placeholder: str, extra: Mapping[str, Any]) -> str:
    text = "" if value is None else str(value)
    options = extra.get("options")
    if isinstance(options, list):
        known = [str(one) for one in options]
        if text and text not in known:
            known.append(text)
        chosen = st.selectbox(
            options=known, index=known.index(text) if text else None, accept_new_options=True, **words
        )
        return chosen or ""
    draw = st.text_area if extra.get("multiline") else st.text_input
    return str(draw(value=text, placeholder=placeholder, **words))


def _draw_secret(
    words: dict[str, Any], value: Any, placeholder: str, *, multiline: bool, needed: bool
) -> str:
    """Empty stays what it was: the mask goes back, the secret itself never came here.

    A secret that is not needed can be forgotten.
    """
    mask = value if isinstance(value, str) else ""
    hint = f"{mask} stored – leave empty to keep it" if mask else placeholder
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


def _draw_number(words: dict[str, Any], info: FieldInfo, value: Any) -> float | int:
    limits: dict[str, Any] = {}
    for rule in info.metadata:
        if isinstance(rule, annotated_types.Ge):
            limits["min_value"] = rule.ge
        elif isinstance(rule, annotated_types.Le):
            limits["max_value"] = rule.le
    number: float | int = st.number_input(
        value=value, step=1 if _inner(info.annotation) is int else None, **limits, **words
    )
    return number


def _draw_mapping(key: str, info: FieldInfo, value: Mapping[Any, Any]) -> dict[str, str]:
    """One box for each key; the usual answers are offered, others can be typed."""
    st.markdown(f"**{info.title}**", help=info.description)
    base = _default(info) or {}
    names = [str(getattr(one, "value", one)) for one in {**base, **value}]
    usual = list(dict.fromkeys([*map(str, base.values()), *(one.value for one in Priority)]))
    current = {str(getattr(one, "value", one)): str(text) for one, text in value.items()}
    chosen: dict[str, str] = {}
    with st.grid(5, min_column_width=90):
        for name in dict.fromkeys(names):
            text = current.get(name, "")
            options = usual if not text or text in usual else [*usual, text]
            picked = st.selectbox(
                name.replace("_", " ").capitalize(),
                options=options,
                index=options.index(text) if text else None,
                accept_new_options=True,
                key=f"field-{key}-{name}",
            )
            chosen[name] = picked or ""
    return chosen
