"""One widget a field of a config model: its label, help and limits are the model's."""

from __future__ import annotations

import json
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

import annotated_types
import streamlit as st
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from soc.domain.severity import Priority
from soc.integrations.kit.base import CHANNELS
from soc.integrations.kit.declared import secrecy_of
from soc.integrations.registry import FALLBACKS
from soc.ui.forms.secret_fields import draw_secret, draw_secret_list, draw_secret_map

_WIDE = ("mapping", "json", "secret map", "secret list")


@dataclass(frozen=True)
class Unreadable:
    """In place of a value: what was typed is not what the field takes. Never holds the input."""

    why: str


def extra_of(info: FieldInfo) -> Mapping[str, Any]:
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}


def is_wide(info: FieldInfo) -> bool:
    """Whether the field wants the whole width of the form."""
    kind = _kind_of(info)
    return kind in _WIDE or (kind == "text" and bool(extra_of(info).get("multiline")))


def default_value(info: FieldInfo) -> Any:
    value = info.get_default(call_default_factory=True) if not info.is_required() else None
    return None if value is PydanticUndefined or isinstance(value, SecretStr) else value


def _inner(annotation: Any) -> Any:
    """The type without its `None`."""
    if get_origin(annotation) in (Union, types.UnionType):
        kept = [part for part in get_args(annotation) if part is not type(None)]
        return kept[0] if len(kept) == 1 else annotation
    return annotation


def _kind_of(info: FieldInfo) -> str:
    if secrecy := secrecy_of(info):
        return {"one": "secret", "map": "secret map", "list": "secret list"}[secrecy]
    inner = _inner(info.annotation)
    origin = get_origin(inner)
    if origin is Literal or (isinstance(inner, type) and issubclass(inner, Enum)):
        return "choice"
    if inner is bool:
        return "bool"
    if inner is int or inner is float:
        return "number"
    if origin is dict:
        return "json" if get_args(inner)[1] is Any else "mapping"
    if origin in (tuple, list):
        return "list"
    return "text"


def _options(annotation: Any) -> list[Any]:
    inner = _inner(annotation)
    return list(get_args(inner)) if get_origin(inner) is Literal else [one.value for one in inner]


def draw_field(key: str, info: FieldInfo, value: Any, offered: Sequence[str] = ()) -> Any:
    """One field's widget; returns its value in the form that the model's validation takes, or `Unreadable`.

    `offered` are choices of the vendor's own, beside the usual ones.
    """
    extra = extra_of(info)
    words: dict[str, Any] = {"label": info.title or key, "help": info.description, "key": f"field-{key}"}
    placeholder = str(extra.get("placeholder", ""))
    match _kind_of(info):
        case "secret":
            multiline = bool(extra.get("multiline"))
            return draw_secret(words, value, placeholder, multiline=multiline, needed=info.is_required())
        case "secret map":
            names = list(value) if isinstance(value, Mapping) else []
            found = draw_secret_map(words, names, item=str(extra.get("item", "value")), example=placeholder)
            return Unreadable("its JSON is no object of names and texts") if found is None else found
        case "secret list":
            return draw_secret_list(words, list(value or ()))
        case "json":
            return _draw_json(words, value)
        case "mapping":
            return _draw_mapping(key, info, value or default_value(info) or {})
        case "bool":
            return st.toggle(value=bool(value), **words)
        case "number":
            return _draw_number(words, info, value)
        case "choice":
            return _draw_choice(words, _options(info.annotation), value)
        case "list":
            text = st.text_input(value=", ".join(map(str, value or ())), placeholder=placeholder, **words)
            return [part.strip() for part in text.split(",") if part.strip()]
        case _:
            return _draw_text(words, value, placeholder, extra, offered)


def _draw_choice(words: dict[str, Any], options: list[Any], value: Any) -> Any:
    return st.selectbox(
        options=options,
        index=options.index(value) if value in options else 0,
        # POST and PATCH are names; the rest are words
        format_func=lambda one: one if str(one).isupper() else str(one).replace("_", " ").capitalize(),
        **words,
    )


def _draw_text(
    words: dict[str, Any], value: Any, placeholder: str, extra: Mapping[str, Any], offered: Sequence[str]
) -> str:
    text = "" if value is None else str(value)
    options = FALLBACKS if extra.get("options") == CHANNELS else extra.get("options")
    if isinstance(options, (list, tuple)):
        known = list(dict.fromkeys([*(str(one) for one in options if one), *offered]))
        if text and text not in known:
            known.append(text)
        chosen = st.selectbox(
            options=known,
            index=known.index(text) if text else None,
            accept_new_options=True,
            placeholder=placeholder or "none",
            **words,
        )
        return chosen or ""
    if extra.get("multiline"):
        return str(st.text_area(value=text, placeholder=placeholder, height=140, **words))
    return str(st.text_input(value=text, placeholder=placeholder, **words))


def _draw_json(words: dict[str, Any], value: Any) -> Any:
    shown = json.dumps(value, indent=2, ensure_ascii=False) if value else ""
    text = st.text_area(value=shown, placeholder='{"name": "value"}', height=110, **words)
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except ValueError as error:
        return Unreadable(f"is no valid JSON (line {getattr(error, 'lineno', 1)})")
    return found if isinstance(found, dict) else Unreadable('must be a JSON object: {"name": "value"}')


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
    """One box for each key. Where the model names the answers those are all; else others can be typed."""
    st.markdown(f"**{info.title}**", help=info.description)
    base = default_value(info) or {}
    answers = get_args(_inner(info.annotation))[1]
    closed = isinstance(answers, type) and issubclass(answers, Enum)
    usual = (
        [str(one.value) for one in answers]
        if closed
        else list(dict.fromkeys([*map(str, base.values()), *(one.value for one in Priority)]))
    )
    current = {
        str(getattr(one, "value", one)): str(getattr(text, "value", text)) for one, text in value.items()
    }
    names = [str(getattr(one, "value", one)) for one in {**base, **value}]
    chosen: dict[str, str] = {}
    with st.grid(5, min_column_width=90):
        for name in dict.fromkeys(names):
            text = current.get(name, "")
            options = usual if not text or text in usual else [*usual, text]
            picked = st.selectbox(
                name.replace("_", " ").capitalize(),
                options=options,
                index=options.index(text) if text else None,
                accept_new_options=not closed,
                key=f"field-{key}-{name}",
            )
            chosen[name] = picked or ""
    return chosen
