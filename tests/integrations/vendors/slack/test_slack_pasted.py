"""Slack's token, channel and address as people paste them."""

from __future__ import annotations

import pytest

from soc.integrations.registry import InvalidConfiguration, validate
from tests.integrations.vendors.slack.example import SLACK


@pytest.mark.parametrize(
    ("pasted", "channel"),
    [
        ("soc-alerts", "#soc-alerts"),
        ('"#SOC-Alerts"', "#soc-alerts"),
        ("C024BE91L", "C024BE91L"),
        ("#C024BE91L", "C024BE91L"),
        ("<#C024BE91L|soc-alerts>", "C024BE91L"),
        ("https://acme.slack.com/archives/C024BE91L/p1768473000000100?thread_ts=1", "C024BE91L"),
        ("https://app.slack.com/client/T024BE7LD/C024BE91L", "C024BE91L"),
        ("CRITICAL", "#critical"),
    ],
)
def test_a_channel_is_found_in_what_was_pasted(pasted: str, channel: str) -> None:
    assert getattr(validate("slack", {**SLACK, "channel": pasted}), "channel", "") == channel


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"channel": "U024BE7LH"}, "member"),
        ({"channel": "W024BE7LH"}, "member"),
        ({"channel": "D024BE7LH"}, "direct message"),
        ({"channel": "https://acme.slack.com/team/U024BE7LH"}, "member"),
        ({"channel": "https://app.slack.com/client/T024BE7LD/D024BE91L"}, "direct message"),
        ({"channel": "<@U024BE7LH>"}, "person"),
        ({"channel": "@ana"}, "person"),
        ({"channel": "T024BE7LD"}, "workspace"),
        ({"channel": "https://hooks.slack.com/services/T0/B0/x"}, "incoming webhook"),
        ({"channel": "#a, #b"}, "one channel"),
        ({"channel": "soc alerts"}, "blank"),
        ({"bot_token": "xoxp-1-secret"}, "user's token"),
        ({"bot_token": "xapp-1-secret"}, "app-level"),
        ({"bot_token": "xoxe-1-secret"}, "refresh"),
        ({"bot_token": "https://hooks.slack.com/services/T0/B0/secret"}, "incoming webhook"),
        ({"bot_token": "0123456789abcdef0123456789abcdef"}, "signing secret"),
        ({"signing_secret": "xoxb-1-secret"}, "Signing Secret"),
        ({"base_url": "https://acme.slack.com"}, "Web API is"),
    ],
)
def test_what_is_none_is_explained_at_its_field(changes: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        validate("slack", {**SLACK, **changes})
    assert list(caught.value.fields) == list(changes)
    assert words in str(caught.value)
    assert "-secret" not in str(caught.value)


def test_a_method_s_address_is_cut_to_the_api() -> None:
    config = validate("slack", {**SLACK, "base_url": "https://slack.com/api/chat.postMessage"})
    assert getattr(config, "base_url", "") == "https://slack.com/api"
