"""Slack's clock and ours: a lost answer is found whatever ours said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
import time_machine

from soc import clock
from tests.integrations.everyone import BY_NAME
from tests.integrations.examples import ALERT
from tests.integrations.vendors.slack.example import slack_read

TRUE = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


def slack(offset: timedelta) -> httpx.Response:
    """A handler whose clock is right, while ours is `offset` off; history begins at `oldest`, as Slack's does."""

    def handler(request: httpx.Request) -> httpx.Response:
        answer = slack_read(request)
        answer.headers["date"] = format_datetime(clock.now() - offset, usegmt=True)
        if request.url.path.endswith("history"):
            oldest = float(httpx.QueryParams(request.content.decode())["oldest"])
            row = {"ts": f"{TRUE.timestamp():.6f}", "metadata": {"event_payload": {"id": "dlv-1"}}}
            answer = httpx.Response(
                200, json={"ok": True, "messages": [row] if TRUE.timestamp() >= oldest else []}
            )
        return answer

    return handler  # type: ignore[return-value]


@pytest.mark.parametrize("minutes", [0, 2, 5, -5, -60, 60, 300])
@pytest.mark.parametrize("set_right", [False, True])
def test_a_posted_alert_is_found_whatever_our_clock_said(minutes: int, set_right: bool) -> None:
    if set_right and abs(minutes) > 60:
        pytest.skip("a clock that was more than an hour off, and was set right in between, is not covered")
    offset = timedelta(minutes=minutes)
    since = TRUE + offset
    with time_machine.travel(
        TRUE + timedelta(seconds=10) + (timedelta(0) if set_right else offset), tick=False
    ):
        connector = BY_NAME["slack alert"].connector(slack(timedelta(0) if set_right else offset))  # type: ignore[arg-type]
        assert connector.reconcile(ALERT, delivery_id="dlv-1", since=since) is not None
