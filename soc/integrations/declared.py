"""What can be said about any integration from its config model alone: validation, masking, secrets, docs.

The model is the only source. `SecretStr` is the secrecy, also within `dict[str, SecretStr]` (the names are public,
the values are not) and `tuple[SecretStr, ...]`; the masked view is the only one that leaves the product.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from soc.errors import ConfigurationError
from soc.integrations.base import IntegrationConfig
from soc.integrations.redaction import MASK

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


def secrecy_of(field: FieldInfo) -> Literal["", "one", "map", "list"]:
    """How a field is secret: it is one secret, names with secret values, a list of secrets, or not at all ("")."""
    if field.annotation is SecretStr:
        return "one"
    if SecretStr in get_args(field.annotation):
        return "map" if get_origin(field.annotation) is dict else "list"
    return ""


def is_secret(field: FieldInfo) -> bool:
    return bool(secrecy_of(field))


def fields_of(model: type[IntegrationConfig]) -> dict[str, FieldInfo]:
    """The fields a person fills in: the integration's own first, then those that all have; hidden ones left out."""
    shared = set(IntegrationConfig.model_fields)
    visible = {n: f for n, f in model.model_fields.items() if not _extra(f).get("hidden")}
    return dict(sorted(visible.items(), key=lambda item: item[0] in shared))


def validate(model: type[IntegrationConfig], title: str, data: Mapping[str, Any]) -> IntegrationConfig:
    """The config of `data`. Raises InvalidConfiguration."""
    problems: dict[str, str] = {}
    try:
        return model.model_validate(_unfolded(model, data))
    except ValidationError as error:
        for item in error.errors(include_url=False, include_context=False, include_input=False):
            text = str(item["msg"]).removeprefix("Value error, ")
            name = str(item["loc"][0]) if item["loc"] else ""
            if not name and (head := text.partition(": "))[0] in model.model_fields:
                name, text = head[0], head[2]
            if item["type"] == "missing":
                text = "is missing"
            # An unknown key is what somebody typed; it may be a secret in the wrong place.
            problems[name if name in model.model_fields else ""] = (
                "there is a setting that it does not know" if item["type"] == "extra_forbidden" else text
            )
    labels = {name: field.title or name for name, field in model.model_fields.items()}
    raise InvalidConfiguration(title, problems, labels)


def _unfolded(model: type[IntegrationConfig], data: Mapping[str, Any]) -> dict[str, Any]:
    """`data` with the mappings and lists of secrets that came as JSON text (environment, vault) read."""
    values = dict(data)
    for name, field in model.model_fields.items():
        text = values.get(name)
        if not isinstance(text, str) or not (
            get_origin(field.annotation) is dict or secrecy_of(field) == "list"
        ):
            continue
        try:
            values[name] = json.loads(text) if text.strip() else None
        except ValueError:
            if secrecy_of(field) == "list":
                values[name] = text.replace(",", " ").split()
        if values[name] is None:
            del values[name]
    return values


def split_secrets(config: IntegrationConfig) -> tuple[dict[str, Any], dict[str, str]]:
    """(what may be stored as it is, as JSON values; secrets in plain text, several of one field as JSON text)."""
    public = config.model_dump(mode="json")
    secrets: dict[str, str] = {}
    for name, field in type(config).model_fields.items():
        if is_secret(field):
            public.pop(name, None)
            secrets[name] = _plain(getattr(config, name))
    return public, secrets


def _plain(value: SecretStr | Mapping[str, SecretStr] | tuple[SecretStr, ...]) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Mapping):
        return json.dumps({k: v.get_secret_value() for k, v in value.items()}) if value else ""
    return json.dumps([v.get_secret_value() for v in value]) if value else ""


def secret_values(config: IntegrationConfig) -> tuple[str, ...]:
    """Every single secret of the config in plain text, for taking them out of texts."""
    found: list[str] = []
    for name, field in type(config).model_fields.items():
        if is_secret(field):
            value = getattr(config, name)
            several = [value] if isinstance(value, SecretStr) else value
            several = several.values() if isinstance(several, Mapping) else several
            found += [one.get_secret_value() for one in several]
    return tuple(secret for secret in found if secret)


