"""The connection test: who the bot is, what it may, where it posts, whether the clocks agree and people can act."""

from __future__ import annotations

import time
from typing import Any

from soc.errors import DeliveryError, FailureReason, PermanentDeliveryError
from soc.integrations.kit.base import ConnectionReport
from soc.integrations.vendors.slack.channels import ChannelFinder
from soc.integrations.vendors.slack.config import SlackConfig
from soc.integrations.vendors.slack.scopes import compare_scopes
from soc.integrations.vendors.slack.vendor import CHANNEL_HINTS, SlackSession, case_of, code_of


def check_connection(session: SlackSession, channels: ChannelFinder, config: SlackConfig) -> ConnectionReport:
    """See `Connector.check`."""
    started = time.monotonic()
    channels.forget()
    facts: list[tuple[str, str]] = []
    details: dict[str, Any] = {}
    try:
        answer = session.read("auth.test")
        team, user = str(answer.data.get("team") or ""), str(answer.data.get("user") or "")
        details |= {"team": team, "user": user, "url": str(answer.data.get("url") or "")}
        facts += [("Workspace", team), ("Bot", user)]
        scopes = [s.strip() for s in answer.headers.get("x-oauth-scopes", "").split(",") if s.strip()]
        details["scopes"] = scopes
        if scopes:
            facts.append(("Scopes", ", ".join(scopes)))
        warnings = compare_scopes(scopes, config)
        warnings += _check_channel(channels, config, facts, details, scopes)
        warnings += _check_socket(session, config, facts)
    except DeliveryError as error:
        return ConnectionReport(
            ok=False, kind="slack", summary=f"Slack integration not available: {error.message}", hint=error.hint,
            case=case_of(error), facts=tuple(facts), details=details, latency_ms=_milliseconds(started),
        )  # fmt: skip
    return ConnectionReport(
        ok=True, kind="slack", summary=f"Connected to {team or 'Slack'} as {user or 'the bot'}, channel {config.channel}.",
        facts=tuple(facts), warnings=tuple(warnings), details=details, latency_ms=_milliseconds(started),
    )  # fmt: skip


def _check_socket(session: SlackSession, config: SlackConfig, facts: list[tuple[str, str]]) -> list[str]:
    """Whether Slack gives this app an address for Socket Mode; nothing is connected."""
    signed, token = config.signing_secret.get_secret_value(), config.app_token.get_secret_value()
    ways = [way for way, there in (("signed calls", signed), ("Socket Mode", token)) if there]
    facts.append(("Buttons", " and ".join(ways) or "links only: no signing secret, no app-level token"))
    if not token:
        return []
    try:
        session.open_socket(token)
    except DeliveryError as error:
        return [f"Socket Mode does not open: {error.message} {error.hint}".strip()]
    return []


def _check_channel(
    channels: ChannelFinder,
    config: SlackConfig,
    facts: list[tuple[str, str]],
    details: dict[str, Any],
    scopes: list[str],
) -> list[str]:
    try:
        channel = channels.find()
    except DeliveryError as error:
        if code_of(error) != "missing_scope":
            raise
        return [
            "The channel cannot be looked up without the scope channels:read; it is used as it is written."
        ]
    details["channel"] = {"id": channel.id, "name": channel.name}
    facts.append(("Channel", f"#{channel.name} ({channel.id})" if channel.name else channel.id))
    if channel.member is False and not channel.archived and "chat:write.public" in scopes:
        return [
            "The bot is not in the channel: it may post, but after a lost answer it cannot look for its message."
        ]
    if channel.archived or channel.member is False:
        code = "is_archived" if channel.archived else "not_in_channel"
        raise PermanentDeliveryError(
            f"{config.channel} {'is archived' if channel.archived else 'does not have the bot as a member'}.",
            reason=FailureReason.GONE,
            hint=CHANNEL_HINTS[code],
            detail=code,
        )
    return []


def _milliseconds(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
