"""The practice PagerDuty's Events API v2: trigger, acknowledge and resolve, answered with 202 or a list of errors."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections import deque
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from soc.sandbox.pagerduty.catalogue import service_of
from soc.sandbox.pagerduty.check import check_event
from soc.sandbox.pagerduty.memory import PagerDutyEvent, PagerDutyMemory

PREFIX = "/pagerduty-events"
THROTTLED = {
    "status": "throttle exceeded",
    "message": "Requests for this service are arriving too quickly. Please retry later.",
    "errors": ["Enhance Your Calm."],
}
LARGEST = 512 * 1024
ROUTING_KEY = re.compile(r"[0-9a-zA-Z]{32}")
Json = dict[str, Any]


def routes(state: PagerDutyMemory) -> list[Route]:
    """`POST /pagerduty-events/v2/enqueue`."""
    return [Route(f"{PREFIX}/v2/enqueue", Events(state).enqueue, methods=["POST"])]


class Events:
    def __init__(self, state: PagerDutyMemory) -> None:
        self._state = state
        self._arrivals: deque[float] = deque()

    async def enqueue(self, request: Request) -> Response:
        """202 once the event is kept; 400, 413 or 429 when it is not."""
        raw = await request.body()
        if self._is_too_fast():
            return JSONResponse(THROTTLED, 429)
        if len(raw) > LARGEST:
            return _refusal(413, f"the event is larger than {LARGEST} bytes")
        try:
            body = json.loads(raw, parse_constant=_not_json)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            return _unrecognised()
        errors = [*_check_routing_key(body.get("routing_key")), *check_event(body)]
        if errors:
            return _refusal(400, *errors)
        if self._is_disabled(body["routing_key"]):
            return _refusal(400, "The service of this integration key is disabled.")
        dedup_key = body.get("dedup_key") or uuid.uuid4().hex
        self._keep(body, dedup_key)
        return JSONResponse(
            {"status": "success", "message": "Event processed", "dedup_key": dedup_key}, status_code=202
        )

    def _keep(self, body: Json, dedup_key: str) -> None:
        service = service_of(body["routing_key"])
        assert service is not None, "checked before"
        self._state.save_event(
            PagerDutyEvent(
                number=self._state.next_event_number(),
                received=self._state.now(),
                service=service.id,
                action=body["event_action"],
                dedup_key=dedup_key,
                payload=body.get("payload") or {},
                client=body.get("client") or "",
                client_url=body.get("client_url") or "",
                links=body.get("links") or [],
                images=body.get("images") or [],
            )
        )

    def _is_disabled(self, routing_key: str) -> bool:
        service = service_of(routing_key)
        return service is not None and service.id in self._state.disabled_services

    def _is_too_fast(self) -> bool:
        """Whether more than `events_per_minute` came within the last minute (None: no limit)."""
        limit, now = self._state.events_per_minute, time.monotonic()
        while self._arrivals and (limit is None or now - self._arrivals[0] > 60):
            self._arrivals.popleft()
        if limit is None:
            return False
        if len(self._arrivals) >= limit:
            return True
        self._arrivals.append(now)
        return False


def _check_routing_key(key: Any) -> list[str]:
    if not isinstance(key, str) or not key.strip():
        return ["'routing_key' is missing or blank"]
    if len(key) != 32:
        return ["Length of 'routing_key' is incorrect (should be 32 characters)"]
    if not ROUTING_KEY.fullmatch(key) or service_of(key) is None:
        return ["Invalid routing key"]
    return []


def _not_json(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _unrecognised() -> Response:
    body = {
        "status": "Unrecognized object",
        "message": "Event object format is unrecognized",
        "errors": ["JSON parse error"],
    }
    return JSONResponse(body, 400)


def _refusal(status: int, *errors: str) -> Response:
    body = {"status": "invalid event", "message": "Event object is invalid", "errors": list(errors)}
    return JSONResponse(body, status)
