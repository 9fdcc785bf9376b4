"""What tells our own writes from everybody else's: a mark that Jira keeps with each, whatever account wrote it.

Edits and transitions carry it in the history's own metadata, comments in an entity property.
"""

from __future__ import annotations

import hashlib
from typing import Any

ORIGIN = "soc.origin"
#: How a service desk marks a comment that customers do not see.
DESK_COMMENT = "sd.public.comment"


def history_mark(delivery_id: str, said_by: str) -> dict[str, Any]:
    """The `historyMetadata` of an edit or a transition."""
    return {
        "type": ORIGIN,
        "description": "SOC operations dashboard",
        "activityDescription": f"by {said_by}" if said_by else "by the SOC operations dashboard",
        "extraData": {"delivery": delivery_id},
    }


def origin_of_entry(entry: dict[str, Any]) -> str:
    """The delivery that made this entry of the history; "" where it was somebody else."""
    mark = entry.get("historyMetadata")
    if not isinstance(mark, dict) or mark.get("type") != ORIGIN:
        return ""
    more = mark.get("extraData")
    return str(more.get("delivery") or "") if isinstance(more, dict) else ""


def comment_properties(delivery_id: str, text: str, *, internal: bool, desk: bool) -> list[dict[str, Any]]:
    """The properties of a comment of ours, whose plain text this is."""
    value = {"delivery": delivery_id, "text": _mark_of(text)}
    found: list[dict[str, Any]] = [{"key": ORIGIN, "value": value}]
    if desk:
        found.append({"key": DESK_COMMENT, "value": {"internal": internal}})
    return found


def are_own_words(comment: dict[str, Any], text: str) -> bool:
    """Whether a comment of ours (with this plain text) still says what we wrote; one of before there was a mark of its
    text does where it was never changed.
    """
    kept = property_of(comment, ORIGIN)
    if not kept:
        return False
    mark = kept.get("text")
    unchanged = comment.get("updated") in (None, comment.get("created"))
    return mark == _mark_of(text) if mark else unchanged


def _mark_of(text: str) -> str:
    """Of the words: servers keep blanks and line ends in their own way."""
    return hashlib.sha256(" ".join(text.split()).encode("utf-8", "replace")).hexdigest()[:16]


def property_of(comment: dict[str, Any], key: str) -> dict[str, Any]:
    """One of a comment's properties, {} where it has none of that name."""
    rows = comment.get("properties")
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and row.get("key") == key and isinstance(row.get("value"), dict):
            return dict(row["value"])
    return {}
