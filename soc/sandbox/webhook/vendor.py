"""The practice webhook receiver, declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from soc.sandbox.kit.vendor import Door, PracticeVendor
from soc.sandbox.webhook import console, routes, signature
from soc.sandbox.webhook.memory import WebhookMemory

#: The receiver that is printed; any other last segment is another one.
RECEIVER = "soc"


def throttled(path: str, wait: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
    return {"error": "too many requests"}, dict(wait)


VENDOR = PracticeVendor(
    name="webhook",
    title="Webhook",
    order=5,
    link="/deliveries",
    prefixes=(f"{routes.PREFIX}/", routes.GONE),
    doors=(Door("Webhook", f"{routes.PREFIX}/{RECEIVER}", signature.SECRET),),
    memory=WebhookMemory,
    routes=lambda memory: [*routes.routes(memory)],
    pages=console.pages,
    overview=console.overview,
    throttled=throttled,
)
