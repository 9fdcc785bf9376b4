"""The practice Opsgenie's Alert API: create, get, close, acknowledge, add a note, and what became of a request.

Requests that change something are taken (202) and worked on afterwards; the practice one is done at once, and says the
outcome where Opsgenie does: under the request's id. Alerts with one alias are one alert while it is open.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from soc.sandbox.opsgenie import catalogue
from soc.sandbox.opsgenie.check import check_alert
from soc.sandbox.opsgenie.memory import Alert, OpsgenieMemory, TakenRequest

PREFIX = "/opsgenie"
KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
KINDS = ("id", "alias", "tiny")
Json = dict[str, Any]
Endpoint = Callable[[Request], Awaitable[Response]]


class OpsgenieError(Exception):
    """An answer `{"message", "errors"?, "took", "requestId"}`."""

    def __init__(self, status: int, message: str, errors: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"message": message, **({"errors": errors} if errors else {})}


def routes(memory: OpsgenieMemory) -> list[Mount]:
    """Everything below `/opsgenie/v2`; paths that are not played answer 404."""
    api = Alerts(memory)
    found = [
        Route("/alerts", answering(api.create), methods=["POST"]),
        Route("/alerts", answering(api.list_all), methods=["GET"]),
        Route("/alerts/requests/{id}", answering(api.request), methods=["GET"]),
        Route("/alerts/{identifier}", answering(api.read), methods=["GET"]),
        *(
            Route(f"/alerts/{{identifier}}/{verb}", answering(api.changing(verb)), methods=["POST"])
            for verb in CHANGES
        ),
    ]
    every = ["GET", "POST", "PUT", "DELETE", "PATCH"]
    return [
        Mount(f"{PREFIX}/v2", routes=[*found, Route("/{path:path}", answering(_not_played), methods=every)])
    ]


def answering(endpoint: Endpoint) -> Endpoint:
    """Wrap an endpoint: check the key, turn errors into Opsgenie's own answers."""

    async def answer(request: Request) -> Response:
        try:
            _check_key(request.headers.get("authorization", ""))
            return await endpoint(request)
        except OpsgenieError as error:
            return JSONResponse(error.body | _trailer(), error.status)

    return answer


def _check_key(authorization: str) -> None:
    scheme, _, key = authorization.partition(" ")
    if scheme.lower() != "geniekey" or not key.strip():
        raise OpsgenieError(401, "You should provide an API key in the Authorization header.")
    if not KEY.fullmatch(key.strip()):
        raise OpsgenieError(422, "Key format is not valid!")
    if key.strip() != catalogue.API_KEY:
        raise OpsgenieError(401, "Could not authenticate")


def _trailer(request_id: str = "") -> Json:
    return {"took": 0.01, "requestId": request_id or str(uuid.uuid4())}


def close(alert: Alert) -> Alert:
    return replace(alert, status="closed")


def acknowledge(alert: Alert) -> Alert:
    return replace(alert, acknowledged=True)


def annotate(alert: Alert) -> Alert:
    return replace(alert)


#: By the last part of the path: the request's name, what it does, and what its outcome says.
CHANGES: dict[str, tuple[str, Callable[[Alert], Alert], str]] = {
    "close": ("Close", close, "Closed alert"),
    "acknowledge": ("Acknowledge", acknowledge, "Acknowledged alert"),
    "notes": ("AddNote", annotate, "Added note"),
}


def changed(memory: OpsgenieMemory, alert: Alert, verb: str, who: str) -> tuple[bool, str]:
    """Do it where the alert is open; (whether it was done, what the outcome says)."""
    _, change, done = CHANGES[verb]
    if alert.status != "open" and verb != "notes":
        return False, "Alert is already closed"
    now = memory.now()
    alert = replace(change(alert), updated=now)
    alert.actions = [*alert.actions, [now, who, verb]]
    memory.save_alert(alert)
    return True, done


