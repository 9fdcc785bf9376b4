"""What makes an event of PagerDuty's Events API v2 a valid one: each finding is a sentence, as PagerDuty lists them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

ACTIONS = ("trigger", "acknowledge", "resolve")
SEVERITIES = ("critical", "error", "warning", "info")
LONGEST_SUMMARY = 1024
LONGEST_KEY = 255
Json = dict[str, Any]


def check_event(body: Json) -> list[str]:
    """Everything that is wrong with the event, its routing key aside."""
    return [*_action(body), *_dedup_key(body), *_client(body), *_context(body)]


def _action(body: Json) -> Iterator[str]:
    action = body.get("event_action")
    if action not in ACTIONS:
        missing = "is missing or blank" if not action else "is invalid"
        yield f"'event_action' {missing} (must be one of the following: 'trigger', 'acknowledge' or 'resolve')"
    elif action == "trigger":
        payload = body.get("payload")
        if isinstance(payload, dict):
            yield from _payload(payload)
        else:
            yield (
                "'payload' is missing or blank"
                if payload is None
                else "'payload' is invalid (must be an object)"
            )


def _payload(payload: Json) -> Iterator[str]:
    for name in ("summary", "source", "severity"):
        value = payload.get(name)
        if value is None or value == "" or (isinstance(value, str) and not value.strip()):
            yield f"'payload.{name}' is missing or blank"
        elif not isinstance(value, str):
            yield f"'payload.{name}' is invalid (must be a string)"
    summary, severity = payload.get("summary"), payload.get("severity")
    if isinstance(summary, str) and len(summary) > LONGEST_SUMMARY:
        yield f"'payload.summary' is too long (maximum is {LONGEST_SUMMARY} characters)"
    if isinstance(severity, str) and severity.strip() and severity not in SEVERITIES:
        yield "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')"
    for name in ("component", "group", "class"):
        if not isinstance(payload.get(name, ""), str):
            yield f"'payload.{name}' is invalid (must be a string)"
    if not isinstance(payload.get("custom_details", {}), dict):
        yield "'payload.custom_details' is invalid (must be an object)"
    if "timestamp" in payload and not _is_moment(payload["timestamp"]):
        yield "'payload.timestamp' is invalid (must be an ISO 8601 date and time with its zone)"


def _is_moment(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _dedup_key(body: Json) -> Iterator[str]:
    key = body.get("dedup_key")
    if key is None or key == "":
        if body.get("event_action") in ("acknowledge", "resolve"):
            yield "'dedup_key' is missing or blank"
    elif not isinstance(key, str):
        yield "'dedup_key' is invalid (must be a string)"
    elif len(key) > LONGEST_KEY:
        yield f"'dedup_key' is too long (maximum is {LONGEST_KEY} characters)"


def _client(body: Json) -> Iterator[str]:
    for name in ("client", "client_url"):
        if not isinstance(body.get(name) or "", str):
            yield f"'{name}' is invalid (must be a string)"


def _context(body: Json) -> Iterator[str]:
    """Links need an address, images one that begins with https."""
    for name, address in (("links", "href"), ("images", "src")):
        entries = body.get(name) or []
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            yield f"'{name}' is invalid (must be a list of objects)"
        elif not all(isinstance(entry.get(address), str) and entry[address] for entry in entries):
            yield f"'{name}.{address}' is missing or blank"
        elif name == "images" and not all(entry["src"].startswith("https://") for entry in entries):
            yield "'images.src' is invalid (must be served via https)"
