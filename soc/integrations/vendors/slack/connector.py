"""Slack: alerts, their update with the ticket's link, and batch summaries, through a bot token."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar

import httpx

from soc import clock
from soc.domain.message import CallAction, Escalation, Message, Receipt, SendAlert, SendSummary, UpdateAlert
from soc.errors import DeliveryError, FailureReason, PermanentDeliveryError, UnknownOutcome
from soc.integrations.kit.base import ConnectionReport, Connector
from soc.integrations.kit.bodies import read_call, unknown_message
from soc.integrations.kit.http import shared_client
from soc.integrations.vendors.slack.blocks import alert_blocks, alert_text, summary_blocks, summary_text
from soc.integrations.vendors.slack.bodies import SendSlackAlert, requested_blocks, requested_text
from soc.integrations.vendors.slack.channels import ChannelFinder
from soc.integrations.vendors.slack.config import SlackConfig
from soc.integrations.vendors.slack.escalation import escalation_blocks, escalation_text
from soc.integrations.vendors.slack.vendor import CHANNEL_HINTS, SlackSession, case_of, code_of

log = logging.getLogger(__name__)

EVENT_TYPE = "soc_incident"
HISTORY_SCOPES = ("channels:history", "groups:history")
#: Slack's clock and ours may differ, and ours may have been set right since; the message's id decides, the time only
#: bounds the search.
CLOCK_SKEW = timedelta(minutes=65)
#: Beyond this the clocks are worth a word.
WORTH_A_WORD = timedelta(seconds=30)
_PAGE = 200
_MOST_PAGES = 25


class SlackConnector(Connector):
    """See `Connector`. Each posted message carries its delivery's id in its metadata; reconciling looks for it."""

    kind: ClassVar[str] = "slack"

    def __init__(self, config: SlackConfig, *, http: httpx.Client | None = None) -> None:
        self.config: SlackConfig = config
        self._session = SlackSession(config, http or shared_client())
        self._channels = ChannelFinder(self._session, config)

    @property
    def settle(self) -> timedelta:
        return self.config.settle

    def deliver(self, message: Message, *, delivery_id: str) -> Receipt:
        practice = self.config.practice
        if isinstance(message, UpdateAlert):
            blocks = alert_blocks(message.incident, practice=practice, ticket=message.ticket, url=message.url)
            text = alert_text(message.incident, practice=practice, ticket=message.ticket)
            body: dict[str, Any] = {
                "channel": message.channel,
                "ts": message.ts,
                "text": text,
                "blocks": blocks,
            }
            return self._update(body)
        if isinstance(message, SendAlert):
            about = message.incident.id
            text = alert_text(message.incident, practice=practice)
            blocks = alert_blocks(message.incident, practice=practice, url=message.url)
        elif isinstance(message, SendSummary):
            about = message.batch_id
            text, blocks = (
                summary_text(message, practice=practice),
                summary_blocks(message, practice=practice),
            )
        elif isinstance(message, Escalation):
            about = message.subject
            text = escalation_text(message, practice=practice)
            blocks = escalation_blocks(message, practice=practice)
        elif isinstance(message, CallAction) and message.name == "send-alert":
            asked = read_call(SendSlackAlert, message)
            about = asked.incident_id
            text, blocks = (
                requested_text(asked, practice=practice),
                requested_blocks(asked, practice=practice, url=message.url),
            )
        else:
            raise unknown_message(
                "Slack", message.name if isinstance(message, CallAction) else message.action
            )
        channel = self._channels.target()
        payload = {"id": delivery_id, "incident": about}
        body = {
            "channel": channel,
            "text": text,
            "blocks": blocks,
            "metadata": {"event_type": EVENT_TYPE, "event_payload": payload},
            "unfurl_links": False,  # addresses in log lines are not to be visited by Slack
            "unfurl_media": False,
        }
        try:
            data = self._session.write("chat.postMessage", body).data
        except PermanentDeliveryError:
            self._channels.forget()  # the channel may have been renamed or replaced
            raise
        return self._receipt(data, channel)

    def _update(self, body: dict[str, Any]) -> Receipt:
        """Change a message where it stands. That its channel is gone is its own trouble where alerts go to another by now."""
        failure: PermanentDeliveryError | None = None
        try:
            return self._receipt(self._session.write("chat.update", body).data, body["channel"])
        except PermanentDeliveryError as error:
            failure = error
        if failure.reason is not FailureReason.GONE or body["channel"] == self._channels.target():
            raise failure
        raise PermanentDeliveryError(
            failure.message,
            reason=FailureReason.CLIENT,
            hint="Alerts go to another channel by now; this old one keeps its message as it is.",
            status=failure.status,
            detail=failure.detail,
        )

    @staticmethod
    def _receipt(data: Any, channel: str) -> Receipt:
        ts = data.get("ts")
        if not isinstance(ts, str) or not ts:
            raise UnknownOutcome(
                "Slack accepted the message, but its answer names none.", reason=FailureReason.BAD_RESPONSE
            )
        return Receipt(remote_id=ts, key=str(data.get("channel") or channel))

    def reconcile(self, message: Message, *, delivery_id: str, since: datetime) -> Receipt | None:
        """Look for the delivery's id in the channel since the attempt.

        An update is not looked for: to make it again changes nothing. Without the history scope nothing can be
        seen; then the message is sent again, since a second alert is better than none (the connection test warns).
        """
        if isinstance(message, UpdateAlert):
            return None
        channel = self._channels.target()
        if channel.startswith("#"):  # the bot may not list channels, and history is by id only
            return self._blind(delivery_id)
        try:
            for row in self._history(channel, self._oldest(since)):
                metadata = row.get("metadata")
                payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
                if isinstance(payload, dict) and payload.get("id") == delivery_id and row.get("ts"):
                    return Receipt(remote_id=str(row["ts"]), key=channel)
        except PermanentDeliveryError as error:
            if code_of(error) not in ("missing_scope", "not_in_channel"):
                raise
            return self._blind(delivery_id)
        return None

    def _oldest(self, since: datetime) -> datetime:
        """A moment of Slack's clock before which the message cannot be, whatever our clock said when it was sent."""
        if self._session.clock_offset is None:
            self._session.read("auth.test")
        offset = self._session.clock_offset or timedelta(0)
        return min(since, since + offset, clock.now() + offset) - CLOCK_SKEW

    def _check_clock(self, facts: list[tuple[str, str]]) -> list[str]:
        offset = self._session.clock_offset
        if offset is None:
            return []
        seconds = round(abs(offset).total_seconds())
        behind = "behind" if offset > timedelta(0) else "ahead of"
        facts.append(("Clock", "as Slack's" if seconds < 2 else f"{seconds:,} s {behind} Slack's"))
        if abs(offset) <= WORTH_A_WORD:
            return []
        return [
            f"This machine's clock is {seconds:,} s {behind} Slack's: set it right (NTP), or times and signatures are off."
        ]

    @staticmethod
    def _blind(delivery_id: str) -> None:
        log.warning(
            "Slack's history is not readable (scope channels:history, bot in the channel): "
            "delivery %s may appear twice",
            delivery_id,
        )

    def _history(self, channel: str, oldest: datetime) -> Iterator[dict[str, Any]]:
        cursor = ""
        for _ in range(_MOST_PAGES):
            params = {
                "channel": channel,
                "oldest": f"{oldest.timestamp():.6f}",
                "limit": str(_PAGE),
                "include_all_metadata": "true",
            }
            data = self._session.read(
                "conversations.history", **params, **({"cursor": cursor} if cursor else {})
            ).data
            rows = data.get("messages")
            yield from (row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()
            metadata = data.get("response_metadata")
            cursor = str(metadata.get("next_cursor") or "") if isinstance(metadata, dict) else ""
            if not cursor:
                return

    def check(self) -> ConnectionReport:
        started = time.monotonic()
        self._channels.forget()
        facts: list[tuple[str, str]] = []
        details: dict[str, Any] = {}
        try:
            answer = self._session.read("auth.test")
            team, user = str(answer.data.get("team") or ""), str(answer.data.get("user") or "")
            details |= {"team": team, "user": user, "url": str(answer.data.get("url") or "")}
            facts += [("Workspace", team), ("Bot", user)]
            scopes = [s.strip() for s in answer.headers.get("x-oauth-scopes", "").split(",") if s.strip()]
            details["scopes"] = scopes
            if scopes:
                facts.append(("Scopes", ", ".join(scopes)))
            warnings = self._check_scopes(scopes)
            warnings += self._check_channel(facts, details, scopes)
            warnings += self._check_clock(facts)
        except DeliveryError as error:
            return ConnectionReport(
                ok=False, kind="slack", summary=f"Slack integration not available: {error.message}", hint=error.hint,
                case=case_of(error), facts=tuple(facts), details=details, latency_ms=_milliseconds(started),
            )  # fmt: skip
        return ConnectionReport(
            ok=True, kind="slack", summary=f"Connected to {team or 'Slack'} as {user or 'the bot'}, channel {self.config.channel}.",
            facts=tuple(facts), warnings=tuple(warnings), details=details, latency_ms=_milliseconds(started),
        )  # fmt: skip

    def _check_scopes(self, scopes: list[str]) -> list[str]:
        """Slack names the token's scopes in a header; a test server may not."""
        if not scopes:
            return []
        if "chat:write" not in scopes:
            raise PermanentDeliveryError(
                "the bot may not post messages (scope chat:write).",
                reason=FailureReason.AUTH,
                hint="Add the scope chat:write to the Slack app (OAuth & Permissions) and install it again.",
                detail="missing_scope",
            )
        if not any(scope in scopes for scope in HISTORY_SCOPES):
            return [
                "The scope channels:history (groups:history for a private channel) is missing: after a lost answer an "
                "alert cannot be looked for and may be posted twice."
            ]
        return []

    def _check_channel(
        self, facts: list[tuple[str, str]], details: dict[str, Any], scopes: list[str]
    ) -> list[str]:
        try:
            channel = self._channels.find()
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
                f"{self.config.channel} {'is archived' if channel.archived else 'does not have the bot as a member'}.",
                reason=FailureReason.GONE,
                hint=CHANNEL_HINTS[code],
                detail=code,
            )
        return []


def _milliseconds(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
