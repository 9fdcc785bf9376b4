"""The practice StackStorm: actions with their schemas, executions that run and end, traces."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.routing import Mount, Route

from soc import clock
from soc.sandbox.stackstorm import catalogue, runs
from soc.sandbox.stackstorm.catalogue import Action
from soc.sandbox.stackstorm.memory import StackStormMemory
from soc.sandbox.stackstorm.runs import Execution
from soc.sandbox.stackstorm.wire import Answer, Call, StackStormError, answering, page

PREFIX = "/stackstorm"
Json = dict[str, Any]


def routes(state: StackStormMemory) -> list[Mount]:
    """The API below `/stackstorm/api/v1` (as nginx offers it) and `/stackstorm/v1` (as st2api does)."""
    api = StackStorm(state)
    found = [
        Route("/", answering(api.info)),
        Route("/user", answering(api.user)),
        Route("/packs", answering(api.packs)),
        Route("/actions", answering(api.actions)),
        Route("/actions/views/overview", answering(api.actions)),
        Route("/actions/{name}", answering(api.action)),
        Route("/executions", answering(api.executions), methods=["GET"]),
        Route("/executions", answering(api.execute), methods=["POST"]),
        Route("/executions/{id}", answering(api.execution), methods=["GET"]),
        Route("/executions/{id}", answering(api.cancel), methods=["DELETE"]),
        Route("/traces", answering(api.traces)),
        Route("/traces/{id}", answering(api.trace)),
        Route("/{path:path}", answering(api.not_played), methods=["GET", "POST", "PUT", "DELETE", "PATCH"]),
    ]
    return [Mount(f"{PREFIX}/{base}", routes=found) for base in ("api/v1", "v1")]


class StackStorm:
    def __init__(self, state: StackStormMemory) -> None:
        self._state = state

    async def info(self, call: Call) -> Answer:
        return Answer({"version": "3.8.1 (practice)", "docs_url": "https://docs.stackstorm.com/"})

    async def user(self, call: Call) -> Answer:
        how = {"method": "authentication token" if call.by_token else "API key", "location": "header"}
        rbac = {"enabled": False, "roles": [], "is_admin": False}
        return Answer({"username": catalogue.USER, "authentication": how, "rbac": rbac})

    async def packs(self, call: Call) -> Answer:
        names = sorted({action.pack for action in catalogue.ACTIONS.values()})
        packs = [
            {"name": name, "ref": name, "description": f"{name} (practice)", "version": "1.0.0"}
            for name in names
        ]
        return page(call, packs)

    async def actions(self, call: Call) -> Answer:
        """By ref; `pack`, `name` and `id` filter."""
        found = [
            _action(action)
            for action in sorted(catalogue.ACTIONS.values(), key=lambda action: action.ref)
            if call.query("pack") in ("", action.pack)
            and call.query("name") in ("", action.name)
            and call.query("id") in ("", action.id)
        ]
        return page(call, found)

    async def action(self, call: Call) -> Answer:
        """By ref or id, with the schema of its parameters."""
        name = call.path("name")
        action = catalogue.find_action(name)
        if action is None:
            raise StackStormError(404, f'Resource with a reference or id "{name}" not found')
        return Answer(call.chosen(_action(action)))

    async def execute(self, call: Call) -> Answer:
        """201 means requested. The same request, or trace tag, again runs it again."""
        body = await call.body()
        if "action" not in body:
            raise StackStormError(400, "'action' is a required property")
        for name, kind in (("action", str), ("parameters", dict), ("context", dict)):
            if name in body and not isinstance(body[name], kind):
                expected = "string" if kind is str else "object"
                raise StackStormError(400, f"{body[name]!r} is not of type '{expected}'")
        action = catalogue.ACTIONS.get(body["action"])
        if action is None:
            raise StackStormError(400, f'Action "{body["action"]}" cannot be found.')
        if not action.is_enabled:
            raise StackStormError(400, f'Unable to execute. Action "{action.ref}" is disabled.')
        parameters = body.get("parameters") or {}
        if problem := runs.check(action, parameters):
            raise StackStormError(400, problem)
        context = {**(body.get("context") or {}), "user": catalogue.USER, "pack": action.pack}
        _check_trace(context.get("trace_context"))
        execution = runs.begin(
            action, parameters, context, usual_seconds=self._state.execution_seconds, now=self._state.moment()
        )
        self._state.save_execution(execution)
        # the answer shows it as it was requested, however short it runs
        return Answer(_execution(call, execution, clock.parse(execution.created)), status=201)

    async def executions(self, call: Call) -> Answer:
        """Newest first; `status`, `action` and `id` filter. `trace_tag` is not a filter and is ignored."""
        now, ids = self._state.moment(), call.names("id")
        found = [
            execution
            for execution in reversed(list(self._state.executions.values()))
            if call.query("status") in ("", runs.status(execution, now))
            and call.query("action") in ("", execution.action)
            and (not ids or execution.id in ids)
        ]
        return page(call, found, show=lambda execution: _execution(call, execution, now))

    async def execution(self, call: Call) -> Answer:
        return Answer(call.chosen(_execution(call, self._found(call), self._state.moment())))

    async def cancel(self, call: Call) -> Answer:
        """Cancel what still runs; what has ended stays as it is."""
        execution, now = self._found(call), self._state.moment()
        if not runs.has_ended(execution, now):
            execution = runs.cancel(execution, now)
            self._state.save_execution(execution)
        return Answer(_execution(call, execution, now))

    async def traces(self, call: Call) -> Answer:
        """Newest first; `trace_tag` and `execution` filter. Each execution has a trace of its own."""
        tag, wanted = call.query("trace_tag"), call.query("execution")
        found = [
            execution
            for execution in reversed(list(self._state.executions.values()))
            if tag in ("", _trace_tag(execution)) and wanted in ("", execution.id)
        ]
        return page(call, found, show=_trace)

    async def trace(self, call: Call) -> Answer:
        wanted = call.path("id")
        for execution in self._state.executions.values():
            if _trace_id(execution) == wanted:
                return Answer(_trace(execution))
        raise _unidentified(wanted)

    async def not_played(self, call: Call) -> Answer:
        raise StackStormError(404, "The resource could not be found.")

    def _found(self, call: Call) -> Execution:
        key = call.path("id")
        if key not in self._state.executions:
            raise _unidentified(key)
        return self._state.executions[key]


def _unidentified(key: str) -> StackStormError:
    return StackStormError(404, f'Unable to identify resource with id "{key}".')


def _check_trace(given: Any) -> None:
    """A trace context is an object with a tag of text, if there is one."""
    if given is None:
        return
    if not isinstance(given, dict) or not isinstance(given.get("trace_tag", ""), str):
        raise StackStormError(400, f"{given!r} is not a valid trace context")


def _trace_tag(execution: Execution) -> str:
    given = execution.context.get("trace_context") or {}
    return str(given.get("trace_tag") or f"execution-{execution.id}")


def _trace_id(execution: Execution) -> str:
    return f"{(int(execution.id, 16) + 1) % 16**24:024x}"


def _trace(execution: Execution) -> Json:
    link = {
        "object_id": execution.id,
        "ref": execution.action,
        "updated_at": moment(clock.parse(execution.created)),
        "caused_by": {},
    }
    return {
        "id": _trace_id(execution),
        "uid": f"trace:{_trace_id(execution)}",
        "trace_tag": _trace_tag(execution),
        "start_timestamp": link["updated_at"],
        "action_executions": [link],
        "trigger_instances": [],
        "rules": [],
    }


def _action(action: Action) -> Json:
    return {
        "id": action.id,
        "ref": action.ref,
        "uid": f"action:{action.pack}:{action.name}",
        "pack": action.pack,
        "name": action.name,
        "description": action.description,
        "enabled": action.is_enabled,
        "runner_type": "python-script",
        "entry_point": f"{action.name}.py",
        "metadata_file": f"actions/{action.name}.yaml",
        "parameters": action.parameters,
        "output_schema": {},
        "tags": [],
        "notify": {},
    }


def _execution(call: Call, execution: Execution, now: datetime) -> Json:
    steps = runs.history(execution, now)
    began, ended = steps[0][0], steps[-1][0]
    shown: Json = {
        "id": execution.id,
        "action": _action(catalogue.ACTIONS[execution.action]),
        "runner": {"name": "python-script", "enabled": True, "runner_module": "python_runner"},
        "liveaction": {
            "id": f"{(int(execution.id, 16) + 2) % 16**24:024x}",
            "action": execution.action,
            "action_is_workflow": False,
            "parameters": execution.parameters,
            "callback": {},
            "runner_info": {},
        },
        "status": steps[-1][1],
        "start_timestamp": moment(began),
        "parameters": execution.parameters,
        "context": execution.context,
        "log": [{"timestamp": moment(at), "status": status} for at, status in steps],
        "web_url": f"{call.site}/execution/{execution.id}",
    }
    if runs.has_ended(execution, now):
        shown["end_timestamp"] = moment(ended)
        shown["elapsed_seconds"] = (ended - began).total_seconds()
        shown["result"] = {} if execution.canceled else execution.result
    return shown


def moment(at: datetime) -> str:
    """As StackStorm writes a time: UTC, microseconds, Z."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"