def masked(config: IntegrationConfig) -> dict[str, Any]:
    """The config as it may leave the product.

    A secret is `••••••••`, or "" where there is none; of several by name each; of a list `•••••••• 1`, `•••••••• 2` …,
    so that one that comes back still says which it was.
    """
    public = split_secrets(config)[0]
    return {
        name: _mask(getattr(config, name)) if is_secret(field) else public[name]
        for name, field in type(config).model_fields.items()
    }


def _mask(value: SecretStr | Mapping[str, SecretStr] | tuple[SecretStr, ...]) -> Any:
    if isinstance(value, SecretStr):
        return MASK if value.get_secret_value() else ""
    if isinstance(value, Mapping):
        return dict.fromkeys(value, MASK)
    return [f"{MASK} {number}" for number in range(1, len(value) + 1)]


def merge_masked(old: IntegrationConfig | None, new: Mapping[str, Any]) -> dict[str, Any]:
    """`new` with every secret that came back as its mask put back to `old`'s; without one it is missing.

    Raises ConfigurationError where that would send a stored secret to another address: whoever may edit the address
    could have it sent to a server of their own.
    """
    if old is not None and not same_place(old, new) and (reused := reused_secrets(new)):
        fields = type(old).model_fields
        labels = ", ".join(fields[name].title or name for name in reused if name in fields)
        raise ConfigurationError(
            "The address has changed, so the stored credentials are not used for it.",
            hint=f"Enter again: {labels}.",
        )
    merged: dict[str, Any] = {}
    model = type(old).model_fields if old is not None else {}
    for name, value in (_unfolded(type(old), new) if old is not None else new).items():
        before = getattr(old, name) if name in model and is_secret(model[name]) else None
        kept = _unmasked(value, before)
        if kept is not None or value is None:
            merged[name] = kept
    return merged


def _unmasked(value: Any, before: Any, place: str | int = "") -> Any:
    """`value` in plain text; None for a mask that stands for nothing."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, str) and value.startswith(MASK):
        return _secret_behind(value, before, place)
    if isinstance(value, Mapping):
        pairs = ((name, _unmasked(one, before, str(name))) for name, one in value.items())
        return {name: one for name, one in pairs if one is not None}
    if isinstance(value, (list, tuple)):
        several = (_unmasked(one, before, number) for number, one in enumerate(value))
        return [one for one in several if one is not None]
    return value


def _secret_behind(mask: str, before: Any, place: str | int) -> Any:
    if isinstance(before, SecretStr):
        return before.get_secret_value() or None
    if isinstance(before, Mapping):
        if place == "":
            return {name: one.get_secret_value() for name, one in before.items()}
        found = before.get(place)
        return found.get_secret_value() if found else None
    if isinstance(before, tuple):
        if place == "":
            return [one.get_secret_value() for one in before]
        number = mask.removeprefix(MASK).strip()
        index = int(number) - 1 if number.isdecimal() and len(number) < 4 else place
        return (
            before[index].get_secret_value() if isinstance(index, int) and 0 <= index < len(before) else None
        )
    return None


def same_place(old: IntegrationConfig, new: Mapping[str, Any]) -> bool:
    """Whether `new` (plain values) sends the secrets to where `old` sends them; what is not named is the default."""
    fields = type(old).model_fields

    def place(value: Any) -> str:
        return str(value or "").partition("?")[0].strip().rstrip("/")

    named = [name for name in old.PLACES if new.get(name) or not fields[name].is_required()]
    return all(
        place(getattr(old, name)) == place(new.get(name) or fields[name].get_default()) for name in named
    )


def reused_secrets(data: Mapping[str, Any]) -> list[str]:
    """The settings of `data` that hold a mask, which stands for a secret that is stored."""
    return [name for name, value in data.items() if _holds_mask(value)]


def _holds_mask(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_mask, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_holds_mask, value))
    return isinstance(value, str) and MASK in value


def environment(env_file: str = ".env") -> dict[str, str]:
    """The environment over `.env`. Nothing is put into the process's environment."""
    from_file = {k: v for k, v in dotenv_values(env_file).items() if v is not None}
    return {**from_file, **os.environ}


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
    return validate(model, title, data)


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
        listed = f" Options: {', '.join(options)}." if options else ""
        cells = (
            f"{field.title} (`{name}`)",
            f"`{env}`" if env else "–",
            default,
            f"{field.description}{listed}{secret}",
        )
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)
