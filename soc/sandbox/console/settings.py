"""The vendors' settings as a form: one input a setting, as its type wants it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, Literal, get_args, get_origin

from soc.sandbox.admin import EVERY


def settings_form(now: Mapping[str, Any]) -> str:
    """Every setting with its present value; a list is written with commas."""
    inputs = "".join(
        f"<label>{escape(name.replace('_', ' '))} {_input(name, field.annotation, now[name])}</label>"
        for name, field in EVERY.model_fields.items()
    )
    return (
        "<form class='card' method='post' action='/console/settings'><div class='fields'>"
        f"{inputs}</div><p><button>Set</button></p></form>"
    )


def read_settings(form: Mapping[str, str]) -> dict[str, Any]:
    """What `EVERY` is validated from; an empty field is what it was at the start."""
    lists = {name for name, field in EVERY.model_fields.items() if _is_list(field.annotation)}
    return {
        name: [part.strip() for part in value.split(",") if part.strip()] if name in lists else value
        for name, value in form.items()
        if value
    }


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is tuple


def _input(name: str, kind: Any, value: Any) -> str:
    if get_origin(kind) is Literal or kind is bool:
        named = get_args(kind) or (False, True)
        options = (
            f"<option value='{escape(str(one))}'{' selected' if one == value else ''}>{escape(_word(one))}</option>"
            for one in named
        )
        return f"<select name='{name}'>{''.join(options)}</select>"
    shown = (
        ", ".join(value)
        if _is_list(kind)
        else ""
        if value is None
        else value
        if kind is str
        else f"{value:g}"
    )
    return f"<input name='{name}' value='{escape(shown)}' size='14'>"


def _word(value: Any) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value).replace("_", " ")
