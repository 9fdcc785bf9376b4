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
from soc.integrations.kit.base import IntegrationConfig
from soc.integrations.kit.redaction import MASK


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


def merge_masked(
    old: IntegrationConfig | None, new: Mapping[str, Any], *, model: type[IntegrationConfig] | None = None
) -> dict[str, Any]:
    """`new` with every secret that came back as its mask put back to `old`'s. `model` is `old`'s unless given.

    Raises ConfigurationError for a mask that stands for no stored secret: dropped without a word, events would go out
    unsigned or a header would be missing. And where a stored secret would be sent to another address: whoever may
    edit the address could have it sent to a server of their own.
    """
    model = type(old) if old is not None else model
    fields = model.model_fields if model is not None else {}
    if old is not None and not same_place(old, new) and (reused := reused_secrets(new)):
        labels = ", ".join(fields[name].title or name for name in reused if name in fields)
        raise ConfigurationError(
            "The address has changed, so the stored credentials are not used for it.",
            hint=f"Enter again: {labels}.",
        )
    merged: dict[str, Any] = {}
    for name, value in (unfolded(model, new) if model is not None else new).items():
        before = (
            getattr(old, name) if old is not None and name in fields and is_secret(fields[name]) else None
        )
        try:
            if old is None and _holds_mask(value):  # also within the JSON text of a mapping
                raise LookupError
            merged[name] = _unmasked(value, before)
        except LookupError:
            # a name that is no field is what somebody typed, perhaps a secret in the wrong place
            label = (fields[name].title or name) if name in fields else "A setting"
            raise ConfigurationError(
                f"{label}: a mask ({MASK}) came back for which no secret is stored.",
                hint="Enter the secret again, or remove it.",
            ) from None
    return merged


def _unmasked(value: Any, before: Any, place: str | int = "") -> Any:
    """`value` in plain text. Raises LookupError for a mask that stands for nothing."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, str) and value.startswith(MASK):
        return _secret_behind(value, before, place)
    if isinstance(value, Mapping):
        return {name: _unmasked(one, before, str(name)) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_unmasked(one, before, number) for number, one in enumerate(value)]
    return value


def _secret_behind(mask: str, before: Any, place: str | int) -> Any:
    """The stored secret, or all of a field's where the mask stands for the whole (`place` is "")."""
    found: Any = None
    if isinstance(before, SecretStr):
        found = before.get_secret_value()
    elif isinstance(before, Mapping) and place == "":
        found = {name: one.get_secret_value() for name, one in before.items()}
    elif isinstance(before, Mapping) and place in before:
        found = before[place].get_secret_value()
    elif isinstance(before, tuple) and place == "":
        found = [one.get_secret_value() for one in before]
    elif isinstance(before, tuple) and isinstance(place, int):
        # a bare mask is the one at its own place; a number that is none of the stored ones is nobody's
        which = mask.removeprefix(MASK).strip() or str(place + 1)
        found = {str(n): one.get_secret_value() for n, one in enumerate(before, 1)}.get(which)
    if not found:
        raise LookupError
    return found


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
