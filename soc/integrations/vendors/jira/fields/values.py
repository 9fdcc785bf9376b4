"""Values that a person gave for fields of the create screen, in the form that each field's type has at Jira.

A value is named as people see it (“Business impact”: “High”); an object is sent as it is, for types of other makers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from soc import clock
from soc.integrations.vendors.jira.fields.document import Paragraph, adf
from soc.integrations.vendors.jira.fields.screen import Screen, ScreenField

#: Finds a person by name, e-mail or id: what Jira wants as a user's value, None where there is nobody.
FindUser = Callable[[str], Mapping[str, str] | None]
_BY_NAME = frozenset(
    {"priority", "version", "component", "group", "resolution", "securitylevel", "issuetype", "status"}
)
_LONG_TEXT = frozenset({"textarea"})
_MOST_NAMED = 12


class NoValue(ValueError):
    """Why a field does not take what was given, in words that follow its name."""


@dataclass(frozen=True)
class Filled:
    """`fields` as Jira takes them; `problems` by the name that was given; `absent` are on no screen of this type."""

    fields: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    absent: tuple[str, ...] = ()


def filled_fields(screen: Screen, given: Mapping[str, Any], *, cloud: bool, find_user: FindUser) -> Filled:
    """The given values by field id. Raises DeliveryError only where `find_user` does."""
    fields: dict[str, Any] = {}
    problems: dict[str, str] = {}
    absent: list[str] = []
    for name, value in given.items():
        found = screen.find(name)
        if len(found) > 1:
            problems[name] = (
                f"is the name of several fields; name one by its id: {', '.join(f.id for f in found)}"
            )
        elif not found and screen.fields is None and name.startswith("customfield_"):
            fields[name] = value
        elif not found:
            absent.append(name)
        else:
            try:
                fields[found[0].id] = field_value(found[0], value, cloud=cloud, find_user=find_user)
            except NoValue as error:
                problems[name] = str(error)
    return Filled(fields, problems, tuple(absent))


def field_value(one: ScreenField, value: Any, *, cloud: bool, find_user: FindUser) -> Any:
    """The value in Jira's form. Raises NoValue, and DeliveryError where `find_user` does."""
    if isinstance(value, Mapping) and one.kind != "option-with-child":
        return dict(value)
    if one.kind in ("any", "json", ""):
        return _loose(one, value)
    if one.kind == "array":
        entry = ScreenField(
            one.id, one.name, kind=one.items or "string", custom=one.custom, allowed=one.allowed
        )
        return [_single(entry, part, cloud=cloud, find_user=find_user) for part in _parts(one, value)]
    if isinstance(value, (list, tuple)) and one.kind != "option-with-child":
        if len(value) != 1:
            raise NoValue("takes one value, not a list")
        value = value[0]
    return _single(one, value, cloud=cloud, find_user=find_user)


def _parts(one: ScreenField, value: Any) -> Sequence[Any]:
    """The entries of a list; a text is one entry where that is a known one, else it is split at its commas."""
    if not isinstance(value, str):
        return list(value) if isinstance(value, (list, tuple)) else [value]
    if one.allowed and any(_is_called(row, value) for row in one.allowed):
        return [value]
    return [part.strip() for part in value.split(",") if part.strip()]


def _single(one: ScreenField, value: Any, *, cloud: bool, find_user: FindUser) -> Any:
    if isinstance(value, Mapping) and one.kind != "option-with-child":
        return dict(value)
    text = str(value).strip() if not isinstance(value, (list, tuple, Mapping)) else ""
    match one.kind:
        case "option":
            return _option(one, text)
        case "option-with-child":
            return _cascade(one, value)
        case "user":
            if (found := find_user(text)) is None:
                raise NoValue(
                    "names nobody that this account can see; give the e-mail, name or id of a person"
                )
            return dict(found)
        case "number":
            return _number(value)
        case "date":
            return _day(text)
        case "datetime":
            return _moment(text)
        case "project" | "issuelink" | "issue":
            return {"key": text}
        case kind if kind in _BY_NAME:
            return _named(one, text)
        case "string" if cloud and one.custom in _LONG_TEXT:
            return adf([Paragraph(text)])
        case "string" if one.custom == "labels" or one.id == "labels":
            return re.sub(r"\s+", "-", text)
        case "string":
            return text
        case "timetracking":
            return {"originalEstimate": text}
        case "json" | "any" | "":
            return _loose(one, value)
    return _loose(one, value)


