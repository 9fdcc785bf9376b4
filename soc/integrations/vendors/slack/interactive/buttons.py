"""The buttons under an alert that are pressed here: what may be done to the incident as it stands."""

from __future__ import annotations

from typing import Any

from soc.domain.acts import Wish
from soc.domain.message import Standing
from soc.integrations.vendors.slack.interactive.payloads import PREFIX


def buttons_of(incident_id: str, standing: Standing, has_ticket: bool) -> list[dict[str, Any]]:
    """A row of them. The owner that the alert showed goes along: who presses later than somebody else is told so."""
    if standing.over:
        return []
    offered = [
        (Wish.ACKNOWLEDGE, "Acknowledge", not standing.acknowledged, "primary"),
        (Wish.ASSIGN, "Assign to me", True, ""),
        (Wish.ASK_NOTE, "Add note", True, ""),
        (Wish.ASK_CLOSE, "Close", True, "danger"),
        (Wish.CREATE_TICKET, "Create Incident", not has_ticket, ""),
    ]
    value = f"{incident_id} {standing.owner_id}".strip()
    elements = [_button(wish, label, value, style) for wish, label, shown, style in offered if shown]
    return [{"type": "actions", "block_id": f"{PREFIX}acts", "elements": elements}]


def _button(wish: Wish, label: str, value: str, style: str) -> dict[str, Any]:
    button = {
        "type": "button",
        "action_id": f"{PREFIX}{wish}",
        "text": {"type": "plain_text", "text": label},
        "value": value,
    }
    return {**button, "style": style} if style else button
