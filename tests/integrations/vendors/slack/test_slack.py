"""The Slack connector: what is posted, what its errors mean, and finding a message again."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from soc.domain.incident import Reason
from soc.errors import (
    DeliveryError,
    FailureReason,
    PermanentDeliveryError,
    TransientDeliveryError,
    UnknownOutcome,
)
from soc.integrations.kit.base import TroubleCase
from soc.integrations.vendors.slack import SlackConnector
from soc.integrations.vendors.slack.blocks import alert_blocks, alert_text, escape, summary_blocks
from tests.integrations.everyone import BY_NAME
from tests.integrations.examples import ALERT, SECRET, SINCE, SUMMARY, UPDATE, Handler, an_incident, sent_json
from tests.integrations.vendors.slack.example import POSTED, slack_read

EXAMPLE = BY_NAME["slack alert"]
HOSTILE = "<!channel> <@U1> & ``` *bold* \x00\x1b[31m \ud800 🙂\nnext"


def slack(handler: Handler, **changes: Any) -> SlackConnector:
    connector = EXAMPLE.connector(handler, **changes)
    assert isinstance(connector, SlackConnector)
    return connector


def instead(method: str, answer: httpx.Response) -> Handler:
    return lambda request: answer if request.url.path.endswith(method) else slack_read(request)


def posted(sent: list[httpx.Request], **changes: Any) -> SlackConnector:
    connector = EXAMPLE.writing(lambda _: httpx.Response(200, json=POSTED), sent, **changes)
    assert isinstance(connector, SlackConnector)
    return connector


def test_an_alert_is_posted_to_the_channels_id_with_the_deliverys_id() -> None:
    sent: list[httpx.Request] = []
    receipt = posted(sent).deliver(ALERT, delivery_id="del-1")
    body = sent_json(sent[0])
    assert sent[0].headers["authorization"] == f"Bearer {SECRET}"
    assert body["channel"] == "C024BE91L"
    assert body["metadata"] == {
        "event_type": "soc_incident",
        "event_payload": {"id": "del-1", "incident": ALERT.incident.id},
    }
    assert (receipt.remote_id, receipt.key) == ("1768473000.000100", "C024BE91L")


def test_an_alert_says_what_the_ticket_says() -> None:
    blocks = alert_blocks(an_incident(), practice=False)
    assert blocks[0]["text"]["text"] == "[CRITICAL] Security Alert - SecuritySystem (Severity 9)"
    text = json.dumps(blocks, ensure_ascii=False)
    for part in (
        "*Source*\\nSecuritySystem", "*Classification*\\nSecurity Alert", "*Severity*\\n9 of 10 (critical)",
        "*Confidence*\\n95%", "*Count*\\n3 lines", "2026-01-15T10:30:00Z to 2026-01-15T10:31:00Z",
        "```CRITICAL: Multiple failed root login attempts - potential breach```",
        "“failed root login” (+5)", "Incident inc-7k2m9q4x1c",
    ):  # fmt: skip
        assert part in text, part
    assert "button" not in text, "no button before there is a ticket to view"


def test_an_update_shows_the_tickets_key_and_a_button_that_opens_it() -> None:
    sent: list[httpx.Request] = []
    connector = BY_NAME["slack update"].writing(lambda _: httpx.Response(200, json=POSTED), sent)
    connector.deliver(UPDATE, delivery_id="del-2")
    body = sent_json(sent[0])
    assert (body["channel"], body["ts"]) == ("C024BE91L", "1768473000.000100")
    elements = [e for b in body["blocks"] if b["type"] == "actions" for e in b["elements"]]
    [button] = [e for e in elements if "url" in e]
    assert (button["text"]["text"], button["url"]) == ("View Ticket", "https://jira.example/browse/SOC-12")
    assert "<https://jira.example/browse/SOC-12|SOC-12>" in json.dumps(body["blocks"])


def test_what_is_made_in_practice_says_so_first() -> None:
    assert alert_text(an_incident(), practice=True).startswith("PRACTICE · [CRITICAL]")
    assert alert_blocks(an_incident(), practice=True)[0]["text"]["text"].startswith("PRACTICE · ")
    assert summary_blocks(SUMMARY, practice=True)[0]["text"]["text"].startswith("PRACTICE · ")


def test_a_summary_says_in_one_line_what_was_late_at_intake() -> None:
    late = json.dumps(summary_blocks(SUMMARY.model_copy(update={"intake": 200}), practice=False))
    assert late.count("breached at intake") == 1
    assert "200 of them were late before anybody here could know" in late
    assert "breached at intake" not in json.dumps(summary_blocks(SUMMARY, practice=False))


def test_a_summary_accounts_for_every_line() -> None:
    text = json.dumps(summary_blocks(SUMMARY, practice=False), ensure_ascii=False)
    assert "Batch summary: night.log" in text
    assert "10 = 9 parsed + 1 rejected" in text
    assert "1 critical, 1 low" in text


def test_log_text_can_mention_nobody_and_end_no_code_block() -> None:
    incident = an_incident(title=HOSTILE, source=HOSTILE, message=HOSTILE, entity=HOSTILE)
    text = json.dumps(alert_blocks(incident, practice=False)[1:], ensure_ascii=False)
    assert "<!channel>" not in text
    assert "<@U1>" not in text
    assert "&lt;!channel&gt;" in text
    assert text.count("```") == 2
    assert "\\u0000" not in text
    alert_text(incident, practice=False).encode()


def test_no_block_is_longer_than_slack_takes() -> None:
    reasons = (
        Reason(signature="a", title="Failed login", words="Failed", start=0, end=6, weight=4),
        Reason(signature="b", title="it is known who tried", words="", start=0, end=0, weight=1),
        Reason(signature="c", title="Failed login", words="Failed", start=0, end=6, weight=0),
    )
    said = str(alert_blocks(an_incident(reasons=reasons), practice=False))
    assert "*Why*\\n• Failed login: “Failed” (+4)\\n• it is known who tried (+1)'" in said
    reason = Reason(signature="s", title="<" * 999, words="&" * 999, start=0, end=1, weight=1)
    incident = an_incident(
        title="<" * 5000, source="&" * 5000, message="<🙂" * 50_000, entity="&" * 5000, reasons=(reason,) * 99
    )
    blocks = alert_blocks(incident, practice=True, ticket=UPDATE.ticket)
    assert len(blocks) <= 50
    for block in blocks:
        text = block.get("text", {}).get("text", "")
        assert len(text) <= (150 if block["type"] == "header" else 3000)
        assert all(len(field["text"]) <= 2000 for field in block.get("fields", []))
        assert len(block.get("fields", [])) <= 10
        assert all(len(e["text"]) <= 2000 for e in block.get("elements", []) if block["type"] == "context")
    assert len(alert_text(incident, practice=True)) <= 4000


def test_an_escaped_text_is_never_cut_within_an_entity() -> None:
    for limit in range(1, 20):
        cut = escape("a&b<c>d&e", limit)
        assert len(cut) <= limit
        assert "&" not in cut.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert escape("a&b", 7) == "a&amp;b"


@pytest.mark.parametrize(
    ("code", "error", "reason", "hint"),
    [
        *((code, PermanentDeliveryError, FailureReason.AUTH, "xoxb-") for code in
          ("invalid_auth", "token_expired", "token_revoked", "account_inactive", "not_authed")),
        ("missing_scope", PermanentDeliveryError, FailureReason.AUTH, "Add the scope"),
        ("ratelimited", TransientDeliveryError, FailureReason.THROTTLED, "sent again"),
        ("channel_not_found", PermanentDeliveryError, FailureReason.GONE, "SLACK_CHANNEL"),
        ("not_in_channel", PermanentDeliveryError, FailureReason.GONE, "/invite"),
        ("is_archived", PermanentDeliveryError, FailureReason.GONE, "unarchive"),
        ("invalid_blocks", PermanentDeliveryError, FailureReason.CLIENT, "replay"),
        *((code, UnknownOutcome, FailureReason.SERVER, "slack-status.com") for code in
          ("internal_error", "fatal_error", "service_unavailable", "request_timeout")),
    ],
)  # fmt: skip
def test_each_of_slacks_errors_has_its_class(
    code: str, error: type[DeliveryError], reason: FailureReason, hint: str
) -> None:
    answer = httpx.Response(200, json={"ok": False, "error": code}, headers={"retry-after": "7"})
    with pytest.raises(error) as caught:
        slack(instead("chat.postMessage", answer)).deliver(ALERT, delivery_id="del-1")
    assert caught.value.reason is reason
    assert hint in caught.value.hint
    assert code in str(caught.value)
    if isinstance(caught.value, TransientDeliveryError):
        assert caught.value.retry_after is not None
        assert caught.value.retry_after.total_seconds() == 7


def _message(**metadata: Any) -> dict[str, Any]:
    return {"ts": "1768473000.000200", "metadata": {"event_type": "soc_incident", "event_payload": metadata}}


@pytest.mark.parametrize(
    ("found", "remote_id"),
    [(_message(id="del-1"), "1768473000.000200"), (_message(id="del-2"), None), ({"ts": "1"}, None)],
)
def test_a_posted_alert_is_found_again_by_its_deliverys_id(
    found: dict[str, Any], remote_id: str | None
) -> None:
    asked: list[bytes] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("conversations.history"):
            return slack_read(request)
        asked.append(request.content)
        first = b"cursor" not in request.content
        page = (
            {"messages": [{"ts": "2"}], "response_metadata": {"next_cursor": "c"}}
            if first
            else {"messages": [found]}
        )
        return httpx.Response(200, json={"ok": True, **page})

    receipt = slack(handler).reconcile(ALERT, delivery_id="del-1", since=SINCE)
    assert (receipt.remote_id if receipt else None) == remote_id
    assert len(asked) == 2
    assert b"include_all_metadata=true" in asked[0]
    assert b"oldest=1768467300.000000" in asked[0], "over an hour before the attempt, for clocks that differ"


def test_an_update_is_not_looked_for_since_repeating_it_changes_nothing() -> None:
    def nobody(request: httpx.Request) -> httpx.Response:
        raise AssertionError("nothing is to be asked")

    assert slack(nobody).reconcile(UPDATE, delivery_id="del-2", since=SINCE) is None


@pytest.mark.parametrize("code", ["missing_scope", "not_in_channel"])
def test_without_the_history_scope_the_alert_is_sent_again_and_the_log_says_so(
    code: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = httpx.Response(200, json={"ok": False, "error": code})
    connector = slack(instead("conversations.history", answer))
    assert connector.reconcile(ALERT, delivery_id="del-1", since=SINCE) is None
    assert "may appear twice" in caplog.text
    assert not connector.shows(ALERT), "after a restore a person has to look"
    assert connector.reconcile(UPDATE, delivery_id="del-2", since=SINCE) is None
    assert connector.shows(UPDATE)


def test_a_bot_that_may_not_list_channels_posts_to_the_name() -> None:
    sent: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("chat.postMessage"):
            sent.append(request)
            return httpx.Response(200, json=POSTED)
        return httpx.Response(200, json={"ok": False, "error": "missing_scope", "needed": "channels:read"})

    receipt = slack(handler).deliver(ALERT, delivery_id="del-1")
    assert sent_json(sent[0])["channel"] == "#soc-alerts"
    assert receipt.key == "C024BE91L"


def test_a_channel_given_by_id_is_not_looked_up() -> None:
    sent: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json=POSTED)

    slack(handler, channel="C024BE91L").deliver(ALERT, delivery_id="del-1")
    assert [request.url.path for request in sent] == ["/api/chat.postMessage"]


def test_channels_are_paged_and_the_answer_is_kept() -> None:
    asked: list[bytes] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("conversations.list"):
            asked.append(request.content)
            if b"cursor" not in request.content:
                return httpx.Response(
                    200, json={"ok": True, "channels": [], "response_metadata": {"next_cursor": "x"}}
                )
            return slack_read(request)
        return httpx.Response(200, json=POSTED)

    connector = slack(handler)
    for number in range(3):
        connector.deliver(ALERT, delivery_id=f"del-{number}")
    assert len(asked) == 2


def test_a_connection_check_names_workspace_bot_scopes_and_channel() -> None:
    report = slack(slack_read).check()
    assert report.ok
    assert dict(report.facts)["Channel"] == "#soc-alerts (C024BE91L)"
    assert report.warnings == ()


def _scopes(scopes: str) -> httpx.Response:
    return httpx.Response(
        200, json={"ok": True, "team": "SOC", "user": "bot"}, headers={"x-oauth-scopes": scopes}
    )


def test_a_check_warns_where_a_lost_answer_could_not_be_looked_up() -> None:
    report = slack(instead("auth.test", _scopes("chat:write,channels:read"))).check()
    assert report.ok
    assert "channels:history" in report.warnings[0]


def _channels(**changes: Any) -> httpx.Response:
    return httpx.Response(200, json={"ok": True, "channels": [{"id": "C1", "name": "soc-alerts", **changes}]})


@pytest.mark.parametrize(
    ("method", "answer", "case", "text"),
    [
        ("auth.test", httpx.Response(200, json={"ok": False, "error": "invalid_auth"}), TroubleCase.AUTHENTICATION, "xoxb-"),
        ("auth.test", _scopes("channels:read"), TroubleCase.PERMISSION_DENIED, "chat:write"),
        ("auth.test", httpx.Response(200, html="<html><title>Blocked</title></html>"), TroubleCase.AUTHENTICATION, "proxy"),
        ("conversations.list", _channels(name="x"), TroubleCase.CHANNEL_NOT_FOUND, "SLACK_CHANNEL"),
        ("conversations.list", _channels(is_member=False), TroubleCase.CHANNEL_NOT_FOUND, "/invite"),
        ("conversations.list", _channels(is_archived=True), TroubleCase.CHANNEL_NOT_FOUND, "unarchive"),
    ],
)  # fmt: skip
def test_each_trouble_says_what_to_do(
    method: str, answer: httpx.Response, case: TroubleCase, text: str
) -> None:
    report = slack(instead(method, answer)).check()
    assert not report.ok
    assert report.case is case
    assert text in report.hint
