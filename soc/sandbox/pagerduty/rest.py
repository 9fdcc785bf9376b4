"""The practice PagerDuty's REST API, as far as an alerting client reads it: services, policies, incidents, itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from soc.sandbox.pagerduty import catalogue
from soc.sandbox.pagerduty.memory import PagerDutyAlert, PagerDutyMemory

PREFIX = "/pagerduty"
CREDENTIALS = re.compile(r'Token token="?([^"\s]+)"?', re.IGNORECASE)
LARGEST_PAGE = 100
Json = dict[str, Any]
Endpoint = Callable[[Request], Json]


class PagerDutyError(Exception):
    """An answer `{"error": {"message", "code"}}`."""

    def __init__(self, status: int, message: str, code: int, *errors: str) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"error": {"message": message, "code": code}}
        if errors:
            self.body["error"]["errors"] = list(errors)


def routes(state: PagerDutyMemory) -> list[Mount]:
    """Everything below `/pagerduty`; paths that are not played answer 404."""
    rest = Rest(state)
    paths: dict[str, Endpoint] = {
        "/abilities": rest.abilities,
        "/users/me": rest.me,
        "/services": rest.services,
        "/services/{id}": rest.service,
        "/escalation_policies": rest.policies,
        "/escalation_policies/{id}": rest.policy,
        "/incidents": rest.incidents,
        "/incidents/{id}": rest.incident,
    }
    found = [Route(path, answering(endpoint), methods=["GET"]) for path, endpoint in paths.items()]
    every = ["GET", "POST", "PUT", "DELETE", "PATCH"]
    rest_of_it = Route("/{path:path}", answering(_not_played), methods=every)
    return [Mount(PREFIX, routes=[*found, rest_of_it])]


def answering(endpoint: Endpoint) -> Callable[..., Any]:
    """Wrap an endpoint: check the token, turn errors into PagerDuty's own answers."""

    async def answer(request: Request) -> Response:
        try:
            token = CREDENTIALS.fullmatch(request.headers.get("authorization", ""))
            if token is None or token[1] != catalogue.TOKEN:
                raise PagerDutyError(
                    401,
                    "Caller did not supply credentials or did not provide the correct credentials.\nIf you are"
                    " using an API key, it may be invalid or your Authorization header may be malformed.",
                    2006,
                )
            return JSONResponse(endpoint(request))
        except PagerDutyError as error:
            return JSONResponse(error.body, error.status)

    return answer


class Rest:
    def __init__(self, state: PagerDutyMemory) -> None:
        self._state = state

    def abilities(self, request: Request) -> Json:
        return {"abilities": ["event_rules", "service_support_hours", "urgencies"]}

    def me(self, request: Request) -> Json:
        user = catalogue.ON_CALL
        known = {"name": user.name, "email": user.email, "role": "user", "time_zone": "Etc/UTC"}
        lists: Json = {"teams": [], "contact_methods": [], "notification_rules": []}
        return {"user": _resource(request, "user", "users", user.id, user.name) | known | lists}

    def services(self, request: Request) -> Json:
        """Paged; `query` is part of the name, `name` the whole."""
        found = [self._service(request, service) for service in _named(request, catalogue.SERVICES)]
        return _page(request, "services", found)

    def service(self, request: Request) -> Json:
        return {"service": self._service(request, _found(catalogue.SERVICES, request))}

    def _service(self, request: Request, service: catalogue.Service) -> Json:
        gone = service.id in self._state.disabled_services
        return _service(request, service) | ({"status": "disabled"} if gone else {})

    def policies(self, request: Request) -> Json:
        """Paged; `query` is part of the name."""
        found = [_policy(request, policy) for policy in _named(request, catalogue.POLICIES)]
        return _page(request, "escalation_policies", found)

    def policy(self, request: Request) -> Json:
        return {"escalation_policy": _policy(request, _found(catalogue.POLICIES, request))}

    def incidents(self, request: Request) -> Json:
        """Paged, oldest first; `incident_key` (the dedup key), `statuses[]` and `service_ids[]` filter."""
        query = request.query_params
        key, statuses, services = (
            query.get("incident_key"),
            query.getlist("statuses[]"),
            query.getlist("service_ids[]"),
        )
        found = [
            _incident(request, alert)
            for alert in self._state.alerts
            if (key is None or alert.dedup_key == key)
            and (not statuses or alert.status in statuses)
            and (not services or alert.service in services)
        ]
        return _page(request, "incidents", found)

    def incident(self, request: Request) -> Json:
        alert = self._state.find_alert(request.path_params["id"])
        if alert is None:
            raise _not_found()
        return {"incident": _incident(request, alert)}


