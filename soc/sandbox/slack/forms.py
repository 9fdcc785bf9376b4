"""The practice Slack's modals: opened with a pass that is good once, for three seconds."""

from __future__ import annotations

import json
import secrets

from soc import clock
from soc.sandbox.slack.block_kit import check_view
from soc.sandbox.slack.memory import SlackMemory, View
from soc.sandbox.slack.wire import Arguments, Json, SlackError

LONGEST_VIEW = 250_000


class Forms:
    def __init__(self, state: SlackMemory) -> None:
        self._state = state

    def open(self, arguments: Arguments) -> Json:
        """`views.open`: a pass works once, and for `trigger_seconds`."""
        view = arguments.structure("view", "invalid_arguments")
        if findings := check_view(view):
            messages = [f"[ERROR] {finding}" for finding in findings]
            raise SlackError("invalid_arguments", response_metadata={"messages": messages})
        if len(json.dumps(view)) > LONGEST_VIEW:
            raise SlackError("view_too_large")
        trigger = arguments.text("trigger_id")
        if not trigger:
            raise SlackError("invalid_arguments")
        found = self._state.triggers.pop(trigger, None)
        if found is None:
            raise SlackError("exchanged_trigger_id")
        user, given = found
        if clock.steady() - given > self._state.slack_trigger_seconds:
            raise SlackError("expired_trigger_id")
        opened = View(f"V0{secrets.token_hex(5).upper()}", user, view)
        self._state.views[opened.id] = opened
        return {"view": {**view, "id": opened.id, "hash": secrets.token_hex(8), "state": {"values": {}}}}
