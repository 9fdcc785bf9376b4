"""The Slack app as a manifest: what to paste at “Create New App → From a manifest”."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from soc.integrations.vendors.slack.scopes import BOT_SCOPES

NAME = "SOC alerts"
#: Slack's own limit.
LONGEST_NAME = 35


def manifest(hook_url: str, socket: bool, thread_notes: bool, name: str) -> Mapping[str, Any]:
    """The manifest (version 1), as JSON. `hook_url` is where Slack calls us, "" with `socket`.

    Raises ValueError for a name that Slack does not take, or where neither way is given.
    """
    name = name.strip() or NAME
    if len(name) > LONGEST_NAME:
        raise ValueError(f"The app's name has at most {LONGEST_NAME} characters.")
    if not socket and not hook_url.startswith("https://"):
        raise ValueError("Slack calls https addresses alone; or choose Socket Mode.")
    settings: dict[str, Any] = {
        "interactivity": {"is_enabled": True, **({} if socket else {"request_url": hook_url})},
        "org_deploy_enabled": False,
        "socket_mode_enabled": socket,
        "token_rotation_enabled": False,
    }
    if thread_notes:
        events = ["message.channels", "message.groups"]
        settings["event_subscriptions"] = {
            **({} if socket else {"request_url": hook_url}),
            "bot_events": events,
        }
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": name,
            "description": "Security incidents: alerts, acknowledgement, notes and tickets.",
            "background_color": "#1d2b3a",
        },
        "features": {"bot_user": {"display_name": name, "always_online": True}},
        "oauth_config": {"scopes": {"bot": list(BOT_SCOPES)}},
        "settings": settings,
    }
