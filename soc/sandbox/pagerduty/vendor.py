"""The practice PagerDuty, declared: two APIs, which wait in two ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.routing import BaseRoute

from soc.sandbox.kit.vendor import Door, PracticeVendor
from soc.sandbox.pagerduty import catalogue, console, events, rest
from soc.sandbox.pagerduty.memory import PagerDutyMemory


def routes(memory: PagerDutyMemory) -> list[BaseRoute]:
    return [*events.routes(memory), *rest.routes(memory)]


def throttled(path: str, wait: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
    """REST says when in `ratelimit-reset`, events in `retry-after`."""
    if not path.startswith(f"{rest.PREFIX}/"):
        return events.THROTTLED, dict(wait)
    reset = {"ratelimit-reset": wait["retry-after"]} if wait else {}
    limits = {"ratelimit-limit": "960", "ratelimit-remaining": "0"}
    return {"error": {"message": "Rate Limit Exceeded", "code": 2020}}, limits | reset


VENDOR = PracticeVendor(
    name="pagerduty",
    title="PagerDuty",
    order=3,
    link="/alerts",
    prefixes=(f"{events.PREFIX}/", f"{rest.PREFIX}/"),
    doors=(
        Door("PagerDuty Events", events.PREFIX, f"integration key {catalogue.SOC.integration_key}"),
        Door(
            "PagerDuty REST",
            rest.PREFIX,
            f"{catalogue.TOKEN}   service {catalogue.SOC.id}   escalation policy {catalogue.SOC.policy}",
        ),
    ),
    memory=PagerDutyMemory,
    routes=routes,
    pages=console.pages,
    overview=console.overview,
    throttled=throttled,
)
