"""The practice Slack accepts and refuses what a real one does."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

Json = dict[str, Any]
CHANNEL = "C0PRACALRT"


def post(slack: httpx.Client, **more: Any) -> Json:
    answer: Json = slack.post("chat.postMessage", json={"channel": CHANNEL, "text": "hello", **more}).json()
    return answer


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


@pytest.mark.parametrize(("token", "error"), [("", "not_authed"), ("xoxb-wrong", "invalid_auth")])
def test_a_bad_token_is_http_200_and_not_ok(slack: httpx.Client, token: str, error: str) -> None:
    response = slack.post("auth.test", headers={"authorization": f"Bearer {token}" if token else ""})
    assert (response.status_code, response.json()) == (200, {"ok": False, "error": error})


def test_auth_test_tells_the_tokens_scopes(slack: httpx.Client) -> None:
    response = slack.post("auth.test")
    assert response.json()["user"] == "soc-bot"
    assert "chat:write" in response.headers["x-oauth-scopes"].split(",")


def test_a_read_only_token_may_not_write(slack: httpx.Client) -> None:
    headers = {"authorization": "Bearer xoxb-practice-readonly"}
    answer = slack.post("chat.postMessage", json={"channel": CHANNEL, "text": "x"}, headers=headers).json()
    assert (answer["error"], answer["needed"]) == ("missing_scope", "chat:write")


@pytest.mark.parametrize(
    ("channel", "error"),
    [("#nowhere", "channel_not_found"), ("#random", "not_in_channel"), ("#soc-alerts-2024", "is_archived")],
)
def test_a_channel_that_cannot_be_written_says_why(slack: httpx.Client, channel: str, error: str) -> None:
    assert post(slack, channel=channel)["error"] == error


@pytest.mark.parametrize("channel", [CHANNEL, "#soc-alerts", "soc-alerts"])
def test_a_channel_is_found_by_id_and_by_name(slack: httpx.Client, channel: str) -> None:
    assert post(slack, channel=channel)["channel"] == CHANNEL


@pytest.mark.parametrize(
    "blocks",
    [
        [section("x" * 3001)],
        [section("")],
        [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11}],
        [
            {
                "type": "actions",
                "elements": [{"type": "button", "text": {"type": "plain_text", "text": "x" * 76}}],
            }
        ],
        [{"type": "actions", "elements": []}],
        [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}],
        [{"type": "divider"}] * 51,
        [{"type": "paragraph"}],
        ["text"],
    ],
)
def test_blocks_beyond_slacks_limits_are_refused_with_a_pointer(
    slack: httpx.Client, blocks: list[Any]
) -> None:
    answer = post(slack, blocks=blocks)
    assert answer["error"] == "invalid_blocks"
    assert "json-pointer:/blocks" in answer["response_metadata"]["messages"][0]


def test_a_message_needs_text_or_blocks(slack: httpx.Client) -> None:
    assert post(slack, text="")["error"] == "no_text"
    assert post(slack, text="", blocks=[section("hello")])["ok"]


def test_a_form_post_carries_blocks_as_json_text(slack: httpx.Client) -> None:
    data = {"channel": CHANNEL, "text": "x", "blocks": json.dumps([section("from a form")])}
    assert (
        slack.post("chat.postMessage", data=data).json()["message"]["blocks"][0]["text"]["text"]
        == "from a form"
    )
    assert (
        slack.post("chat.postMessage", data={**data, "blocks": "["}).json()["error"]
        == "invalid_blocks_format"
    )


@pytest.mark.parametrize("metadata", [{}, {"event_type": "x"}, {"event_type": "x", "event_payload": "y"}, []])
def test_metadata_of_the_wrong_shape_is_refused(slack: httpx.Client, metadata: Any) -> None:
    assert post(slack, metadata=metadata)["error"] == "invalid_metadata_schema"


def test_metadata_is_in_the_history_only_when_asked_for(slack: httpx.Client) -> None:
    metadata = {"event_type": "soc_alert", "event_payload": {"id": "d-1"}}
    sent = post(slack, metadata=metadata)
    query = {"channel": CHANNEL, "oldest": str(float(sent["ts"]) - 5)}
    assert "metadata" not in slack.get("conversations.history", params=query).json()["messages"][0]
    query["include_all_metadata"] = "true"
    assert slack.get("conversations.history", params=query).json()["messages"][0]["metadata"] == metadata


def test_history_pages_newest_first_through_every_message_once(slack: httpx.Client) -> None:
    sent = [post(slack, text=f"m{n}")["ts"] for n in range(7)]
    seen: list[str] = []
    cursor = ""
    while True:
        query = {"channel": CHANNEL, "limit": 3, "cursor": cursor}
        page = slack.get("conversations.history", params=query).json()
        seen += [message["ts"] for message in page["messages"]]
        if not page["has_more"]:
            break
        cursor = page["response_metadata"]["next_cursor"]
    assert seen == sent[::-1]


def test_history_bounds_are_exclusive_unless_inclusive(slack: httpx.Client) -> None:
    first, second, third = (post(slack)["ts"] for _ in range(3))
    query = {"channel": CHANNEL, "oldest": first, "latest": third}
    middle = slack.get("conversations.history", params=query).json()["messages"]
    assert [message["ts"] for message in middle] == [second]
    everything = slack.get("conversations.history", params={**query, "inclusive": "true"}).json()["messages"]
    assert len(everything) == 3


def test_an_update_replaces_the_blocks_and_keeps_the_rest(slack: httpx.Client) -> None:
    metadata = {"event_type": "soc_alert", "event_payload": {"id": "d-1"}}
    sent = post(slack, blocks=[section("alert")], metadata=metadata)
    at = {"channel": CHANNEL, "ts": sent["ts"]}
    updated = slack.post(
        "chat.update", json={**at, "text": "new", "blocks": [section("with a ticket")]}
    ).json()
    assert updated["message"]["blocks"][0]["text"]["text"] == "with a ticket"
    assert updated["message"]["metadata"] == metadata
    assert (
        slack.post("chat.update", json={**at, "ts": "1.000000", "text": "x"}).json()["error"]
        == "message_not_found"
    )
    assert slack.post("chat.update", json={**at, "channel": "#soc-alerts", "text": "x"}).json()["ok"] is False


def test_channels_come_in_pages(slack: httpx.Client) -> None:
    names: list[str] = []
    cursor = ""
    while True:
        query = {"limit": 2, "cursor": cursor, "types": "public_channel,private_channel"}
        page = slack.get("conversations.list", params=query).json()
        names += [channel["name"] for channel in page["channels"]]
        cursor = page["response_metadata"]["next_cursor"]
        if not cursor:
            break
    assert {"soc-alerts", "general", "soc-leads"} <= set(names)
    assert len(names) == len(set(names))


def test_an_unknown_method_is_named(slack: httpx.Client) -> None:
    assert slack.post("chat.shout").json()["error"] == "unknown_method"
