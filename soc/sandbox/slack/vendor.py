"""The practice Slack, declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from soc.sandbox.kit.vendor import Door, PracticeVendor
from soc.sandbox.slack import catalogue, console, routes
from soc.sandbox.slack.memory import SlackMemory


def throttled(path: str, wait: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
    return {"ok": False, "error": "ratelimited"}, dict(wait)


VENDOR = PracticeVendor(
    name="slack",
    title="Slack",
    order=2,
    link="/#slack",
    prefixes=(f"{routes.PREFIX}/",),
    doors=(Door("Slack", f"{routes.PREFIX}/", f"{catalogue.TOKEN}   channel #{catalogue.ALERTS.name}"),),
    memory=SlackMemory,
    routes=lambda memory: [*routes.routes(memory), *memory.sockets.routes()],
    pages=console.pages,
    overview=console.overview,
    throttled=throttled,
    reads=r"^/slack/api/(?!chat\.(post|update|delete)|views\.)",
)
