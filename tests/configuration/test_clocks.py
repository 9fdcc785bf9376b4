"""The vendor's clock and ours: Test connection shows the difference, whichever the vendor, and warns beyond half a minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
import time_machine

from soc.configuration.test import test_configuration as try_configuration
from soc.domain.actor import AT_A_PAGE
from soc.integrations.kit.http import compare_clocks
from soc.store.migrate import migrate
from tests.integrations.everyone import BY_NAME

NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
HOOK = {"url": "https://hooks.example.com/soc"}


def test_a_difference_is_told_in_words_and_warned_of_beyond_half_a_minute() -> None:
    told = [compare_clocks(timedelta(seconds=one), "Slack") for one in (1, 30, -31, 3600)]
    assert [fact for (_, fact), _ in told] == [
        "as Slack's", "30 s behind Slack's", "31 s ahead of Slack's", "3,600 s behind Slack's",
    ]  # fmt: skip
    assert [bool(warning) for _, warning in told] == [False, False, True, True]


@pytest.mark.parametrize("seconds", [0, -120])
def test_a_webhook_s_clock_is_shown_too_since_what_it_is_sent_is_signed_by_ours(
    seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate()
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)

    def connect(_kind: str, _config: Any) -> Any:
        return BY_NAME["webhook alert"].connector(lambda _: httpx.Response(200, headers={"date": date}))

    monkeypatch.setattr("soc.configuration.test.connect", connect)
    with time_machine.travel(NOW, tick=False):
        report = try_configuration("webhook", HOOK, actor=AT_A_PAGE)
    assert dict(report.facts)["Clock"] == ("as Webhook's" if not seconds else "120 s ahead of Webhook's")
    assert bool([text for text in report.warnings if "clock" in text]) == bool(seconds)
