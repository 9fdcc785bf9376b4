"""What the practice Slack remembers: the messages of its channels."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import Field

from soc.sandbox.kit.journal import Record
from soc.sandbox.kit.memory import Json, Memory, Settings
from soc.sandbox.slack.sockets import Sockets


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
    #: Who wrote it ("": the app), and who alone sees it ("": everybody).
    user: str = ""
    only_for: str = ""


class SlackSettings(Settings):
    """`archived_channels`: names of channels that somebody archived. `slack_request_url`: where interactions are sent, signed ("": through Socket Mode alone). `slack_trigger_seconds`: how long a form
    may be opened after a press. `slack_edit_window_closed`: no message can be changed any more. `slack_send_twice`: each interaction is
    sent again. `slack_forge_signature`: what is sent is signed with another secret.
    """

    archived_channels: tuple[str, ...] = ()
    slack_request_url: str = Field(default="", max_length=500, pattern=r"^(https?://.*)?$")
    slack_trigger_seconds: float = Field(default=3.0, ge=0, le=600)
    slack_edit_window_closed: bool = False
    slack_send_twice: bool = False
    slack_forge_signature: bool = False


@dataclass
class View:
    """A form that is open, for one person."""

    id: str
    user: str
    view: dict[str, Any]
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sent:
    """One interaction that was sent: what, how, how long the answer took (None: none in 3 s), and in words how it ended."""

    what: str
    way: str
    seconds: float | None
    said: str


class SlackMemory(Memory):
    RECORDS: ClassVar = frozenset({"message"})
    SETTINGS: ClassVar = SlackSettings
    archived_channels: tuple[str, ...] = ()
    slack_request_url: str = ""
    slack_trigger_seconds: float = 3.0
    slack_edit_window_closed: bool = False
    slack_send_twice: bool = False
    slack_forge_signature: bool = False

    def __init__(self, write: Callable[[Record], None], lock: threading.RLock) -> None:
        self.sockets = Sockets()
        super().__init__(write, lock)

    def forget(self) -> None:
        self.messages: dict[tuple[str, str], SlackMessage] = {}
        self._last_ts = Decimal(0)
        #: What goes with the process: passes for forms (by person and steady time), open forms, what was sent.
        self.triggers: dict[str, tuple[str, float]] = {}
        self.views: dict[str, View] = {}
        self.sent: list[Sent] = []

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
