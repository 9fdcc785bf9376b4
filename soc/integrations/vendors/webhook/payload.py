"""The guide's “Webhook Payload Format”: pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from soc.clock import isoformat
from soc.domain.incident import Incident
from soc.domain.message import EndEscalation, Escalation, TellTrouble
from soc.domain.severity import severity_of
from soc.integrations.kit.fields import clean_text

SOURCE = "audit-service"
Payload = dict[str, Any]


def incident_payload(
    incident: Incident, event_type: str, *, now: datetime, practice: bool = False, url: str = ""
) -> Payload:
    """An incident that the log path found, as the guide prints it; `custom_details` say what else is known.

    Its page stands there as `url`, null where people have no address for it.
    """
    data = {
        "title": clean_text(incident.title),
        "severity": incident.severity.value,
        "description": clean_text(incident.message),
        "affected_services": [incident.source] if incident.source else [],
        "component": incident.entity or incident.source,
        "group": incident.classification.value,
    }
    details: dict[str, Any] = {
        "score": incident.score,
        "confidence": round(incident.confidence, 3),
        "classification": incident.classification.value,
        "priority": incident.priority.value,
        "entity": incident.entity,
        "lines": incident.count,
        "first_seen": isoformat(incident.first_seen) if incident.first_seen else None,
        "last_seen": isoformat(incident.last_seen) if incident.last_seen else None,
        "rule_id": incident.rule_id,
        "batch_id": incident.batch_id,
        "reasons": [clean_text(r.told(r.title, r.words)) for r in incident.reasons],
    }
    details["url"] = url or None
    if practice:
        details["practice"] = True
    return payload_of(event_type, incident.id, data, details, now=now)


def payload_of(
    event_type: str, incident_id: str, data: dict[str, Any], details: dict[str, Any], *, now: datetime
) -> Payload:
    """The guide's payload, its fields in the guide's order."""
    return {
        "event_type": event_type,
        "timestamp": isoformat(now),
        "incident_id": incident_id,
        "incident_data": data,
        "source": SOURCE,
        "custom_details": details,
    }


def escalation_payload(message: Escalation, *, now: datetime, practice: bool = False) -> Payload:
    """An escalation: what it says of each ticket stands in `custom_details.tickets`. `incident_id` is the incident's where it
    is about a single one, else the notice's own id.
    """
    ids = {one.incident_id for one in message.tickets}
    data = {
        "title": clean_text(message.headline),
        "severity": severity_of(message.score).value,
        "description": clean_text("; ".join(f"{one.key} {one.step}: {one.why}" for one in message.tickets)),
    }
    details: dict[str, Any] = {
        "notice": message.subject,
        "recipient": message.recipient or None,
        "tickets": [one.model_dump(mode="json", exclude={"remote_id", "score"}) for one in message.tickets],
        "more": list(message.folded),
        "skipped": list(message.skipped),
        "note": message.note or None,
        "url": message.url or None,
    }
    if practice:
        details["practice"] = True
    only = ids.pop() if len(ids) == 1 and not message.folded else message.subject
    return payload_of("escalation", only, data, details, now=now)


def ended_payload(message: EndEscalation, *, now: datetime, practice: bool = False) -> Payload:
    """What an escalation began is over: `escalation.acknowledged` or `escalation.resolved`, with the id that the escalation had."""
    details: dict[str, Any] = {
        "notice": message.subject, "by": message.by or None, "tickets": list(message.keys), "url": message.url or None,
    }  # fmt: skip
    if practice:
        details["practice"] = True
    data = {"title": clean_text(message.said), "severity": "info", "description": clean_text(message.said)}
    about = message.incident_id or message.subject
    return payload_of(f"escalation.{message.outcome}", about, data, details, now=now)


def trouble_payload(message: TellTrouble, *, now: datetime, practice: bool = False) -> Payload:
    """What is wrong with the product itself: `product.trouble`, and `product.trouble_over` with the same id."""
    said = clean_text(message.said)
    data = {
        "title": clean_text(message.title),
        "severity": "info" if message.over else "high",
        "description": said,
    }
    details: dict[str, Any] = {"since": message.since, "url": message.url or None}
    if practice:
        details["practice"] = True
    kind = "product.trouble_over" if message.over else "product.trouble"
    return payload_of(kind, message.subject, data, details, now=now)
