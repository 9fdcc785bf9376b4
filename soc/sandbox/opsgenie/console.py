"""The console's pages of the practice Opsgenie: alerts with what was done to them, Acknowledge and Close."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from soc.sandbox.kit import html
from soc.sandbox.kit.vendor import Answer
from soc.sandbox.opsgenie import catalogue
from soc.sandbox.opsgenie.memory import Alert, OpsgenieMemory
from soc.sandbox.opsgenie.routes import changed

SHOWN = 100
NEWEST = 10


def pages(memory: OpsgenieMemory, answer: Answer) -> list[BaseRoute]:
    console = Console(memory, answer)
    return [
        Route("/opsgenie-alerts", console.alerts),
        Route("/opsgenie-alert/{id}", console.alert),
        Route("/opsgenie-alert/{id}/{action}", console.press, methods=["POST"]),
    ]


def overview(memory: OpsgenieMemory, request: Request) -> str:
    """The newest alerts."""
    return f"<h1 id='opsgenie'>Opsgenie</h1>{_table(memory, NEWEST)}"


class Console:
    def __init__(self, memory: OpsgenieMemory, answer: Answer) -> None:
        self._memory = memory
        self._answer = answer

    async def alerts(self, request: Request) -> Response:
        return self._answer("Opsgenie alerts", f"<h1>Opsgenie alerts</h1>{_table(self._memory, SHOWN)}")

    async def alert(self, request: Request) -> Response:
        alert = self._memory.find_alert(request.path_params["id"])
        if alert is None:
            return self._nothing()
        buttons = "".join(
            f"<form class='inline' method='post' action='/opsgenie-alert/{alert.id}/{action}'>"
            f"<button>{action.capitalize()} as {escape(catalogue.ON_CALL)}</button></form>"
            for action in _offered(alert)
        )
        actions = [(html.moment(at), escape(who), escape(what)) for at, who, what in alert.actions[:SHOWN]]
        return self._answer(
            f"#{alert.tiny_id} {alert.message}",
            f"<h1>#{alert.tiny_id} · {escape(alert.message)}</h1>{buttons}",
            html.table(("Field", "Value"), _details(alert)),
            f"<h2>Description</h2><pre>{escape(alert.description)}</pre>",
            f"<h2>Details</h2>{html.pretty(alert.details)}",
            html.table(("When", "Who", "What"), actions) if actions else "",
        )

    async def press(self, request: Request) -> Response:
        """Acknowledge or close as the person on call."""
        alert, action = self._memory.find_alert(request.path_params["id"]), request.path_params["action"]
        if alert is None:
            return self._nothing()
        if action in _offered(alert):
            changed(self._memory, alert, action, catalogue.ON_CALL)
        return RedirectResponse(f"/opsgenie-alert/{alert.id}", 303)

    def _nothing(self) -> Response:
        return self._answer("Not found", "<h1>There is no such alert here.</h1>", status=404)


def _offered(alert: Alert) -> tuple[str, ...]:
    if alert.status != "open":
        return ()
    return ("close",) if alert.acknowledged else ("acknowledge", "close")


def _state(alert: Alert) -> str:
    return "acknowledged" if alert.status == "open" and alert.acknowledged else alert.status


def _table(memory: OpsgenieMemory, most: int) -> str:
    with memory.lock:
        alerts = list(memory.alerts.values())
    rows = (
        (
            f"<a href='/opsgenie-alert/{a.id}'>#{a.tiny_id}</a>",
            escape(a.message),
            _state(a),
            escape(a.priority),
            escape(a.alias),
            str(a.count),
            html.moment(a.created),
        )
        for a in alerts[::-1][:most]
    )
    heads = ("Alert", "Message", "State", "Priority", "Alias", "Count", "Created (UTC)")
    return html.listing("alerts", len(alerts), most, html.table(heads, rows), path="/opsgenie-alerts")


def _details(alert: Alert) -> list[tuple[str, str]]:
    return [
        ("State", _state(alert)),
        ("Priority", escape(alert.priority)),
        ("Entity", escape(alert.entity)),
        ("Source", escape(alert.source)),
        ("Alias", escape(alert.alias)),
        ("Tags", html.tags(alert.tags)),
        ("Created", html.moment(alert.created)),
        ("Updated", html.moment(alert.updated)),
    ]
