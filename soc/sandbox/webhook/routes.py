"""The practice webhook receiver: takes what is sent, checks its Standard Webhooks signature, and says what it found."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from soc.sandbox.webhook.memory import WebhookDelivery, WebhookMemory
from soc.sandbox.webhook.signature import verify

PREFIX = "/webhook"
GONE = "/webhook-gone"
LARGEST = 1024 * 1024
METHODS = ["POST", "PUT", "PATCH"]


def routes(state: WebhookMemory) -> list[Route]:
    """`/webhook/<name>`, any name, and `/webhook-gone`, whose owner does not want to hear of us again."""
    receiver = Receiver(state)
    return [
        Route(f"{PREFIX}/{{name}}", receiver.take, methods=METHODS),
        Route(GONE, receiver.gone, methods=[*METHODS, "GET"]),
    ]


class Receiver:
    def __init__(self, state: WebhookMemory) -> None:
        self._state = state

    async def take(self, request: Request) -> Response:
        """200 with the verdict for a new delivery, 204 for one that came before, 413 for more than 1 MiB.

        A bad signature is answered like a good one: the verdict is for the person who looks.
        """
        raw = await request.body()
        if len(raw) > LARGEST:
            return PlainTextResponse(f"more than {LARGEST} bytes", 413)
        delivery = self._delivery(request, raw)
        self._state.save_webhook(delivery)
        if delivery.verdict == "replay":
            return Response(status_code=204)
        answer = {
            "ok": True,
            "practice": True,
            "number": delivery.number,
            "verdict": delivery.verdict,
            "reason": delivery.reason,
        }
        return JSONResponse(answer)

    async def gone(self, request: Request) -> Response:
        """Always 410; nothing is kept."""
        return PlainTextResponse("This endpoint is gone for good.", 410)

    def _delivery(self, request: Request, raw: bytes) -> WebhookDelivery:
        headers = {name: ", ".join(request.headers.getlist(name)) for name in request.headers}
        receiver, webhook_id = request.path_params["name"], headers.get("webhook-id", "")
        verdict, reason = verify(headers, raw, self._state.moment())
        if verdict != "invalid" and webhook_id and self._state.has_heard(receiver, webhook_id):
            verdict, reason = "replay", f"this webhook-id was here before ({verdict})"
        return WebhookDelivery(
            number=self._state.next_number(),
            received=self._state.now(),
            receiver=receiver,
            method=request.method,
            headers=headers,
            body=raw.decode(errors="replace"),
            webhook_id=webhook_id,
            verdict=verdict,
            reason=reason,
        )
