"""The console's pages of the practice PagerDuty: alerts, with Acknowledge and Resolve."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from soc.sandbox.kit import html
from soc.sandbox.kit.vendor import Answer
from soc.sandbox.pagerduty import catalogue as pagerduty
from soc.sandbox.pagerduty.memory import PagerDutyAlert, PagerDutyEvent, PagerDutyMemory

SHOWN = 100
NEWEST = 10
OFFERED = {"triggered": ("acknowledge", "resolve"), "acknowledged": ("resolve",), "resolved": ()}


def pages(memory: PagerDutyMemory, answer: Answer) -> list[BaseRoute]:
    console = Console(memory, answer)
    return [
        Route("/alerts", console.alerts),
        Route("/alert/{id}", console.alert),
        Route("/alert/{id}/{action}", console.press, methods=["POST"]),
    ]


def overview(memory: PagerDutyMemory, request: Request) -> str:
    """The newest of them."""
    return f"<h1 id='pagerduty'>PagerDuty</h1>{_alert_table(memory, NEWEST)}"


class Console:
    def __init__(self, memory: PagerDutyMemory, answer: Answer) -> None:
        self._state = memory
        self._answer = answer

    async def alerts(self, request: Request) -> Response:
        return self._answer("Alerts", f"<h1>PagerDuty alerts</h1>{_alert_table(self._state, SHOWN)}")

    async def alert(self, request: Request) -> Response:
        alert = self._state.find_alert(request.path_params["id"])
        if alert is None:
            return self._answer("Not found", "<h1>There is no such alert here.</h1>", status=404)
        buttons = "".join(
            f"<form class='inline' method='post' action='/alert/{alert.id}/{action}'>"
            f"<button>{action.capitalize()} as {escape(pagerduty.ON_CALL.name)}</button></form>"
            for action in OFFERED[alert.status]
        )
        numbers = set(alert.events)
        events = [event for event in self._state.events if event.number in numbers]
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
            return self._answer("Not found", "<h1>There is no such alert here.</h1>", status=404)
        if action in OFFERED[alert.status]:
            number = self._state.next_event_number()
            event = PagerDutyEvent(
                number, self._state.now(), alert.service, action, alert.dedup_key, by=pagerduty.ON_CALL.name
            )
            self._state.save_event(event)
        return RedirectResponse(f"/alert/{alert.id}", 303)


def _alert_table(state: PagerDutyMemory, most: int) -> str:
    alerts = state.alerts
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
    return html.listing("alerts", len(alerts), most, html.table(heads, rows))


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
        f"{html.pretty(event.payload) if event.payload else ''}</div>"
    )
