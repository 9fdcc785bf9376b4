"""The console's pages of PagerDuty alerts, StackStorm executions and webhook deliveries."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from soc import clock
from soc.sandbox.console import html
from soc.sandbox.pagerduty import catalogue as pagerduty
from soc.sandbox.received import Execution, PagerDutyAlert, PagerDutyEvent, WebhookDelivery
from soc.sandbox.stackstorm import runs
from soc.sandbox.state import SandboxState

SHOWN = 100
NEWEST = 10
OFFERED = {"triggered": ("acknowledge", "resolve"), "acknowledged": ("resolve",), "resolved": ()}
Answer = Callable[..., Response]


def routes(state: SandboxState, answer: Answer) -> list[BaseRoute]:
    """`answer` makes a page of a title and parts."""
    pages = Received(state, answer)
    return [
        Route("/alerts", pages.alerts),
        Route("/alert/{id}", pages.alert),
        Route("/alert/{id}/{action}", pages.press, methods=["POST"]),
        Route("/executions", pages.executions),
        Route("/execution/{id}", pages.execution),
        Route("/deliveries", pages.deliveries),
        Route("/delivery/{number:int}", pages.delivery),
    ]


def overview(state: SandboxState) -> str:
    """The newest of each, for the first page."""
    return (
        f"<h1 id='pagerduty'>PagerDuty</h1>{_alert_table(state, NEWEST)}"
        f"<h1 id='stackstorm'>StackStorm</h1>{_execution_table(state, NEWEST)}"
        f"<h1 id='webhook'>Webhook</h1>{_delivery_table(state, NEWEST)}"
    )


class Received:
    def __init__(self, state: SandboxState, answer: Answer) -> None:
        self._state = state
        self._answer = answer

    async def alerts(self, request: Request) -> Response:
        return self._answer("Alerts", f"<h1>PagerDuty alerts</h1>{_alert_table(self._state, SHOWN)}")

    async def alert(self, request: Request) -> Response:
        alert = self._state.find_alert(request.path_params["id"])
        if alert is None:
            return self._nothing("alert")
        buttons = "".join(
            f"<form class='inline' method='post' action='/alert/{alert.id}/{action}'>"
            f"<button>{action.capitalize()} as {escape(pagerduty.ON_CALL.name)}</button></form>"
            for action in OFFERED[alert.status]
        )
        numbers = set(alert.events)
        events = [event for event in self._state.pagerduty_events if event.number in numbers]
        return self._answer(
            f"{alert.id} {alert.summary}",
            f"<h1>{alert.id} · {escape(alert.summary)}</h1>{buttons}",
            html.table(("Field", "Value"), _alert_details(alert)),
            f"<h2>Events ({len(events)})</h2>",
            *[_event(event) for event in events[:SHOWN]],
        )

    async def press(self, request: Request) -> Response:
        """Acknowledge or resolve as the person on call."""
        alert, action = self._state.find_alert(request.path_params["id"]), request.path_params["action"]
        if alert is None:
            return self._nothing("alert")
        if action in OFFERED[alert.status]:
            number = self._state.next_event_number()
            event = PagerDutyEvent(
                number, self._state.now(), alert.service, action, alert.dedup_key, by=pagerduty.ON_CALL.name
            )
            self._state.save_event(event)
        return RedirectResponse(f"/alert/{alert.id}", 303)

    async def executions(self, request: Request) -> Response:
        table = _execution_table(self._state, SHOWN)
        return self._answer("Executions", f"<h1>StackStorm executions</h1>{table}")

    async def execution(self, request: Request) -> Response:
        execution = self._state.executions.get(request.path_params["id"])
        if execution is None:
            return self._nothing("execution")
        now = clock.now()
        steps = [(f"{at:%H:%M:%S.%f}", status) for at, status in runs.history(execution, now)]
        output = execution.result if runs.has_ended(execution, now) and not execution.canceled else {}
        return self._answer(
            f"{execution.action} {execution.id}",
            f"<h1>{escape(execution.action)}</h1><p class='muted'>{execution.id}</p>",
            html.table(("At (UTC)", "Status"), steps),
            f"<h2>Parameters</h2>{_json(execution.parameters)}<h2>Context</h2>{_json(execution.context)}",
            f"<h2>Output</h2>{_json(output)}" if output else "<h2>Output</h2><p class='muted'>None.</p>",
        )

    async def deliveries(self, request: Request) -> Response:
        return self._answer("Deliveries", f"<h1>Webhook deliveries</h1>{_delivery_table(self._state, SHOWN)}")

    async def delivery(self, request: Request) -> Response:
        number = request.path_params["number"]
        delivery = next((d for d in self._state.webhooks if d.number == number), None)
        if delivery is None:
            return self._nothing("delivery")
        headers = ((escape(name), escape(value)) for name, value in delivery.masked_headers().items())
        return self._answer(
            f"Delivery {number}",
            f"<h1>{delivery.method} /webhook/{escape(delivery.receiver)}</h1>",
            f"<p>{_verdict(delivery)} {escape(delivery.reason)}</p>",
            f"<p class='muted'>{html.moment(delivery.received)}</p>",
            html.table(("Header", "Value"), headers),
            f"<h2>Body</h2><pre>{escape(_pretty(delivery.body))}</pre>",
        )

    def _nothing(self, what: str) -> Response:
        return self._answer("Not found", f"<h1>There is no such {what} here.</h1>", status=404)


def _alert_table(state: SandboxState, most: int) -> str:
    alerts = state.pagerduty_alerts
    rows = (
        (
            f"<a href='/alert/{a.id}'>{a.id}</a>",
            escape(a.summary),
            a.status,
            escape(a.severity),
            escape(pagerduty.SERVICES[a.service].name),
            escape(a.dedup_key),
            str(len(a.events)),
            html.moment(a.created),
        )
        for a in alerts[::-1][:most]
    )
    heads = ("Alert", "Summary", "State", "Severity", "Service", "Dedup key", "Events", "Created (UTC)")
    return _listing("alerts", len(alerts), most, html.table(heads, rows))


def _execution_table(state: SandboxState, most: int) -> str:
    with state.lock:
        executions, now = list(state.executions.values()), clock.now()
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
    return _listing("executions", len(executions), most, html.table(heads, rows))


def _delivery_table(state: SandboxState, most: int) -> str:
    with state.lock:
        deliveries = list(state.webhooks)
    rows = (
        (
            f"<a href='/delivery/{d.number}'>{d.number}</a>",
            f"{d.method} /webhook/{escape(d.receiver)}",
            _verdict(d),
            escape(d.webhook_id),
            escape(d.body[:120]),
            html.moment(d.received),
        )
        for d in deliveries[::-1][:most]
    )
    heads = ("No.", "To", "Signature", "webhook-id", "Body", "Received (UTC)")
    return _listing("deliveries", len(deliveries), most, html.table(heads, rows))


def _listing(name: str, total: int, most: int, table: str) -> str:
    if not total:
        return f"<p>No {name} yet.</p>"
    more = f" · <a href='/{name}'>more</a>" if most < total else ""
    return f"<p class='muted'>{total} {name}, newest first{more}</p>{table}"


def _alert_details(alert: PagerDutyAlert) -> list[tuple[str, str]]:
    service = pagerduty.SERVICES[alert.service]
    return [
        ("State", alert.status),
        ("Severity", escape(alert.severity)),
        ("Source", escape(alert.source)),
        ("Service", escape(service.name)),
        ("Escalation policy", escape(pagerduty.POLICIES[service.policy].name)),
        ("Dedup key", escape(alert.dedup_key)),
        ("Created", html.moment(alert.created)),
        ("Resolved", html.moment(alert.resolved) if alert.resolved else "—"),
    ]


def _event(event: PagerDutyEvent) -> str:
    who = event.client if event.by == "client" else event.by
    links = " ".join(html.link(link.get("href"), str(link.get("text") or "link")) for link in event.links)
    client = html.link(event.client_url, "in the client") if event.client_url else ""
    return (
        f"<div class='card'><div class='muted'>{event.action} · {escape(who or 'no client named')}"
        f" · {html.moment(event.received)} {client} {links}</div>"
        f"{_json(event.payload) if event.payload else ''}</div>"
    )


def _outcome(execution: Execution) -> str:
    if execution.canceled:
        return ""
    return f"<code>{escape((execution.result['stdout'] or execution.result['stderr'])[:120])}</code>"


def _verdict(delivery: WebhookDelivery) -> str:
    danger = " danger" if delivery.verdict == "invalid" else ""
    return f"<span class='tag{danger}'>{delivery.verdict}</span>"


def _json(value: Any) -> str:
    return f"<pre>{escape(json.dumps(value, indent=2, ensure_ascii=False))}</pre>"


def _pretty(body: str) -> str:
    """JSON with its lines broken; anything else as it is."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body