def _not_found() -> PagerDutyError:
    return PagerDutyError(404, "Not Found", 2100)


def _not_played(request: Request) -> Json:
    raise _not_found()


def _found(known: dict[str, Any], request: Request) -> Any:
    if (found := known.get(request.path_params["id"])) is None:
        raise _not_found()
    return found


def _named(request: Request, known: dict[str, Any]) -> list[Any]:
    part, whole = request.query_params.get("query", "").casefold(), request.query_params.get("name")
    return [
        entry
        for entry in known.values()
        if part in entry.name.casefold() and (whole is None or entry.name == whole)
    ]


def _page(request: Request, name: str, values: list[Json]) -> Json:
    """PagerDuty's classic paging: `total` only where `total=true` asks for it."""
    limit, offset = _number(request, "limit", 25), _number(request, "offset", 0)
    limit = min(limit, LARGEST_PAGE)
    wants_total = request.query_params.get("total") == "true"
    return {
        name: values[offset : offset + limit],
        "limit": limit,
        "offset": offset,
        "more": offset + limit < len(values),
        "total": len(values) if wants_total else None,
    }


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isdecimal():
        raise PagerDutyError(400, "Invalid Input Provided", 2001, f"{name} must be a whole number.")
    return int(text)


def _resource(request: Request, kind: str, plural: str, key: str, summary: str) -> Json:
    """What every object of PagerDuty begins with, and all that a reference has."""
    site = str(request.base_url).rstrip("/")
    return {
        "id": key,
        "type": kind,
        "summary": summary,
        "self": f"{site}{PREFIX}/{plural}/{key}",
        "html_url": f"{site}/alert/{key}" if plural == "incidents" else f"{site}/#pagerduty",
    }


def _service(request: Request, service: catalogue.Service) -> Json:
    return _resource(request, "service", "services", service.id, service.name) | {
        "name": service.name,
        "description": service.description,
        "created_at": catalogue.CREATED,
        "status": "active",
        "auto_resolve_timeout": 14400,
        "acknowledgement_timeout": 1800,
        "alert_creation": "create_alerts_and_incidents",
        "escalation_policy": _policy_reference(request, service.policy),
        "incident_urgency_rule": {"type": "constant", "urgency": "high"},
        "teams": [],
        "integrations": [],
        "scheduled_actions": [],
        "addons": [],
    }


def _service_reference(request: Request, key: str) -> Json:
    return _resource(request, "service_reference", "services", key, catalogue.SERVICES[key].name)


def _policy_reference(request: Request, key: str) -> Json:
    name = catalogue.POLICIES[key].name
    return _resource(request, "escalation_policy_reference", "escalation_policies", key, name)


def _policy(request: Request, policy: catalogue.Policy) -> Json:
    user = catalogue.ON_CALL
    target = _resource(request, "user_reference", "users", user.id, user.name)
    rule = {"id": f"{policy.id}R", "escalation_delay_in_minutes": 15, "targets": [target]}
    using = [s.id for s in catalogue.SERVICES.values() if s.policy == policy.id]
    return _resource(request, "escalation_policy", "escalation_policies", policy.id, policy.name) | {
        "name": policy.name,
        "description": policy.description,
        "num_loops": 1,
        "on_call_handoff_notifications": "if_has_services",
        "escalation_rules": [rule],
        "services": [_service_reference(request, key) for key in using],
        "teams": [],
    }


def _incident(request: Request, alert: PagerDutyAlert) -> Json:
    summary = f"[#{alert.number}] {alert.summary}"
    open_alerts = int(alert.status != "resolved")
    shown = _resource(request, "incident", "incidents", alert.id, summary) | {
        "incident_number": alert.number,
        "title": alert.summary,
        "created_at": _moment(alert.created),
        "updated_at": _moment(alert.updated),
        "last_status_change_at": _moment(alert.updated),
        "status": alert.status,
        "incident_key": alert.dedup_key,
        "service": _service_reference(request, alert.service),
        "escalation_policy": _policy_reference(request, catalogue.SERVICES[alert.service].policy),
        "assignments": [],
        "assigned_via": "escalation_policy",
        "alert_counts": {"all": 1, "triggered": open_alerts, "resolved": 1 - open_alerts},
        "is_mergeable": True,
        "teams": [],
        "pending_actions": [],
        "acknowledgements": [],
        "urgency": "low" if alert.severity in ("warning", "info") else "high",
    }
    return shown | ({"resolved_at": _moment(alert.resolved)} if alert.resolved else {})


def _moment(at: str) -> str:
    return f"{at[:19]}Z"
