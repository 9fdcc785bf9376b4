"""Secrets of a config: told apart, masked for whoever looks, put back when the mask comes back.

`SecretStr` is the secrecy, also within `dict[str, SecretStr]` (the names are public, the values are not) and
`tuple[SecretStr, ...]`. The masked view is the only one that leaves the product.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from soc.errors import ConfigurationError
from soc.integrations.base import IntegrationConfig
from soc.integrations.redaction import MASK


def secrecy_of(field: FieldInfo) -> Literal["", "one", "map", "list"]:
    """How a field is secret: it is one secret, names with secret values, a list of secrets, or not at all ("")."""
    if field.annotation is SecretStr:
        return "one"
    if SecretStr in get_args(field.annotation):
        return "map" if get_origin(field.annotation) is dict else "list"
    return ""


def is_secret(field: FieldInfo) -> bool:
    return bool(secrecy_of(field))


def unfolded(model: type[IntegrationConfig], data: Mapping[str, Any]) -> dict[str, Any]:
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
    for name, value in (unfolded(type(old), new) if old is not None else new).items():
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