class Alerts:
    def __init__(self, memory: OpsgenieMemory) -> None:
        self._memory = memory

    async def create(self, request: Request) -> Response:
        """202; an alert that is open and has the alias is counted up, and nothing else of it changes."""
        body = await _body(request)
        if wrong := check_alert(body):
            raise OpsgenieError(422, "Request body is not processable. Please check the errors.", wrong)
        alias = str(body.get("alias") or "")
        known = self._memory.find_alert(alias, "alias") if alias else None
        now = self._memory.now()
        if known is not None and known.status == "open":
            alert = replace(known, count=known.count + 1, updated=now)
        else:
            alert = _alert(body, tiny_id=self._memory.next_tiny_id(), now=now)
        self._memory.save_alert(alert)
        return self._taken("Create", alert, True, "Created alert")

    async def list_all(self, request: Request) -> Response:
        """Newest first, at most 100."""
        rows = [_shown(alert) for alert in list(self._memory.alerts.values())[::-1][:100]]
        return JSONResponse({"data": rows, "paging": {}} | _trailer())

    async def read(self, request: Request) -> Response:
        identifier, kind = _named(request)
        alert = self._memory.find_alert(identifier, kind)
        if alert is None:
            raise OpsgenieError(404, f"Alert with {kind} [{identifier}] does not exist.")
        more = {"description": alert.description, "entity": alert.entity, "details": alert.details}
        return JSONResponse({"data": _shown(alert) | more} | _trailer())

    async def request(self, request: Request) -> Response:
        """What became of a request that was taken."""
        found = self._memory.requests.get(request.path_params["id"])
        if found is None:
            raise OpsgenieError(404, "Request not found. It might not be processed, yet.")
        data = {
            "success": found.success,
            "isSuccess": found.success,
            "action": found.action,
            "processedAt": _moment(found.received),
            "integrationId": catalogue.INTEGRATION,
            "status": found.status,
            "alertId": found.alert,
            "alias": found.alias,
        }
        return JSONResponse({"data": data} | _trailer())

    def changing(self, verb: str) -> Endpoint:
        """202 whatever there is to change: that an alert is not there is said under the request's id."""

        async def change(request: Request) -> Response:
            body = await _body(request, may_be_empty=verb != "notes")
            if verb == "notes" and not str(body.get("note") or "").strip():
                wrong = {"note": "Note can not be empty."}
                raise OpsgenieError(422, "Request body is not processable. Please check the errors.", wrong)
            identifier, kind = _named(request)
            alert = self._memory.find_alert(identifier, kind)
            name = CHANGES[verb][0]
            if alert is None:
                return self._taken(name, None, False, "Alert does not exist", alias=identifier)
            return self._taken(name, alert, *changed(self._memory, alert, verb, catalogue.INTEGRATION))

        return change

    def _taken(
        self, action: str, alert: Alert | None, success: bool, status: str, *, alias: str = ""
    ) -> Response:
        taken = TakenRequest(
            id=str(uuid.uuid4()),
            action=action,
            received=self._memory.now(),
            success=success,
            status=status,
            alias=alert.alias if alert is not None else alias,
            alert=alert.id if alert is not None else "",
        )
        self._memory.save_request(taken)
        return JSONResponse({"result": "Request will be processed"} | _trailer(taken.id), 202)


async def _not_played(request: Request) -> Response:
    raise OpsgenieError(404, "Not Found")


async def _body(request: Request, *, may_be_empty: bool = False) -> Json:
    raw = await request.body()
    if may_be_empty and not raw.strip():
        return {}
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise OpsgenieError(400, "Could not parse request body. Please check your request is JSON.")
    return body


def _named(request: Request) -> tuple[str, str]:
    """The alert's identifier and its type, `id` unless `identifierType` says otherwise."""
    kind = request.query_params.get("identifierType", "id")
    if kind not in KINDS:
        raise OpsgenieError(422, f"Identifier type [{kind}] is not valid.")
    return request.path_params["identifier"], kind


def _alert(body: Json, *, tiny_id: str, now: str) -> Alert:
    key = str(uuid.uuid4())
    return Alert(
        id=f"{key}-{tiny_id}",
        tiny_id=tiny_id,
        alias=str(body.get("alias") or key),
        message=str(body["message"]).strip(),
        priority=str(body.get("priority") or "P3"),
        created=now,
        updated=now,
        description=str(body.get("description") or ""),
        entity=str(body.get("entity") or ""),
        source=str(body.get("source") or catalogue.INTEGRATION),
        tags=list(dict.fromkeys(body.get("tags") or [])),
        details=body.get("details") or {},
    )


def _shown(alert: Alert) -> Json:
    return {
        "id": alert.id,
        "tinyId": alert.tiny_id,
        "alias": alert.alias,
        "message": alert.message,
        "status": alert.status,
        "acknowledged": alert.acknowledged,
        "isSeen": False,
        "tags": alert.tags,
        "snoozed": False,
        "count": alert.count,
        "lastOccurredAt": _moment(alert.updated),
        "createdAt": _moment(alert.created),
        "updatedAt": _moment(alert.updated),
        "source": alert.source,
        "owner": "",
        "priority": alert.priority,
        "responders": [],
        "integration": {"id": catalogue.INTEGRATION, "name": catalogue.INTEGRATION, "type": "API"},
    }


def _moment(at: str) -> str:
    return f"{at[:23]}Z"
