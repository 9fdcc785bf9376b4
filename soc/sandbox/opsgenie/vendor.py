"""The practice Opsgenie, declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from soc.sandbox.kit.vendor import Door, PracticeVendor
from soc.sandbox.opsgenie import catalogue, console, routes
from soc.sandbox.opsgenie.memory import OpsgenieMemory


def throttled(path: str, wait: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
    body = {"message": "You are making too many requests!", "took": 0.0, "requestId": "throttled"}
    return body, {"x-ratelimit-state": "THROTTLED", "x-ratelimit-period-in-sec": "60", **wait}


VENDOR = PracticeVendor(
    name="opsgenie",
    title="Opsgenie",
    order=6,
    link="/opsgenie-alerts",
    prefixes=(f"{routes.PREFIX}/",),
    doors=(Door("Opsgenie", routes.PREFIX, f"GenieKey {catalogue.API_KEY}"),),
    memory=OpsgenieMemory,
    routes=lambda memory: [*routes.routes(memory)],
    pages=console.pages,
    overview=console.overview,
    throttled=throttled,
)
