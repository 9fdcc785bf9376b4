"""What the practice Slack remembers: the messages of its channels."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

from soc.sandbox.kit.journal import Record
from soc.sandbox.kit.memory import Json, Memory, Settings


@dataclass
class SlackMessage:
    """One practice message; `ts` is its identity within the channel."""

    channel: str
    ts: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] | None = None
    thread_ts: str | None = None
    edited: str | None = None


class SlackSettings(Settings):
    """`archived_channels`: names of channels that somebody archived."""

    archived_channels: tuple[str, ...] = ()


class SlackMemory(Memory):
    RECORDS: ClassVar = frozenset({"message"})
    SETTINGS: ClassVar = SlackSettings
    archived_channels: tuple[str, ...] = ()

    def forget(self) -> None:
        self.messages: dict[tuple[str, str], SlackMessage] = {}
        self._last_ts = Decimal(0)

    def next_ts(self) -> str:
        """A Slack timestamp of now, later than every one given before."""
        now = Decimal(int(self.moment().timestamp() * 1_000_000)) / 1_000_000
        return f"{max(now, self._last_ts + Decimal('0.000001')):.6f}"

    def save_message(self, message: SlackMessage) -> None:
        """Journal and keep a message, new or changed."""
        self.record("message", asdict(message))

    def in_channel(self, channel: str) -> list[SlackMessage]:
        """A channel's messages, oldest first, thread replies included."""
        with self.lock:
            return sorted((m for m in self.messages.values() if m.channel == channel), key=lambda m: m.ts)

    def apply(self, kind: str, data: Json) -> None:
        message = SlackMessage(**data)
        self.messages[message.channel, message.ts] = message
        self._last_ts = max(self._last_ts, Decimal(message.ts))

    def kept(self) -> list[Record]:
        return [{"kind": "message", "data": row} for row in self.received()["messages"]]

    def counts(self) -> dict[str, int]:
        return {"messages": len(self.messages)}

    def received(self) -> dict[str, list[Json]]:
        return {"messages": [asdict(message) for message in self.messages.values()]}
