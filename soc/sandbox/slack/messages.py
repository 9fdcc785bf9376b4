"""Posting, updating and reading practice messages."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

from soc.sandbox.slack import catalogue
from soc.sandbox.slack.block_kit import check_blocks
from soc.sandbox.slack.memory import SlackMemory, SlackMessage
from soc.sandbox.slack.wire import Arguments, Json, SlackError, next_cursor, read_cursor

LONGEST_TEXT = 40000
LONGEST_METADATA = 16384
TIMESTAMP = re.compile(r"\d{1,12}(\.\d{0,20})?")


class Messages:
    """The chat and history methods."""

    def __init__(self, state: SlackMemory) -> None:
        self._state = state

    def post(self, arguments: Arguments) -> Json:
        """`chat.postMessage`: by channel id, `#name` or `name`, where the bot is a member."""
        arguments.need("chat:write")
        channel = arguments.channel(by_name=True)
        if channel.is_archived:
            raise SlackError("is_archived")
        if not channel.is_member:
            raise SlackError("not_in_channel")
        blocks, attachments = _blocks(arguments), _attachments(arguments)
        text = _text(arguments)
        if not text and not blocks and not attachments:
            raise SlackError("no_text")
        thread = arguments.text("thread_ts") or None
        if thread and (channel.id, thread) not in self._state.messages:
            raise SlackError("thread_not_found")
        message = SlackMessage(
            channel=channel.id,
            ts=self._state.next_ts(),
            text=text,
            blocks=blocks or [],
            attachments=attachments or [],
            metadata=_metadata(arguments),
            thread_ts=thread,
        )
        self._state.save_message(message)
        return {"channel": channel.id, "ts": message.ts, "message": show(message, with_metadata=True)}

    def whisper(self, arguments: Arguments) -> Json:
        """`chat.postEphemeral`: one member sees it, and it has no place in the history."""
        arguments.need("chat:write")
        channel = arguments.channel(by_name=True)
        if channel.is_archived or not channel.is_member:
            raise SlackError("is_archived" if channel.is_archived else "not_in_channel")
        if arguments.text("user") not in catalogue.MEMBERS:
            raise SlackError("user_not_in_channel")
        text, blocks = _text(arguments), _blocks(arguments) or []
        if not text and not blocks:
            raise SlackError("no_text")
        ts, thread = self._state.next_ts(), arguments.text("thread_ts") or None
        message = SlackMessage(
            channel.id, ts, text, blocks=blocks, thread_ts=thread, only_for=arguments.text("user")
        )
        self._state.save_message(message)
        return {"message_ts": ts}

    def update(self, arguments: Arguments) -> Json:
        """`chat.update`: by channel id and `ts`; what is not given (text, blocks, attachments) stays."""
        arguments.need("chat:write")
        channel = arguments.channel()
        found = self._state.messages.get((channel.id, arguments.text("ts")))
        if found is None or found.only_for:
            raise SlackError("message_not_found")
        if found.user:
            raise SlackError("cant_update_message")
        if self._state.slack_edit_window_closed:
            raise SlackError("edit_window_closed")
        text, blocks, attachments = _text(arguments), _blocks(arguments), _attachments(arguments)
        if not text and blocks is None and attachments is None:
            raise SlackError("no_text")
        message = copy.deepcopy(found)
        message.text = text or message.text
        if blocks is not None:
            message.blocks = blocks
        if attachments is not None:
            message.attachments = attachments
        message.metadata = _metadata(arguments) or message.metadata
        message.edited = self._state.next_ts()
        self._state.save_message(message)
        shown = show(message, with_metadata=True)
        return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}

    def history(self, arguments: Arguments) -> Json:
        """`conversations.history`: newest first, between `oldest` and `latest` (exclusive unless `inclusive`).

        Metadata is shown only with `include_all_metadata`; thread replies are not part of the history.
        """
        channel = self._readable(arguments)
        messages = [
            m for m in self._state.in_channel(channel.id) if m.thread_ts in (None, m.ts) and not m.only_for
        ]
        messages = [m for m in messages if _is_between(m.ts, arguments)]
        if position := read_cursor("next_ts", arguments.text("cursor")):
            messages = [m for m in messages if _micros(m.ts) < _micros(position)]
        limit = arguments.number("limit", 100, 1000)
        page, more = messages[::-1][:limit], len(messages) > limit
        body: Json = {
            "messages": [show(m, with_metadata=arguments.flag("include_all_metadata")) for m in page],
            "has_more": more,
            "pin_count": 0,
            "channel_actions_ts": None,
            "channel_actions_count": 0,
        }
        if more:
            body["response_metadata"] = {"next_cursor": next_cursor("next_ts", page[-1].ts)}
        return body

    def replies(self, arguments: Arguments) -> Json:
        """`conversations.replies`: the message of `ts` and its replies, oldest first."""
        channel = self._readable(arguments)
        root = arguments.text("ts")
        messages = [
            m for m in self._state.in_channel(channel.id) if root in (m.ts, m.thread_ts) and not m.only_for
        ]
        if not messages:
            raise SlackError("thread_not_found")
        shown = [show(m, with_metadata=arguments.flag("include_all_metadata")) for m in messages]
        return {"messages": shown, "has_more": False}

    def permalink(self, arguments: Arguments) -> Json:
        channel = arguments.channel()
        ts = arguments.text("message_ts")
        if (channel.id, ts) not in self._state.messages:
            raise SlackError("message_not_found")
        link = f"{arguments.site}/archives/{channel.id}/p{ts.replace('.', '')}"
        return {"channel": channel.id, "permalink": link}

    @staticmethod
    def _readable(arguments: Arguments) -> catalogue.Channel:
        channel = arguments.channel()
        arguments.need("groups:history" if channel.is_private else "channels:history")
        if not channel.is_member:
            raise SlackError("not_in_channel")
        return channel


def show(message: SlackMessage, *, with_metadata: bool) -> Json:
    """A message as Slack shows it to the app that sent it."""
    shown: Json = {
        "type": "message",
        "user": message.user or catalogue.BOT.id,
        **({} if message.user else {"bot_id": catalogue.BOT_ID}),
        "team": catalogue.TEAM_ID,
        "ts": message.ts,
        "text": message.text,
    }
    optional = {"blocks": message.blocks, "attachments": message.attachments, "thread_ts": message.thread_ts}
    shown |= {name: value for name, value in optional.items() if value}
    if message.edited:
        shown["edited"] = {"user": catalogue.BOT_ID, "ts": message.edited}
    if with_metadata and message.metadata:
        shown["metadata"] = message.metadata
    return shown


def _text(arguments: Arguments) -> str:
    text = arguments.text("text")
    if len(text) > LONGEST_TEXT:
        raise SlackError("msg_too_long")
    return text


def _blocks(arguments: Arguments) -> list[Json] | None:
    blocks = arguments.structure("blocks", "invalid_blocks_format")
    if blocks is None:
        return None
    if findings := check_blocks(blocks):
        messages = [f"[ERROR] {finding}" for finding in findings]
        raise SlackError("invalid_blocks", errors=findings, response_metadata={"messages": messages})
    kept: list[Json] = [{"block_id": f"b{i}", **block} for i, block in enumerate(blocks)]
    return kept


def _attachments(arguments: Arguments) -> list[Json] | None:
    attachments = arguments.structure("attachments", "invalid_attachments")
    if attachments is None:
        return None
    if not isinstance(attachments, list) or not all(isinstance(a, dict) for a in attachments):
        raise SlackError("invalid_attachments")
    if len(attachments) > 100:
        raise SlackError("too_many_attachments")
    for attachment in attachments:
        if findings := check_blocks(attachment.get("blocks") or []):
            raise SlackError("invalid_attachments", errors=findings)
    return [{"id": i, **attachment} for i, attachment in enumerate(attachments, 1)]


def _metadata(arguments: Arguments) -> dict[str, Any] | None:
    metadata = arguments.structure("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or set(metadata) - {"event_type", "event_payload", "entities"}:
        raise SlackError("invalid_metadata_schema")
    payload = metadata.get("event_payload")
    if (
        not isinstance(metadata.get("event_type"), str)
        or not metadata["event_type"]
        or not isinstance(payload, dict)
    ):
        raise SlackError("invalid_metadata_schema")
    if len(json.dumps(metadata)) > LONGEST_METADATA:
        raise SlackError("metadata_too_large")
    return metadata


def _is_between(ts: str, arguments: Arguments) -> bool:
    moment = _micros(ts)
    oldest, latest = arguments.text("oldest") or "0", arguments.text("latest")
    for name, value in (("oldest", oldest), ("latest", latest or "0")):
        if not TIMESTAMP.fullmatch(value):
            raise SlackError(f"invalid_ts_{name}")
    if arguments.flag("inclusive"):
        return _micros(oldest) <= moment and (not latest or moment <= _micros(latest))
    return _micros(oldest) < moment and (not latest or moment < _micros(latest))


def _micros(ts: str) -> int:
    """A timestamp as whole microseconds: floats lose the last digit."""
    seconds, _, fraction = ts.partition(".")
    return int(seconds) * 1_000_000 + int(fraction.ljust(6, "0")[:6] or 0)
