"""The console's pages of the practice StackStorm: executions with their output."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from soc.sandbox.kit import html
from soc.sandbox.kit.vendor import Answer
from soc.sandbox.stackstorm import runs
from soc.sandbox.stackstorm.memory import StackStormMemory
from soc.sandbox.stackstorm.runs import Execution

SHOWN = 100
NEWEST = 10


def pages(memory: StackStormMemory, answer: Answer) -> list[BaseRoute]:
    console = Console(memory, answer)
    return [
        Route("/executions", console.executions),
        Route("/execution/{id}", console.execution),
    ]


def overview(memory: StackStormMemory, request: Request) -> str:
    """The newest of them."""
    return f"<h1 id='stackstorm'>StackStorm</h1>{_execution_table(memory, NEWEST)}"


class Console:
    def __init__(self, memory: StackStormMemory, answer: Answer) -> None:
        self._state = memory
        self._answer = answer

    async def executions(self, request: Request) -> Response:
        table = _execution_table(self._state, SHOWN)
        return self._answer("Executions", f"<h1>StackStorm executions</h1>{table}")

    async def execution(self, request: Request) -> Response:
        execution = self._state.executions.get(request.path_params["id"])
        if execution is None:
            return self._answer("Not found", "<h1>There is no such execution here.</h1>", status=404)
        now = self._state.moment()
        steps = [(f"{at:%H:%M:%S.%f}", status) for at, status in runs.history(execution, now)]
        output = execution.result if runs.has_ended(execution, now) and not execution.canceled else {}
        return self._answer(
            f"{execution.action} {execution.id}",
            f"<h1>{escape(execution.action)}</h1><p class='muted'>{execution.id}</p>",
            html.table(("At (UTC)", "Status"), steps),
            f"<h2>Parameters</h2>{html.pretty(execution.parameters)}<h2>Context</h2>{html.pretty(execution.context)}",
            f"<h2>Output</h2>{html.pretty(output)}"
            if output
            else "<h2>Output</h2><p class='muted'>None.</p>",
        )


def _execution_table(state: StackStormMemory, most: int) -> str:
    with state.lock:
        executions, now = list(state.executions.values()), state.moment()
    rows = (
        (
            f"<a href='/execution/{e.id}'>{e.id}</a>",
            escape(e.action),
            runs.status(e, now),
            _outcome(e) if runs.has_ended(e, now) else "",
            html.moment(e.created),
        )
        for e in executions[::-1][:most]
    )
    heads = ("Execution", "Action", "Status", "Output", "Requested (UTC)")
    return html.listing("executions", len(executions), most, html.table(heads, rows))


def _outcome(execution: Execution) -> str:
    if execution.canceled:
        return ""
    return f"<code>{escape((execution.result['stdout'] or execution.result['stderr'])[:120])}</code>"
