"""What a vendor says while a fault keeps it from working, in that vendor's manner."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

HTML = "text/html; charset=utf-8"
LOGIN = b"<!doctype html><html><head><title>Log in</title></head><body><form>Log in</form></body></html>"
DOWN = b"<html><body>Service unavailable</body></html>"


@dataclass(frozen=True)
class Refusal:
    status: int
    kind: str
    body: bytes
    headers: dict[str, str]

    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        """As ASGI wants them."""
        named = self.headers | {"content-type": self.kind, "content-length": str(len(self.body))}
        return [(name.encode(), value.encode()) for name, value in named.items()]


def refusal(kind: str, vendor: str, path: str, *, status: int, retry_after: str | int | None) -> Refusal:
    """login_page: 200 and HTML. rate_limit: 429. Anything else: `status` with HTML, as a proxy in front says it."""
    if kind == "login_page":
        return Refusal(200, HTML, LOGIN, {})
    wait = {} if retry_after is None else {"retry-after": str(retry_after)}
    if kind != "rate_limit":
        return Refusal(status, HTML, DOWN, wait)
    body, headers = _throttled(vendor, path, wait)
    return Refusal(429, "application/json", json.dumps(body).encode(), headers)


def _throttled(vendor: str, path: str, wait: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Body and headers of a 429. PagerDuty's REST says when in `ratelimit-reset`, everybody else in `retry-after`."""
    if vendor == "jira":
        more = {"x-ratelimit-nearlimit": "true", "ratelimit-reason": "jira-burst-based"}
        return {"errorMessages": ["Rate limit exceeded."], "errors": {}}, more | wait
    if vendor == "pagerduty" and path.startswith("/pagerduty/"):
        reset = {"ratelimit-reset": wait["retry-after"]} if wait else {}
        limits = {"ratelimit-limit": "960", "ratelimit-remaining": "0"}
        return {"error": {"message": "Rate Limit Exceeded", "code": 2020}}, limits | reset
    if vendor == "pagerduty":
        return PAGERDUTY_EVENTS, wait
    if vendor == "stackstorm":
        return {"faultstring": "Too Many Requests"}, wait
    if vendor == "webhook":
        return {"error": "too many requests"}, wait
    return {"ok": False, "error": "ratelimited"}, wait


PAGERDUTY_EVENTS = {
    "status": "throttle exceeded",
    "message": "Requests for this service are arriving too quickly. Please retry later.",
    "errors": ["Enhance Your Calm."],
}
