"""What can be said about any integration from its config model alone: validation, masking, secrets, docs.

The model is the only source; what is secret in it is `masking`'s matter.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, get_origin

import structlog
from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_jsonable_python

from soc.env_text import EnvText, read_env
from soc.errors import ConfigurationError
from soc.integrations.kit.base import IntegrationConfig
from soc.integrations.kit.declaring.masking import (
    is_secret,
    masked,
    merge_masked,
    reused_secrets,
    same_place,
    secrecy_of,
    secret_values,
    split_secrets,
    unfolded,
)
from soc.integrations.kit.declaring.strict import mistaken_types, refused_places, unknown_settings
from soc.integrations.kit.fields import holds_control
from soc.settings import env_file, get_settings
from soc.wrong_values import said_of

__all__ = [
    "InvalidConfiguration",
    "build",
    "default_of",
    "env_example",
    "env_file_names",
    "env_names",
    "env_notes",
    "environment",
    "field_table",
    "fields_of",
    "from_env",
    "is_secret",
    "masked",
    "merge_masked",
    "reused_secrets",
    "same_place",
    "secrecy_of",
    "secret_values",
    "split_secrets",
    "validate",
]

log = structlog.get_logger(__name__)

_NO_TEXT = "holds a character that is no text (a control character, or half of one); copy it again"
_EMPTY: tuple[object, ...] = ("", (), [], {}, None)
_SECRECY_WORDS = {
    "": "",
    "one": " Secret.",
    "map": " The values are secret.",
    "list": " Each of them is secret.",
}


class InvalidConfiguration(ConfigurationError):
    """Settings that are not valid. `fields` says what is wrong by field name ("" for the whole); never the input."""

    def __init__(self, title: str, fields: Mapping[str, str], labels: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        wrong = "; ".join(f"{labels.get(name, name) or title}: {text}" for name, text in fields.items())
        super().__init__(f"{title} is not configured correctly. {wrong}.")


def _extra(field: FieldInfo) -> dict[str, Any]:
    return field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}


def fields_of(model: type[IntegrationConfig]) -> dict[str, FieldInfo]:
    """The fields a person fills in: the integration's own first, then those that all have; hidden ones left out."""
    shared = set(IntegrationConfig.model_fields)
    visible = {n: f for n, f in model.model_fields.items() if not _extra(f).get("hidden")}
    return dict(sorted(visible.items(), key=lambda item: item[0] in shared))


def validate(
    model: type[IntegrationConfig], title: str, data: Mapping[str, Any], *, as_text: bool = False
) -> IntegrationConfig:
    """The config of `data`; `as_text`: of an environment, where all is text. Raises InvalidConfiguration."""
    problems: dict[str, str] = {} if as_text else mistaken_types(model, data)
    problems |= {name: _NO_TEXT for name in model.model_fields if holds_control(data.get(name))}
    if unknown := unknown_settings(model, data):
        problems[""] = unknown
    try:
        config = model.model_validate(unfolded(model, data))
        if not problems:
            return config
    except ValidationError as error:
        for item in error.errors(include_url=False, include_input=False):
            text = said_of(item)
            name = str(item["loc"][0]) if item["loc"] else ""
            if not name and (head := text.partition(": "))[0] in model.model_fields:
                name, text = head[0], head[2]
            if item["type"] != "extra_forbidden":  # those are told already
                problems.setdefault(name if name in model.model_fields else "", text)
    raise InvalidConfiguration(title, problems, labels_of(model))


def labels_of(model: type[IntegrationConfig]) -> dict[str, str]:
    """What people call each setting."""
    return {name: field.title or name for name, field in model.model_fields.items()}


def refuse_places(title: str, config: IntegrationConfig) -> None:
    """Raises InvalidConfiguration where it sends over plain http to where the administrator does not allow that.

    Asked when settings are made, not when they are read: the list of another process may be another one.
    """
    if refused := refused_places(config):
        raise InvalidConfiguration(title, refused, labels_of(type(config)))


def defaults_of(model: type[IntegrationConfig]) -> dict[str, Any]:
    """What holds where nothing is said, as it may be shown; settings that must be said are left out."""
    values = {
        name: field.get_default(call_default_factory=True, validated_data={})
        for name, field in model.model_fields.items()
        if not field.is_required()
    }
    shown: dict[str, Any] = to_jsonable_python(values)
    return shown


