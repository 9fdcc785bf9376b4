"""What tells our own writes from everybody else's: a mark that Jira keeps with each, whatever account wrote it.

Edits and transitions carry it in the history's own metadata, comments in an entity property.
"""

from __future__ import annotations

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


def comment_properties(delivery_id: str, *, internal: bool, desk: bool) -> list[dict[str, Any]]:
    """The properties of a comment of ours."""
    found: list[dict[str, Any]] = [{"key": ORIGIN, "value": {"delivery": delivery_id}}]
    if desk:
        found.append({"key": DESK_COMMENT, "value": {"internal": internal}})
    return found


def property_of(comment: dict[str, Any], key: str) -> dict[str, Any]:
    """One of a comment's properties, {} where it has none of that name."""
    rows = comment.get("properties")
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and row.get("key") == key and isinstance(row.get("value"), dict):
            return dict(row["value"])
    return {}
