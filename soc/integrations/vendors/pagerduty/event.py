"""Incidents as events of PagerDuty's Events API v2: pure, within its limits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from soc import clock
from soc.clock import isoformat
from soc.domain.incident import Incident
from soc.domain.message import Escalation, TellTrouble
from soc.domain.severity import Severity, severity_of
from soc.integrations.kit.bodies import severity_of_word
from soc.integrations.kit.fields import clean_text, cut, one_line
from soc.integrations.vendors.pagerduty.bodies import CreateIncident
from soc.integrations.vendors.pagerduty.config import PagerDutyConfig

LONGEST_SUMMARY = 1024
LONGEST_KEY = 255
#: PagerDuty says 512 kB; measured as ASCII JSON, which is never shorter than what is sent.
LARGEST_EVENT = 512_000
CLIENT = "SOC operations dashboard"
PRACTICE = "PRACTICE · "
LEFT_OUT = "The details were left out: the event was larger than PagerDuty's 512 kB."

EventAction = Literal["trigger", "acknowledge", "resolve"]
#: By what became of an escalation.
ENDS: Mapping[str, EventAction] = {"acknowledged": "acknowledge", "resolved": "resolve"}


def dedup_key(incident_id: str) -> str:
    """`soc-<incident id>`: by it PagerDuty knows the incident again, whatever is sent and however often."""
    key = f"soc-{incident_id}"
    if len(key) <= LONGEST_KEY:
        return key
    return f"soc-{hashlib.sha256(incident_id.encode()).hexdigest()}"


def follow_up(action: EventAction, key: str, config: PagerDutyConfig) -> dict[str, Any]:
    """The event that acknowledges or resolves what `key` names."""
    return {
        "routing_key": config.integration_key.get_secret_value(),
        "event_action": action,
        "dedup_key": key,
    }


def alert_event(incident: Incident, config: PagerDutyConfig, *, url: str = "") -> dict[str, Any]:
    """The event that triggers an incident that the log path found; `url` is its page."""
    summary = f"[{incident.severity.upper()}] {incident.title or incident.message} ({incident.source})"
    details: dict[str, Any] = {
        "incident_id": incident.id,
        "classification": incident.classification.value,
        "severity_score": incident.score,
        "confidence": round(incident.confidence, 3),
        "lines": incident.count,
        "first_seen": _moment(incident.first_seen),
        "last_seen": _moment(incident.last_seen),
        "rule": incident.rule_id,
        "batch": incident.batch_id,
        "message": clean_text(incident.message),
        "reasons": [clean_text(r.told(r.title, r.words)) for r in incident.reasons],
        "sample_lines": [f"{one_line(s.file)}:{s.line_no}: {clean_text(s.text)}" for s in incident.samples],
    }
    return _trigger(
        incident.id,
        config,
        summary=summary,
        severity=incident.severity,
        source=incident.entity or incident.source,
        component=incident.source,
        group=incident.batch_id,
        kind=incident.classification,
        moment=incident.last_seen or incident.first_seen,
        details=details,
        url=url,
    )


def requested_event(request: CreateIncident, config: PagerDutyConfig, *, url: str = "") -> dict[str, Any]:
    """The event of an incident that somebody asked for. What is said of it travels in `custom_details`."""
    data = request.incident_data
    word = request.severity or data.severity
    return _trigger(
        request.incident_id,
        config,
        summary=request.summary or data.title or f"Incident {request.incident_id}",
        severity=severity_of_word(word) if word else Severity.CRITICAL,
        source=request.source,
        component=data.component,
        group=data.group,
        kind=str(data.given.get("class") or ""),
        moment=None,
        details={"incident_id": request.incident_id, **data.given, **request.custom_details},
        url=url,
    )


def escalation_event(message: Escalation, config: PagerDutyConfig) -> dict[str, Any]:
    """The event that pages for an escalation: an incident of its own there, whatever became of the tickets' own."""
    to = f" for {message.recipient}" if message.recipient else ""
    lines = [f"{one.key} ({one.priority}) {one.title}: {one.step}, {one.why}" for one in message.tickets]
    return _trigger(
        message.subject,
        config,
        summary=f"{message.headline}{to}",
        severity=severity_of(message.score),
        source=message.tickets[0].key if message.tickets else "",
        component="",
        group="escalation",
        kind="escalation",
        moment=None,
        details={
            "tickets": [clean_text(line) for line in lines],
            "more": message.fold,
            "skipped": list(message.skipped),
            "note": message.note,
        },
        url=message.url,
    )


def trouble_event(message: TellTrouble, config: PagerDutyConfig) -> dict[str, Any]:
    """The event that opens an incident there about the product itself; its end resolves it."""
    return _trigger(
        message.subject, config, summary=message.said, severity=Severity.HIGH, source=CLIENT, component="", group="product",
        kind="product trouble", moment=None, details={"since": message.since}, url=message.url,
    )  # fmt: skip


def _trigger(
    incident_id: str,
    config: PagerDutyConfig,
    *,
    summary: str,
    severity: Severity,
    source: str,
    component: str,
    group: str,
    kind: str,
    moment: datetime | None,
    details: dict[str, Any],
    url: str,
) -> dict[str, Any]:
    said = one_line((PRACTICE if config.practice else "") + summary)
    payload: dict[str, Any] = {
        "summary": cut(said, LONGEST_SUMMARY),
        "source": cut(one_line(source), 255) or CLIENT,
        "severity": config.severity_mapping[severity].value,
        "timestamp": isoformat(moment or clock.now()),
    }
    optional = {"component": component, "group": group, "class": kind}
    payload |= {name: cut(one_line(text), 255) for name, text in optional.items() if one_line(text)}
    payload["custom_details"] = {
        name: value for name, value in details.items() if value not in (None, "", [])
    }
    event = {**follow_up("trigger", dedup_key(incident_id), config), "payload": payload, "client": CLIENT}
    if url:
        event |= {"client_url": url, "links": [{"href": url, "text": "Open the incident"}]}
    if len(json.dumps(event)) > LARGEST_EVENT:
        payload["custom_details"] = {"incident_id": incident_id, "note": LEFT_OUT}
    return event


def _moment(moment: datetime | None) -> str | None:
    return isoformat(moment) if moment else None
