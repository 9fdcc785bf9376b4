"""Reading what stands in Slack: the pages of a channel and of a thread, and our own data in a message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from soc.integrations.vendors.slack.vendor import SlackSession

PAGE = 200
MOST_PAGES = 25


def read_pages(session: SlackSession, method: str, **arguments: str) -> Iterator[dict[str, Any]]:
    """The messages that a paged method gives, with their metadata, in its order."""
    cursor = ""
    for _ in range(MOST_PAGES):
        asked = {"limit": str(PAGE), "include_all_metadata": "true", **arguments}
        data = session.read(method, **asked, **({"cursor": cursor} if cursor else {})).data
        rows = data.get("messages")
        yield from (row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()
        metadata = data.get("response_metadata")
        cursor = str(metadata.get("next_cursor") or "") if isinstance(metadata, dict) else ""
        if not cursor:
            return


def replies(session: SlackSession, channel: str, ts: str, *, most: int = PAGE) -> Iterator[dict[str, Any]]:
    """The message at the beginning of a thread, then its replies, oldest first."""
    return read_pages(session, "conversations.replies", channel=channel, ts=ts, limit=str(most))


def payload_of(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """What we wrote into a message's metadata."""
    metadata = row.get("metadata")
    payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
    return payload if isinstance(payload, dict) else {}


def email_of_member(user: Any, team: str) -> str:
    """The address of a full member of this workspace, "" of anybody else: bots, who left, guests, other workspaces' people."""
    if not isinstance(user, dict) or not team or user.get("team_id") != team:
        return ""
    if any(
        user.get(name)
        for name in ("deleted", "is_bot", "is_stranger", "is_restricted", "is_ultra_restricted")
    ):
        return ""
    profile = user.get("profile")
    email = profile.get("email") if isinstance(profile, dict) else None
    return email if isinstance(email, str) else ""
