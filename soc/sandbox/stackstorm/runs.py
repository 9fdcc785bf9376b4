"""How a practice execution goes: are its parameters good, what comes out, and how far is it by now."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from soc import clock
from soc.sandbox.kit.secrets import MASK
from soc.sandbox.stackstorm import catalogue
from soc.sandbox.stackstorm.catalogue import Action

REQUESTED_FOR = 0.1  # of its running time an execution waits for a runner
SLOWEST = 3600.0
Json = dict[str, Any]


@dataclass
class Execution:
    """One run of an action. How far it is follows from its age; how it ends is known from the start.

    `parameters` has the secret ones masked. `canceled` is when a client cancelled it.
    """

    id: str
    action: str
    parameters: dict[str, Any]
    context: dict[str, Any]
    created: str
    seconds: float
    ending: str
    result: dict[str, Any]
    canceled: str | None = None


def check(action: Action, parameters: Json) -> str | None:
    """What StackStorm finds wrong with the parameters, or None: required, unknown, type, then one of a list."""
    for name, schema in action.parameters.items():
        if schema.get("required") and name not in parameters:
            return f"'{name}' is a required property"
    for name in parameters:
        if name not in action.parameters:
            return f"Additional properties are not allowed ({name!r} was unexpected)"
    for name, value in parameters.items():
        schema = action.parameters[name]
        if value is None and not schema.get("required"):
            continue
        if not _is_a(schema["type"], value):
            return f"{value!r} is not of type '{schema['type']}'"
        if "enum" in schema and value not in schema["enum"]:
            return f"{value!r} is not one of {schema['enum']!r}"
    return None


def _is_a(kind: str, value: Any) -> bool:
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, {"string": str, "boolean": bool, "array": list, "object": dict}[kind])


def begin(
    action: Action, parameters: Json, context: Json, *, usual_seconds: float, now: datetime
) -> Execution:
    """A new execution, its end decided. Raises nothing on parameters that `check` has passed."""
    defaults = {name: s["default"] for name, s in action.parameters.items() if "default" in s}
    given = defaults | {name: value for name, value in parameters.items() if value is not None}
    seconds, ending, result = usual_seconds, "succeeded", _output(action, given)
    if action is catalogue.FAIL:
        ending, result = "failed", _ended(1, None, stderr=str(given["message"]))
    elif action is catalogue.SLOW:
        seconds = min(max(float(given["seconds"]), 0.0), SLOWEST)
        if seconds > given["timeout"]:
            seconds, ending = max(float(given["timeout"]), 0.0), "timeout"
            result = _ended(-9, None, stderr=f"Script took more than {given['timeout']} seconds")
    return Execution(
        id=secrets.token_hex(12),
        action=action.ref,
        parameters={name: MASK if name in action.secrets else value for name, value in parameters.items()},
        context=context,
        created=now.isoformat(timespec="microseconds"),
        seconds=seconds,
        ending=ending,
        result=result,
    )


def _output(action: Action, given: Json) -> Json:
    """What the action made of its parameters, as the runner of Python scripts reports it."""
    if action is catalogue.CREATE_INCIDENT:
        made: Json = {"incident": f"IR-{secrets.randbelow(9000) + 1000}", **_known(given, "escalation_level")}
    elif action is catalogue.HANDLE_ALERT:
        made = {"handled": True, **_known(given, "alert_id", "threshold")}
    elif action is catalogue.ISOLATE_HOST:
        made = {"isolated": not given["dry_run"], **_known(given, "host", "reason", "severity")}
    else:
        made = {"slept": given.get("seconds")}
    made |= _known(given, "title", "notification_channels")
    return _ended(0, made, stdout=f"{action.ref}: {json.dumps(made, ensure_ascii=False)}\n")


def _known(given: Json, *names: str) -> Json:
    return {name: given[name] for name in names if name in given}


def _ended(code: int, result: Json | None, *, stdout: str = "", stderr: str = "") -> Json:
    return {"exit_code": code, "result": result, "stdout": stdout, "stderr": stderr}


def history(execution: Execution, now: datetime) -> list[tuple[datetime, str]]:
    """When the execution became what, until `now`; the last entry is what it is."""
    created = clock.parse(execution.created)
    steps = [
        (created, "requested"),
        (created + timedelta(seconds=execution.seconds * REQUESTED_FOR), "running"),
        (created + timedelta(seconds=execution.seconds), execution.ending),
    ]
    if execution.canceled:
        stopped = clock.parse(execution.canceled)
        steps = [step for step in steps if step[0] < stopped] + [(stopped, "canceled")]
    return [step for step in steps if step[0] <= now] or steps[:1]


def status(execution: Execution, now: datetime) -> str:
    """requested, running, and then succeeded, failed, timeout or canceled."""
    return history(execution, now)[-1][1]


def has_ended(execution: Execution, now: datetime) -> bool:
    return status(execution, now) not in ("requested", "running")


def cancel(execution: Execution, now: datetime) -> Execution:
    """The same execution, cancelled now."""
    return replace(execution, canceled=now.isoformat(timespec="microseconds"))
