"""The practice StackStorm, declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from soc.sandbox.kit.vendor import Door, PracticeVendor
from soc.sandbox.stackstorm import catalogue, console, routes
from soc.sandbox.stackstorm.memory import StackStormMemory


def throttled(path: str, wait: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
    return {"faultstring": "Too Many Requests"}, dict(wait)


VENDOR = PracticeVendor(
    name="stackstorm",
    title="StackStorm",
    order=4,
    link="/executions",
    prefixes=(f"{routes.PREFIX}/",),
    doors=(Door("StackStorm", routes.PREFIX, catalogue.API_KEY),),
    memory=StackStormMemory,
    routes=lambda memory: [*routes.routes(memory)],
    pages=console.pages,
    overview=console.overview,
    throttled=throttled,
)