def _loose(one: ScreenField, value: Any) -> Any:
    """A type that is not known here: as one of the values that it names, else as it was given."""
    if one.allowed and isinstance(value, str):
        return _named(one, value)
    return value


def _is_called(row: Mapping[str, Any], text: str) -> bool:
    wanted = " ".join(text.split()).casefold()
    named = (row.get("value"), row.get("name"), row.get("id"), row.get("key"), row.get("label"))
    return any(str(known).strip().casefold() == wanted for known in named if known is not None)


def _among(rows: Sequence[Mapping[str, Any]], text: str) -> Mapping[str, Any]:
    found = next((row for row in rows if _is_called(row, text)), None)
    if found is None:
        names = [str(row.get("value") or row.get("name") or row.get("id")) for row in rows]
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        raise NoValue(f"does not take “{text}”; it takes {', '.join(names[:_MOST_NAMED])}{more}")
    return found


def _option(one: ScreenField, text: str) -> dict[str, Any]:
    if not one.allowed:
        return {"value": text}
    row = _among(one.allowed, text)
    return (
        {"id": str(row["id"])} if "id" in row else {"value": str(row.get("value") or row.get("name") or text)}
    )


def _named(one: ScreenField, text: str) -> dict[str, Any]:
    if not one.allowed:
        return {"name": text}
    row = _among(one.allowed, text)
    return {"id": str(row["id"])} if "id" in row else {"name": str(row.get("name") or text)}


def _cascade(one: ScreenField, value: Any) -> dict[str, Any]:
    """“Parent > Child”, ["Parent", "Child"], or Jira's own {"value": …, "child": {"value": …}}."""
    if isinstance(value, Mapping):
        child = value.get("child")
        inner = child.get("value") or child.get("id") if isinstance(child, Mapping) else child
        parts = [value.get("value") or value.get("id"), inner]
    else:
        parts = (
            list(value)
            if isinstance(value, (list, tuple))
            else re.split(r"\s*(?:>|→|»)\s*", str(value), maxsplit=1)
        )
    names = [str(part).strip() for part in parts if part not in (None, "")]
    if not names or len(names) > 2:
        raise NoValue("takes a value and one below it: “Parent > Child”")
    if not one.allowed:
        return {"value": names[0], **({"child": {"value": names[1]}} if names[1:] else {})}
    if (
        len(names) == 2
        and not isinstance(value, (list, tuple, Mapping))
        and any(_is_called(r, str(value)) for r in one.allowed)
    ):
        names = [str(value)]
    parent = _among(one.allowed, names[0])
    shown = {"id": str(parent["id"])} if "id" in parent else {"value": names[0]}
    if not names[1:]:
        return shown
    children = [row for row in parent.get("children") or () if isinstance(row, Mapping)]
    if not children:
        return {**shown, "child": {"value": names[1]}}
    child_row = _among(children, names[1])
    return {**shown, "child": {"id": str(child_row["id"])} if "id" in child_row else {"value": names[1]}}


def _number(value: Any) -> float | int:
    if isinstance(value, bool):
        raise NoValue("takes a number")
    if isinstance(value, (int, float)):
        return value
    text = str(value).strip().replace(" ", "").replace("\u00a0", "")
    if re.fullmatch(r"-?\d+,\d+", text):
        text = text.replace(",", ".")
    if not re.fullmatch(r"-?\d+(\.\d+)?", text):
        raise NoValue("takes a number, such as 3 or 2.5")
    return float(text) if "." in text else int(text)


def _day(text: str) -> str:
    """2026-01-31, “today”, or “+3”: so many days from now."""
    if (found := _from_now(text)) is not None:
        return found.date().isoformat()
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        raise NoValue("takes a date such as 2026-01-31, today, or +3 (days from now)") from None


def _moment(text: str) -> str:
    if (found := _from_now(text)) is None:
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise NoValue(
                "takes a time such as 2026-01-31T18:00:00+00:00, now, or +3 (days from now)"
            ) from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=clock.now().tzinfo)
    return found.strftime("%Y-%m-%dT%H:%M:%S.000%z")


def _from_now(text: str) -> datetime | None:
    word = text.casefold()
    if word in ("today", "now"):
        return clock.now()
    days = re.fullmatch(r"\+\s*(\d{1,4})\s*(?:d|days?)?", word)
    return clock.now() + timedelta(days=int(days[1])) if days else None
