"""What the shared tests need to know of Slack."""

from __future__ import annotations

from typing import Any

import httpx

from tests.integrations.examples import (
    ALERT,
    ESCALATION,
    GUIDE_DATA,
    SECRET,
    SUMMARY,
    UPDATE,
    Example,
    called,
)

SLACK_CALL = called("send-alert", incident_id="inc-123", incident_data=GUIDE_DATA)


def slack_read(request: httpx.Request) -> httpx.Response:
    """A Slack that has the channel, for all questions that are not the post itself."""
    method = request.url.path.rsplit("/", 1)[1]
    channel = {"id": "C024BE91L", "name": "soc-alerts", "is_member": True}
    answers: dict[str, Any] = {
        "auth.test": {"team": "SOC", "user": "soc-bot", "url": "https://soc.slack.com/"},
        "conversations.list": {"channels": [{"id": "C1", "name": "general"}, channel]},
        "conversations.info": {"channel": channel},
        "conversations.history": {"messages": []},
    }
    scopes = {"x-oauth-scopes": "chat:write,channels:read,channels:history,users:read,users:read.email"}
    return httpx.Response(200, json={"ok": True, **answers[method]}, headers=scopes)


SLACK = {"bot_token": SECRET, "signing_secret": "signing-" + SECRET}

POSTED = {"ok": True, "channel": "C024BE91L", "ts": "1768473000.000100"}

EXAMPLES = (
    Example("slack alert", "slack", SLACK, ALERT, "chat.postMessage", slack_read, POSTED),
    Example("slack update", "slack", SLACK, UPDATE, "chat.update", slack_read, POSTED, looked_for=False),
    Example("slack summary", "slack", SLACK, SUMMARY, "chat.postMessage", slack_read, POSTED),
    Example("slack escalation", "slack", SLACK, ESCALATION, "chat.postMessage", slack_read, POSTED),
    Example("slack call", "slack", SLACK, SLACK_CALL, "chat.postMessage", slack_read, POSTED),
)
ENVIRONMENT = {"SLACK_BOT_TOKEN": SECRET, "SLACK_CHANNEL": "alerts"}
