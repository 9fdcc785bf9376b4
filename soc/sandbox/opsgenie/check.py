"""What Opsgenie finds wrong with an alert: texts by field, as its 422 names them."""

from __future__ import annotations

from typing import Any

from soc.sandbox.opsgenie import catalogue

Json = dict[str, Any]


def check_alert(body: Json) -> dict[str, str]:
    """The errors of a create request, by field; empty where it is taken."""
    wrong: dict[str, str] = {}
    message = body.get("message")
    if not isinstance(message, str) or not message.strip():
        wrong["message"] = "Message can not be empty."
    for name, limit in catalogue.LIMITS.items():
        value = body.get(name)
        if value is not None and not isinstance(value, str):
            wrong[name] = f"{name} must be a text."
        elif value is not None and len(value) > limit:
            wrong[name] = f"{name} can not be longer than {limit} characters."
    if body.get("priority") not in (None, *catalogue.PRIORITIES):
        wrong["priority"] = f"Priority must be one of [{', '.join(catalogue.PRIORITIES)}]."
    return wrong | _check_tags(body.get("tags")) | _check_details(body.get("details"))


def _check_tags(tags: Any) -> dict[str, str]:
    if tags is None:
        return {}
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        return {"tags": "Tags must be a list of texts."}
    if len(tags) > catalogue.MOST_TAGS or any(len(tag) > catalogue.LONGEST_TAG for tag in tags):
        return {"tags": f"At most {catalogue.MOST_TAGS} tags of {catalogue.LONGEST_TAG} characters."}
    return {}


def _check_details(details: Any) -> dict[str, str]:
    if details is None:
        return {}
    if not isinstance(details, dict) or not all(isinstance(value, str) for value in details.values()):
        return {"details": "Details must be an object of texts."}
    if sum(len(name) + len(value) for name, value in details.items()) > catalogue.LARGEST_DETAILS:
        return {"details": f"Details can not be longer than {catalogue.LARGEST_DETAILS} characters."}
    return {}
