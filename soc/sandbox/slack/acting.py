"""What people do in the practice Slack: presses, forms, replies; sent to the app as Slack sends them, signed or by Socket Mode."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from typing import Any
from urllib.parse import urlencode

import httpx

from soc import clock
from soc.sandbox.slack import catalogue
from soc.sandbox.slack.memory import Sent, SlackMemory, SlackMessage, View
from soc.sandbox.slack.sockets import Sockets
from soc.sandbox.slack.wire import Json

#: How long Slack waits for an app.
PATIENCE = 3.0
KEPT = 200


class Acting:
    """Sends what a member does, and keeps how the app answered."""

    def __init__(self, state: SlackMemory, sockets: Sockets) -> None:
        self._state = state
        self._sockets = sockets

    async def press(self, message: SlackMessage, action: Json, member: catalogue.Member) -> Sent:
        """A button of a message."""
        trigger = f"{secrets.randbits(40)}.{secrets.randbits(40)}.{secrets.token_hex(16)}"
        self._state.triggers[trigger] = (member.id, clock.steady())
        payload = {
            **_common("block_actions", member),
            "container": {"type": "message", "message_ts": message.ts, "channel_id": message.channel, "is_ephemeral": False},
            "trigger_id": trigger,
            "channel": {"id": message.channel, "name": catalogue.CHANNELS[message.channel].name},
            "message": {"type": "message", "ts": message.ts, "text": message.text, "blocks": message.blocks,
                        **({"thread_ts": message.thread_ts} if message.thread_ts else {})},
            "response_url": "https://hooks.slack.invalid/actions/practice",
            "actions": [{**action, "action_ts": self._state.next_ts()}],
        }  # fmt: skip
        label = str(action.get("text", {}).get("text") or action.get("action_id"))
        return (await self._send(f"{member.name} pressed “{label}”", "interactive", payload))[0]

    async def form_opened(self, member: catalogue.Member, before: set[str]) -> View | None:
        """The form that the app opens for this member, waited for as long as it may be opened."""
        end = clock.steady() + self._state.slack_trigger_seconds
        while clock.steady() < end:
            fresh = [v for v in self._state.views.values() if v.user == member.id and v.id not in before]
            if fresh:
                return fresh[-1]
            await asyncio.sleep(0.02)
        return None

    async def submit(self, view: View, values: dict[str, str]) -> Sent:
        """A form; one that the app finds wrong stays open with what it says."""
        member = catalogue.MEMBERS[view.user]
        payload = {
            **_common("view_submission", member),
            "trigger_id": f"{secrets.randbits(40)}.{secrets.token_hex(8)}",
            "view": {
                **view.view,
                "id": view.id,
                "hash": "1.practice",
                "state": {"values": _state_of(view, values)},
            },
            "response_urls": [],
        }
        sent, answer = await self._send(f"{member.name} sent the form", "interactive", payload)
        if sent.seconds is None or answer is None:
            view.errors = {"": sent.said}
        elif answer.get("response_action") == "errors":
            view.errors = {str(block): str(text) for block, text in answer.get("errors", {}).items()}
        else:
            self._state.views.pop(view.id, None)
        return sent

    async def reply(self, root: SlackMessage, text: str, member: catalogue.Member) -> Sent:
        """A message in a thread."""
        ts = self._state.next_ts()
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        self._state.save_message(SlackMessage(root.channel, ts, escaped, thread_ts=root.ts, user=member.id))
        event = {"type": "message", "channel": root.channel, "user": member.id, "text": escaped, "ts": ts,
                 "thread_ts": root.ts, "parent_user_id": root.user or catalogue.BOT.id, "event_ts": ts,
                 "channel_type": "channel", "team": catalogue.TEAM_ID}  # fmt: skip
        payload = {
            "type": "event_callback", "team_id": catalogue.TEAM_ID, "api_app_id": catalogue.APP_ID, "event": event,
            "event_id": f"Ev0{secrets.token_hex(5).upper()}", "event_time": int(clock.now().timestamp()),
        }  # fmt: skip
        return (await self._send(f"{member.name} wrote in the thread", "events_api", payload))[0]

    async def _send(self, what: str, kind: str, payload: Json) -> tuple[Sent, Json | None]:
        times = 2 if self._state.slack_send_twice else 1
        outcomes = [await self._once(what, kind, payload) for _ in range(times)]
        self._state.sent = [*self._state.sent, *(sent for sent, _ in outcomes)][-KEPT:]
        return outcomes[0]

    async def _once(self, what: str, kind: str, payload: Json) -> tuple[Sent, Json | None]:
        began = time.monotonic()
        if self._state.slack_request_url:
            way, (answer, said) = "signed call", await self._post(kind, payload)
        elif self._sockets.links:
            way, answer = "Socket Mode", await self._sockets.deliver(kind, payload, patience=PATIENCE)
            said = "acknowledged" if answer is not None else "no answer in 3 s"
        else:
            way, answer, said = "none", None, "nobody listens: no connection of Socket Mode, no request URL"
        seconds = time.monotonic() - began if answer is not None else None
        return Sent(what, way, seconds, said), answer

    async def _post(self, kind: str, payload: Json) -> tuple[Json | None, str]:
        if kind == "events_api":
            body, content = json.dumps(payload).encode(), "application/json"
        else:
            body = urlencode({"payload": json.dumps(payload)}).encode()
            content = "application/x-www-form-urlencoded"
        headers = {"content-type": content, **self._signed(body)}
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
                answer = await client.post(self._state.slack_request_url, content=body, headers=headers)
        except httpx.HTTPError as error:
            return None, f"no answer in 3 s ({type(error).__name__})"
        if answer.status_code != 200:
            return None, f"HTTP {answer.status_code}"
        try:
            value = answer.json() if answer.content.strip() else {}
        except ValueError:
            return None, "an answer that is no JSON"
        return value if isinstance(value, dict) else {}, "acknowledged"

    def _signed(self, body: bytes) -> dict[str, str]:
        secret = "0" * 32 if self._state.slack_forge_signature else catalogue.SIGNING_SECRET
        timestamp = str(int(clock.now().timestamp()))
        digest = hmac.new(
            secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256
        ).hexdigest()
        return {"x-slack-request-timestamp": timestamp, "x-slack-signature": f"v0={digest}"}


def _common(kind: str, member: catalogue.Member) -> Json:
    user = {"id": member.id, "username": member.name, "name": member.name, "team_id": catalogue.TEAM_ID}
    return {
        "type": kind, "user": user, "api_app_id": catalogue.APP_ID, "token": "practice-verification-token",
        "team": {"id": catalogue.TEAM_ID, "domain": "practice"}, "enterprise": None, "is_enterprise_install": False,
    }  # fmt: skip


def _state_of(view: View, values: dict[str, str]) -> dict[str, Any]:
    """By block and action, as Slack has it: what was typed, or the option that was chosen."""
    found: dict[str, Any] = {}
    for block in view.view.get("blocks", []):
        if block.get("type") != "input":
            continue
        element, block_id = block["element"], str(block.get("block_id"))
        value: Json = {"type": element["type"]}
        text = values.get(block_id, "")
        if element["type"] == "static_select":
            chosen = [one for one in element["options"] if one["value"] == text]
            value["selected_option"] = chosen[0] if chosen else None
        else:
            value["value"] = text or None
        found[block_id] = {str(element.get("action_id")): value}
    return found
