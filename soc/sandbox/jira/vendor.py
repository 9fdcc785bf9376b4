"""The practice Jira, declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.routing import BaseRoute

from soc.sandbox.jira import catalogue, console
from soc.sandbox.jira import routes as api
from soc.sandbox.jira.memory import JiraMemory
from soc.sandbox.jira.wire import CLOUD, DATA_CENTER, GATEWAY
from soc.sandbox.kit.vendor import Door, PracticeVendor


def routes(memory: JiraMemory) -> list[BaseRoute]:
    return [*api.routes(memory, CLOUD), *api.routes(memory, GATEWAY), *api.routes(memory, DATA_CENTER)]


#: Jira's three: by endpoint, of writes to one issue, and of the hour.
LIMITS = {
    "burst": {"ratelimit-reason": "jira-burst-based"},
    "issue": {"ratelimit-reason": "jira-per-issue-on-write"},
    "quota": {"ratelimit-reason": "jira-quota-global-based"},
}


def throttled(path: str, wait: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
    more = {"x-ratelimit-nearlimit": "true", **LIMITS["burst"]}
    return {"errorMessages": ["Rate limit exceeded."], "errors": {}}, {**more, **wait}


VENDOR = PracticeVendor(
    name="jira",
    title="Jira",
    order=1,
    link="/#jira",
    prefixes=(f"{CLOUD.prefix}/rest/", f"{DATA_CENTER.prefix}/rest/", f"{GATEWAY.prefix}/rest/"),
    doors=(
        Door(
            "Jira Cloud",
            CLOUD.prefix,
            f"{catalogue.BOT.email} : {catalogue.TOKEN}   project {catalogue.PROJECT_KEY}",
        ),
        Door("Jira, scoped", GATEWAY.prefix, f"{catalogue.BOT.email} : {catalogue.SCOPED_TOKEN}"),
        Door("Jira Data Center", DATA_CENTER.prefix, f"Bearer {catalogue.TOKEN}"),
    ),
    memory=JiraMemory,
    routes=routes,
    pages=console.pages,
    overview=console.overview,
    throttled=throttled,
    reads=r"^/(?:ex/)?jira.*/search(/jql|/approximate-count)?$",
    limits=LIMITS,
)
