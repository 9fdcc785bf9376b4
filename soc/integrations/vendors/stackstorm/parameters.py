"""An action's parameters, checked against the action's own schema and filled from the incident: pure.

The rule: what was given is sent as it is. A parameter that the action declares, that was not given, and that is named
like a field of the incident (`incident_id`, `title`, `severity`, `affected_services` …) gets that field, if the
parameter's type can take it. An action that declares none of them gets nothing added.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from soc.clock import isoformat
from soc.domain.incident import Incident
from soc.integrations.kit.fields import clean_text

Schema = Mapping[str, Mapping[str, Any]]

_LIKE_A_SECRET = re.compile(r"passw|passphrase|secret|token|api_?key|private_?key|credential", re.IGNORECASE)
#: What is shorter is a word, or would be found everywhere.
SHORTEST_SECRET = 4

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": (dict,),
    "null": (type(None),),
}


def fields_of_incident(incident: Incident, *, url: str = "") -> dict[str, Any]:
    """What may fill an action's parameters, by their names. `url` is the incident's page."""
    fields: dict[str, Any] = {
        "title": clean_text(incident.title),
        "severity": incident.severity.value,
        "description": clean_text(incident.message),
        "message": clean_text(incident.message),
        "affected_services": [incident.source] if incident.source else [],
        "component": incident.source,
        "source": incident.source,
        "classification": incident.classification.value,
        "score": incident.score,
        "confidence": incident.confidence,
        "priority": incident.priority.value,
        "count": incident.count,
        "entity": incident.entity,
        "host": incident.entity,
        "rule_id": incident.rule_id,
        "batch_id": incident.batch_id,
        # never by the name “url”: actions call what they are to fetch so
        "incident_url": url,
        "first_seen": isoformat(incident.first_seen) if incident.first_seen else None,
        "last_seen": isoformat(incident.last_seen) if incident.last_seen else None,
    }
    known = {name: value for name, value in fields.items() if value not in (None, "", [])}
    whole = {"incident_id": incident.id, **known}
    return {**whole, "alert_id": incident.id, "incident_data": whole, "alert_data": whole, "payload": whole}


def filled(schema: Schema, given: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """`given`, and the fields of the incident that the schema names and can take."""
    parameters = dict(given)
    for name, declared in schema.items():
        if name in parameters or name not in fields or declared.get("immutable") or declared.get("secret"):
            continue
        value = _fitted(fields[name], declared)
        if value is not None and not _problem(value, declared):
            parameters[name] = value
    return parameters


def _fitted(value: Any, declared: Mapping[str, Any]) -> Any:
    """A value of a kin type: a number or list where text is wanted. None where nothing fits."""
    wanted = _types_of(declared)
    if not wanted or any(_is(value, one) for one in wanted):
        return value
    if "string" in wanted and isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if "string" in wanted and isinstance(value, (list, tuple)) and all(isinstance(v, str) for v in value):
        return ", ".join(value)
    if "array" in wanted and isinstance(value, str):
        return [value]
    return None


def secret_texts(schema: Schema, parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """Every text in the parameters that the action marks as secret, or whose parameter is named like one."""
    return tuple(
        text
        for name, value in parameters.items()
        if schema.get(name, {}).get("secret") or is_named_like_a_secret(name)
        for text in _texts_in(value)
        if len(text) >= SHORTEST_SECRET
    )


def is_named_like_a_secret(name: str) -> bool:
    return bool(_LIKE_A_SECRET.search(name))


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts_in(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _texts_in(one)


def problems_of(
    schema: Schema, parameters: Mapping[str, Any], runner: Mapping[str, Any] | None
) -> dict[str, str]:
    """What StackStorm would refuse, by parameter. `runner` are its runner's parameters, None where they are not known."""
    problems: dict[str, str] = {}
    for name, declared in schema.items():
        if name in parameters:
            if declared.get("immutable"):
                problems[name] = "cannot be set: the action fixes it"
            elif problem := _problem(parameters[name], declared):
                problems[name] = problem
        elif declared.get("required") and declared.get("default") is None and not declared.get("immutable"):
            problems[name] = "is required"
    if runner is not None:
        for name in parameters:
            if name not in schema and name not in runner:
                problems[name] = "is not a parameter of the action"
    return problems


def _types_of(declared: Mapping[str, Any]) -> tuple[str, ...]:
    kind = declared.get("type")
    if isinstance(kind, str):
        return (kind,)
    return tuple(str(one) for one in kind) if isinstance(kind, list) else ()


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(kind, (object,)))


def _problem(value: Any, declared: Mapping[str, Any]) -> str:
    """Why the declared parameter cannot take the value, "" where it can. The value itself is never repeated."""
    if isinstance(value, str) and "{{" in value:
        return ""  # StackStorm renders Jinja before it looks at the type
    wanted = _types_of(declared)
    if value is None and not declared.get("required"):
        return ""
    if wanted and not any(_is(value, kind) for kind in wanted):
        return f"must be of type {' or '.join(wanted)}"
    allowed = declared.get("enum")
    if isinstance(allowed, list) and value not in allowed:
        return f"must be one of {', '.join(map(str, allowed))}"
    items = declared.get("items")
    if isinstance(items, dict) and isinstance(value, list) and any(_problem(one, items) for one in value):
        return f"must be a list of {' or '.join(_types_of(items)) or 'valid values'}"
    for limit, wrong in (("minimum", "must be at least"), ("maximum", "must be at most")):
        bound = declared.get(limit)
        numbers = isinstance(bound, (int, float)) and isinstance(value, (int, float))
        if numbers and ((value < bound) if limit == "minimum" else (value > bound)):
            return f"{wrong} {bound}"
    return ""
