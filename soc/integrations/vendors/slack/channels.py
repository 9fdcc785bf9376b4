"""Finding the channel's id by its name."""

from __future__ import annotations

import time
from dataclasses import dataclass

from soc.errors import DeliveryError, FailureReason, PermanentDeliveryError
from soc.integrations.vendors.slack.config import SlackConfig
from soc.integrations.vendors.slack.vendor import CHANNEL_HINTS, SlackSession, code_of

KEPT_SECONDS = 600.0
_PAGE = 999  # the most that Slack takes; small pages run into its 20 calls a minute on large workspaces
_MOST_PAGES = 50


@dataclass(frozen=True)
class Channel:
    """`member` is whether the bot is in it, None where Slack did not tell."""

    id: str
    name: str
    member: bool | None = None
    archived: bool = False


class ChannelFinder:
    """Resolves the configured channel, once in ten minutes."""

    def __init__(self, session: SlackSession, config: SlackConfig) -> None:
        self._session = session
        self._config = config
        self._kept: tuple[float, Channel] | None = None

    def forget(self) -> None:
        self._kept = None

    def find(self) -> Channel:
        """The channel. Raises DeliveryError; PermanentDeliveryError with `channel_not_found` where there is none."""
        if self._kept and time.monotonic() - self._kept[0] < KEPT_SECONDS:
            return self._kept[1]
        channel = self._by_id() if self._config.channel_id else self._by_name()
        self._kept = (time.monotonic(), channel)
        return channel

    def target(self) -> str:
        """What to post to: the id; the name itself where the bot may not list channels (Slack takes either)."""
        if self._config.channel_id:
            return self._config.channel_id
        try:
            return self.find().id
        except DeliveryError as error:
            if code_of(error) != "missing_scope":
                raise
        return self._config.channel

    def _by_id(self) -> Channel:
        data = self._session.read("conversations.info", channel=self._config.channel_id).data
        row = data.get("channel")
        return _channel(row if isinstance(row, dict) else {"id": self._config.channel_id})

    def _by_name(self) -> Channel:
        try:
            return self._listed("public_channel,private_channel")
        except PermanentDeliveryError as error:
            if code_of(error) != "missing_scope":
                raise
        return self._listed("public_channel")  # private ones need the scope groups:read

    def _listed(self, types: str) -> Channel:
        name, cursor = self._config.channel.lstrip("#"), ""
        for _ in range(_MOST_PAGES):
            params = {"types": types, "limit": str(_PAGE), "exclude_archived": "false"}
            data = self._session.read(
                "conversations.list", **params, **({"cursor": cursor} if cursor else {})
            ).data
            rows = data.get("channels")
            for row in rows if isinstance(rows, list) else []:
                if isinstance(row, dict) and row.get("name") == name and row.get("id"):
                    return _channel(row)
            metadata = data.get("response_metadata")
            cursor = str(metadata.get("next_cursor") or "") if isinstance(metadata, dict) else ""
            if not cursor:
                break
        raise PermanentDeliveryError(
            f"Slack has no channel {self._config.channel} that the bot can see.",
            reason=FailureReason.GONE,
            hint=CHANNEL_HINTS["channel_not_found"],
            detail="channel_not_found",
        )


def _channel(row: dict[str, object]) -> Channel:
    member = row.get("is_member")
    return Channel(
        id=str(row.get("id")),
        name=str(row.get("name") or ""),
        member=member if isinstance(member, bool) else None,
        archived=row.get("is_archived") is True,
    )


def of_its_own(
    failure: PermanentDeliveryError, channel: str, channels: ChannelFinder
) -> PermanentDeliveryError:
    """The failure of a message in this channel. That the channel is gone is its own trouble where alerts go to another by now."""
    if failure.reason is not FailureReason.GONE or channel == channels.target():
        return failure
    return PermanentDeliveryError(
        failure.message,
        reason=FailureReason.CLIENT,
        hint="Alerts go to another channel by now; this old one keeps its message as it is.",
        status=failure.status,
        detail=failure.detail,
    )