def build(
    model: type[IntegrationConfig], title: str, public: Mapping[str, Any], secrets: Mapping[str, str]
) -> IntegrationConfig:
    """The config of what `split_secrets` gave. Raises InvalidConfiguration.

    Settings that this version no longer knows are dropped: an old row must not stop the product.
    """
    data = {**public, **{name: value for name, value in secrets.items() if value}}
    return validate(model, title, {name: value for name, value in data.items() if name in model.model_fields})


def environment() -> dict[str, str]:
    """The environment over `.env`; nothing in a demonstration. Nothing is put into the process's environment."""
    if get_settings().demo:
        return {}
    return {**_env_text().values, **os.environ}


def env_notes() -> tuple[str, ...]:
    """What a person should know of the `.env` that is read: its encoding, lines that are not understood; no values."""
    return _env_text().notes


def env_file_names() -> tuple[str, ...]:
    """The names that the `.env` gives a value."""
    return tuple(_env_text().values)


def _env_text() -> EnvText:
    path = env_file()
    try:
        found = path.stat()
    except OSError:
        return read_env(path)
    return _in_file(path.absolute(), found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=4)
def _in_file(path: Path, _changed_ns: int, _size: int) -> EnvText:
    """The file, read again when it changed: every delivery asks."""
    text = read_env(path)
    for note in text.notes:
        log.warning("env_file", note=note)
    return text


def env_names(model: type[IntegrationConfig]) -> dict[str, str]:
    """Field name → environment variable, for the fields that have one."""
    return {name: str(_extra(f)["env"]) for name, f in model.model_fields.items() if _extra(f).get("env")}


def from_env(
    model: type[IntegrationConfig], title: str, values: Mapping[str, str]
) -> IntegrationConfig | None:
    """The config of the environment; None where a required variable is absent. Raises InvalidConfiguration."""
    data = {name: values[env] for name, env in env_names(model).items() if values.get(env, "").strip()}
    if any(field.is_required() and name not in data for name, field in model.model_fields.items()):
        return None
    config = validate(model, title, data, as_text=True)
    refuse_places(title, config)
    return config


def example_of(model: type[IntegrationConfig]) -> dict[str, Any]:
    """Settings as somebody might send them: the placeholders, and the defaults where there is one."""
    example: dict[str, Any] = {}
    for name, field in fields_of(model).items():
        placeholder = str(_extra(field).get("placeholder") or "")
        default = field.get_default(call_default_factory=True, validated_data={})
        if secrecy_of(field) == "one":
            example[name] = placeholder or f"your-{name.replace('_', '-')}"
        elif placeholder.startswith("{"):
            example[name] = json.loads(placeholder)
        elif placeholder and not is_secret(field):
            listed = get_origin(field.annotation) in (list, tuple)
            example[name] = [one.strip() for one in placeholder.split(",")] if listed else placeholder
        elif default is not PydanticUndefined and default not in _EMPTY:
            example[name] = default
    plain: dict[str, Any] = to_jsonable_python(example)
    return plain


def default_of(field: FieldInfo) -> str:
    """The default as a person writes it, "" where there is none."""
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined or value in _EMPTY or isinstance(value, SecretStr):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{k} → {v}" for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return str(value)


def env_example(model: type[IntegrationConfig], title: str) -> list[str]:
    """The lines of `.env.example`: help as comments. What has a default is commented out; copied as it is, the
    file configures nothing, since secrets are empty.
    """
    lines = [f"# {title}"]
    sealed = any(field.is_required() and is_secret(field) for field in model.model_fields.values())
    for name, env in env_names(model).items():
        field = model.model_fields[name]
        extra, default = _extra(field), default_of(field)
        # Without a secret that is required, an example address alone would already configure it.
        shown = "" if is_secret(field) or not (sealed or default) else str(extra.get("placeholder", ""))
        wanted = field.is_required() or (extra.get("group") == "connection" and shown and not default)
        lines.append(f"# {field.title}: {field.description}")
        lines.append(f"{env}={shown}" if wanted else f"# {env}={default or shown}")
    return lines


def field_table(model: type[IntegrationConfig]) -> str:
    """The settings as a Markdown table; `docs/` holds it between markers and a test compares."""
    rows = ["| Setting | Environment | Default | What it is |", "|---|---|---|---|"]
    for name, field in fields_of(model).items():
        env = _extra(field).get("env")
        default = "required" if field.is_required() else default_of(field) or "–"
        secret = _SECRECY_WORDS[secrecy_of(field)]
        options = _extra(field).get("options")
        listed = f" Options: {', '.join(options)}." if isinstance(options, list) else ""
        cells = (
            f"{field.title} (`{name}`)",
            f"`{env}`" if env else "–",
            default,
            f"{field.description}{listed}{secret}",
        )
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)
