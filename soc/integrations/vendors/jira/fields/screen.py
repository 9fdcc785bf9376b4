"""The create screen of an issue type, as Jira's createmeta describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ScreenField:
    """One field. `name` is what people see; `kind` is its type (“option”), `items` the type of a list's entries,
    `custom` the last part of a custom type's key. `allowed` are the values that it takes, None where it has no such list.
    """

    id: str
    name: str
    required: bool = False
    has_default: bool = False
    kind: str = ""
    items: str = ""
    custom: str = ""
    allowed: tuple[Mapping[str, Any], ...] | None = None

    @property
    def needed(self) -> bool:
        """Whether Jira refuses a ticket without it."""
        return self.required and not self.has_default


@dataclass(frozen=True)
class Screen:
    """The create screen of one issue type. `fields` is None where Jira does not tell (before 8.4)."""

    fields: frozenset[str] | None = None
    known: Mapping[str, ScreenField] = field(default_factory=dict)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(one.id for one in self.known.values() if one.needed)

    def names(self, field: str) -> frozenset[str] | None:
        """The names that a field takes, None where it has no such list."""
        one = self.known.get(field)
        if one is None or not one.allowed:
            return None
        return frozenset(str(value["name"]) for value in one.allowed if "name" in value)

    def has(self, field: str) -> bool:
        return self.fields is None or field in self.fields

    def spoken(self, field: str) -> str:
        """A field as people see it: its name, in quotes; its id where the screen does not know it."""
        one = self.known.get(field)
        return f"“{one.name}”" if one is not None else field

    def find(self, name: str) -> list[ScreenField]:
        """The fields of this id, else of this name (in any case)."""
        if name in self.known:
            return [self.known[name]]
        wanted = " ".join(name.split()).casefold()
        return [one for one in self.known.values() if " ".join(one.name.split()).casefold() == wanted]


def screen_of(rows: list[dict[str, Any]]) -> Screen:
    """The screen of createmeta's rows; what is no field is left out."""
    known: dict[str, ScreenField] = {}
    for row in rows:
        name = str(row.get("fieldId") or row.get("key") or "")
        if name:
            known[name] = _field(name, row)
    return Screen(frozenset(known) if known else None, known)


def _field(name: str, row: Mapping[str, Any]) -> ScreenField:
    raw = row.get("schema")
    schema: Mapping[str, Any] = raw if isinstance(raw, dict) else {}
    values = row.get("allowedValues")
    rows = values if isinstance(values, list) else ()
    allowed = tuple(value for value in rows if isinstance(value, dict) and not value.get("disabled"))
    return ScreenField(
        id=name,
        name=str(row.get("name") or name),
        required=bool(row.get("required")),
        has_default=bool(row.get("hasDefaultValue")),
        kind=str(schema.get("type") or ""),
        items=str(schema.get("items") or ""),
        custom=str(schema.get("custom") or "").rpartition(":")[2],
        allowed=allowed or None,
    )
