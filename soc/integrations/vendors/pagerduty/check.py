"""Does the key work, and does it belong to the service that was named?"""

from __future__ import annotations

import re
import time
from typing import Any

from soc.errors import DeliveryError
from soc.integrations.kit.base import ConnectionReport, TroubleCase
from soc.integrations.kit.http import VendorSession
from soc.integrations.vendors.pagerduty.config import PagerDutyConfig
from soc.integrations.vendors.pagerduty.event import follow_up
from soc.integrations.vendors.pagerduty.vendor import KEY_HINT, about_the_key, case_of

#: No incident has ever had this key: PagerDuty takes the event, drops it, and has thereby looked at the key.
TEST_KEY = "soc-connection-test"


def check_connection(
    events: VendorSession, rest: VendorSession | None, config: PagerDutyConfig
) -> ConnectionReport:
    """The key's shape, then a `resolve` of what never existed, then (with a REST token) service and policy by name."""
    started = time.monotonic()
    if not re.fullmatch(r"[A-Za-z0-9]{32}", config.integration_key.get_secret_value()):
        return _failed(
            "PagerDuty integration not available: the integration key is not 32 letters and digits.",
            KEY_HINT,
            TroubleCase.AUTHENTICATION,
            started,
        )
    failure: DeliveryError | None = None
    try:
        events.write("POST", "/enqueue", body=follow_up("resolve", TEST_KEY, config))
    except DeliveryError as error:
        failure = about_the_key(error)
    if failure is not None:
        return _failed(
            f"PagerDuty integration not available: {failure.message}",
            failure.hint,
            case_of(failure),
            started,
        )
    facts: list[tuple[str, str]] = [("Integration key", "accepted")]
    warnings: list[str] = []
    details: dict[str, Any] = {}
    if rest is not None:
        _look_up(rest, config, facts, warnings, details)
    elif config.service_id or config.escalation_policy_id:
        facts.append(("Service", f"{config.service_id or '–'} (not looked up: no REST API token is set)"))
    place = details.get("service", {}).get("name")
    return ConnectionReport(
        ok=True,
        kind="pagerduty",
        summary="PagerDuty accepts the integration key" + (f", service {place}." if place else "."),
        facts=tuple(facts),
        warnings=tuple(warnings),
        details=details,
        latency_ms=_milliseconds(started),
    )


def _failed(summary: str, hint: str, case: TroubleCase, started: float) -> ConnectionReport:
    return ConnectionReport(
        ok=False, kind="pagerduty", summary=summary, hint=hint, case=case, latency_ms=_milliseconds(started)
    )


def _milliseconds(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _look_up(
    rest: VendorSession,
    config: PagerDutyConfig,
    facts: list[tuple[str, str]],
    warnings: list[str],
    details: dict[str, Any],
) -> None:
    """Service and policy by name. The REST API does not decide about events, so its troubles are warnings."""
    service = _get(rest, "/services/", config.service_id, "service", warnings, {"include[]": "integrations"})
    policy = _get(rest, "/escalation_policies/", config.escalation_policy_id, "escalation_policy", warnings)
    if not config.service_id and not config.escalation_policy_id:
        _try_token(rest, warnings)
    if service:
        details["service"] = _named(service)
        facts.append(("Service", f"{_name(service)} ({service.get('id')}), {service.get('status') or '?'}"))
        if service.get("status") == "disabled":
            warnings.append("The service is disabled in PagerDuty: it takes events and calls nobody.")
        _compare_key(service, config, warnings)
    if policy:
        details["escalation_policy"] = _named(policy)
        facts.append(("Escalation policy", f"{_name(policy)} ({policy.get('id')})"))
    actual = service.get("escalation_policy")
    if isinstance(actual, dict) and policy and actual.get("id") != policy.get("id"):
        warnings.append(
            f"The service escalates by “{_name(actual)}” ({actual.get('id')}), not by the policy that is set here."
        )


def _get(
    rest: VendorSession,
    path: str,
    wanted: str,
    name: str,
    warnings: list[str],
    params: dict[str, str] | None = None,
) -> dict[str, Any]:
    if not wanted:
        return {}
    words = name.replace("_", " ")
    try:
        data = rest.read("GET", path + wanted, params=params).data
    except DeliveryError as error:
        if error.status == 404:
            warnings.append(f"PagerDuty has no {words} {wanted}, or the token may not see it.")
        else:
            warnings.append(f"The {words} cannot be looked up: {error.message} {error.hint}".strip())
        return {}
    found = data.get(name) if isinstance(data, dict) else None
    if isinstance(found, dict):
        return found
    warnings.append(f"The answer about the {words} is not PagerDuty's.")
    return {}


def _try_token(rest: VendorSession, warnings: list[str]) -> None:
    """Where nothing is looked up by it: whether it is taken at all."""
    try:
        rest.read("GET", "/abilities")
    except DeliveryError as error:
        warnings.append(f"The REST API token cannot be used: {error.message} {error.hint}".strip())


def _name(thing: dict[str, Any]) -> str:
    return str(thing.get("name") or thing.get("summary") or "?")


def _named(thing: dict[str, Any]) -> dict[str, str]:
    return {"id": str(thing.get("id") or ""), "name": _name(thing), "url": str(thing.get("html_url") or "")}


def _compare_key(service: dict[str, Any], config: PagerDutyConfig, warnings: list[str]) -> None:
    """Only integrations that show their key can be compared."""
    rows = service.get("integrations")
    keys = (
        {str(row["integration_key"]) for row in rows if isinstance(row, dict) and row.get("integration_key")}
        if isinstance(rows, list)
        else set()
    )
    if keys and config.integration_key.get_secret_value() not in keys:
        warnings.append(
            f"The integration key belongs to another service than {_name(service)}: incidents go where the key leads."
        )
