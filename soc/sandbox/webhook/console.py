"""The console's pages of the practice webhook receiver: deliveries with the verdict on their signature."""

from __future__ import annotations

import json
from html import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from soc.sandbox.kit import html
from soc.sandbox.kit.vendor import Answer
from soc.sandbox.webhook.memory import WebhookDelivery, WebhookMemory

SHOWN = 100
NEWEST = 10


def pages(memory: WebhookMemory, answer: Answer) -> list[BaseRoute]:
    console = Console(memory, answer)
    return [
        Route("/deliveries", console.deliveries),
        Route("/delivery/{number:int}", console.delivery),
    ]


def overview(memory: WebhookMemory, request: Request) -> str:
    """The newest of them."""
    return f"<h1 id='webhook'>Webhook</h1>{_delivery_table(memory, NEWEST)}"


class Console:
    def __init__(self, memory: WebhookMemory, answer: Answer) -> None:
        self._state = memory
        self._answer = answer

    async def deliveries(self, request: Request) -> Response:
        return self._answer("Deliveries", f"<h1>Webhook deliveries</h1>{_delivery_table(self._state, SHOWN)}")

    async def delivery(self, request: Request) -> Response:
        number = request.path_params["number"]
        delivery = next((d for d in self._state.deliveries if d.number == number), None)
        if delivery is None:
            return self._answer("Not found", "<h1>There is no such delivery here.</h1>", status=404)
        headers = ((escape(name), escape(value)) for name, value in delivery.masked_headers().items())
        return self._answer(
            f"Delivery {number}",
            f"<h1>{delivery.method} /webhook/{escape(delivery.receiver)}</h1>",
            f"<p>{_verdict(delivery)} {escape(delivery.reason)}</p>",
            f"<p class='muted'>{html.moment(delivery.received)}</p>",
            html.table(("Header", "Value"), headers),
            f"<h2>Body</h2><pre>{escape(_pretty(delivery.body))}</pre>",
        )


def _delivery_table(state: WebhookMemory, most: int) -> str:
    with state.lock:
        deliveries = list(state.deliveries)
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
    return html.listing("deliveries", len(deliveries), most, html.table(heads, rows))


def _verdict(delivery: WebhookDelivery) -> str:
    danger = " danger" if delivery.verdict == "invalid" else ""
    return f"<span class='tag{danger}'>{delivery.verdict}</span>"


def _pretty(body: str) -> str:
    """JSON with its lines broken; anything else as it is."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body
