"""The console shows tickets and messages to a person, with hostile text made harmless."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from soc.sandbox.pagerduty.memory import PagerDutyMemory
from soc.sandbox.server import SandboxServer
from soc.sandbox.slack.show import mrkdwn

Json = dict[str, Any]
HOSTILE = "<script>alert(1)</script>"


def hostile(ticket: Json) -> Json:
    link = {"type": "link", "attrs": {"href": "javascript:alert(1)"}}
    text = {"type": "text", "text": HOSTILE, "marks": [link]}
    content = [
        {"type": "paragraph", "content": [text]},
        {"type": "codeBlock", "content": [{"type": "text", "text": HOSTILE}]},
    ]
    description = {"type": "doc", "version": 1, "content": content}
    return {**ticket, "summary": HOSTILE, "labels": [HOSTILE], "description": description}


@pytest.mark.parametrize("path", ["/", "/browse/SOC-1", "/jira/browse/SOC-1", "/jira-dc/browse/soc-1"])
def test_hostile_tickets_are_shown_as_text(
    jira: httpx.Client, admin: httpx.Client, ticket: Json, path: str
) -> None:
    assert jira.post("issue", json={"fields": hostile(ticket)}).status_code == 201
    page = admin.get(path)
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "javascript:" not in page.text
    assert "&lt;script&gt;" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_a_person_can_resolve_and_comment_on_a_ticket(
    jira: httpx.Client, admin: httpx.Client, ticket: Json
) -> None:
    jira.post("issue", json={"fields": ticket})
    assert "Resolve Issue" in admin.get("/browse/SOC-1").text
    assert admin.post("/browse/SOC-1/transition", data={"id": "5"}).status_code == 303
    assert admin.post("/browse/SOC-1/comment", data={"text": "looked at it"}).status_code == 303
    fields = jira.get("issue/SOC-1").json()["fields"]
    assert fields["status"]["name"] == "Resolved"
    assert fields["comment"]["comments"][0]["author"]["displayName"] == "Ana Lyst (practice)"


def test_a_message_is_shown_with_its_blocks_and_ticket_link(slack: httpx.Client, admin: httpx.Client) -> None:
    text = "*Alert* &lt;!channel&gt; <http://127.0.0.1/jira/browse/SOC-1|SOC-1>"
    button = {"type": "button", "text": {"type": "plain_text", "text": "View"}, "url": "http://127.0.0.1/x"}
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": HOSTILE}},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": text},
            "fields": [{"type": "mrkdwn", "text": "*A*"}],
        },
        {"type": "actions", "elements": [button]},
    ]
    sent = slack.post(
        "chat.postMessage", json={"channel": "#soc-alerts", "text": "x", "blocks": blocks}
    ).json()
    page = admin.get("/channel/soc-alerts").text
    assert "<strong>Alert</strong> &lt;!channel&gt; <a href='http://127.0.0.1/jira/browse/SOC-1'" in page
    assert "<script" not in page
    query = {"channel": sent["channel"], "message_ts": sent["ts"]}
    link = slack.get("chat.getPermalink", params=query).json()["permalink"]
    assert admin.get(link, follow_redirects=True).status_code == 200


def test_a_real_mention_stands_out() -> None:
    assert mrkdwn("<!channel> look") == "<span class='tag danger'>@channel</span> look"


def test_faults_are_switched_on_the_page(admin: httpx.Client) -> None:
    form = {"kind": "lost_answer", "vendor": "jira", "on": "writes", "every": "4", "seconds": "5"}
    assert admin.post("/console/faults", data=form).status_code == 303
    assert "lost_answer" in admin.get("/").text
    assert admin.post("/console/faults", data={"off": "all"}).status_code == 303
    assert "every vendor is well" in admin.get("/").text


def test_tickets_come_in_pages_of_a_hundred(jira: httpx.Client, admin: httpx.Client, ticket: Json) -> None:
    for _ in range(3):
        jira.post("issue/bulk", json={"issueUpdates": [{"fields": ticket}] * 50})
    assert "SOC-150<" in admin.get("/").text
    assert "SOC-50<" not in admin.get("/").text
    assert "SOC-50<" in admin.get("/?page=2").text
    assert admin.get("/?page=none&q=nothing").status_code == 200


def test_an_administrator_attaches_moves_archives_hides_brings_back_and_deletes(
    jira: httpx.Client, admin: httpx.Client, ticket: Json
) -> None:
    number = jira.post("issue", json={"fields": ticket}).json()["id"]

    def press(act: str, key: str) -> int:
        assert f"value='{act.replace(chr(39), '&#x27;')}'" in admin.get(f"/browse/{key}").text
        return admin.post(f"/browse/{key}/administer", data={"act": act}).status_code

    assert press("Move to another project", "SOC-1") == 303
    key = jira.get(f"issue/{number}").json()["key"]
    assert not key.startswith("SOC-")
    press("Attach report.pdf", key)
    assert [one["filename"] for one in jira.get(f"issue/{number}").json()["fields"]["attachment"]] == [
        "report.pdf"
    ]
    press("Archive", key)
    assert jira.put(f"issue/{number}", json={"fields": {"summary": "no"}}).status_code == 400
    press("Bring back", key)
    press("Hide from the product's account", key)
    assert jira.get(f"issue/{number}").status_code == 404
    press("Bring back", key)
    assert jira.get(f"issue/{number}").status_code == 200
    assert press("Delete", key) == 303
    assert jira.get(f"issue/{number}").status_code == 404
    assert admin.post(f"/browse/{key}/administer", data={"act": "Delete"}).status_code == 404


def test_what_is_not_there_is_404(admin: httpx.Client) -> None:
    assert [admin.get(path).status_code for path in ("/browse/SOC-9", "/channel/none", "/nothing")] == [
        404
    ] * 3


def test_an_alert_is_shown_with_its_events_and_resolved_by_a_person(
    events: httpx.Client, admin: httpx.Client, sandbox: SandboxServer, trigger: Json
) -> None:
    payload = trigger["payload"] | {"summary": HOSTILE, "custom_details": {HOSTILE: HOSTILE}}
    hostile_event = trigger | {"payload": payload, "client": HOSTILE, "client_url": "javascript:alert(1)"}
    events.post("enqueue", json=hostile_event)
    for path in ("/", "/alerts", "/alert/P0000001"):
        page = admin.get(path).text
        assert "triggered" in page
        assert "<script" not in page
        assert "javascript:" not in page
    assert "SOC on call (practice)" in admin.get("/alert/P0000001").text
    for action, shown in (("acknowledge", "acknowledged"), ("resolve", "resolved"), ("resolve", "resolved")):
        assert admin.post(f"/alert/P0000001/{action}").status_code == 303
        assert sandbox.state.of(PagerDutyMemory).alerts[0].status == shown
    assert "Ana Lyst (practice)" in admin.get("/alert/P0000001").text
    assert sandbox.state.counts()["pagerduty_events"] == 1


def test_an_execution_is_shown_with_its_output(stackstorm: httpx.Client, admin: httpx.Client) -> None:
    parameters = {"host": HOSTILE, "ticket_secret": "hunter2"}
    body = {"action": "soc.isolate_host", "parameters": parameters}
    key = stackstorm.post("executions", json=body).json()["id"]
    time.sleep(0.15)
    for path in ("/", "/executions", f"/execution/{key}"):
        page = admin.get(path).text
        assert "succeeded" in page
        assert "&lt;script&gt;" in page
        assert "<script" not in page
        assert "hunter2" not in page


def test_a_delivery_is_shown_with_its_verdict(sandbox: SandboxServer, admin: httpx.Client) -> None:
    headers = {"x-custom": HOSTILE, "webhook-id": HOSTILE}
    httpx.post(f"{sandbox.url}/webhook/{HOSTILE.replace('/', '')}", content=HOSTILE, headers=headers)
    for path in ("/", "/deliveries", "/delivery/1"):
        page = admin.get(path).text
        assert "unsigned" in page
        assert "<script" not in page


def test_links_that_the_vendors_give_lead_to_the_console(
    events: httpx.Client,
    pagerduty: httpx.Client,
    stackstorm: httpx.Client,
    admin: httpx.Client,
    trigger: Json,
) -> None:
    events.post("enqueue", json=trigger)
    (incident,) = pagerduty.get("/incidents").json()["incidents"]
    execution = stackstorm.post("executions", json={"action": "soc.fail"}).json()
    assert admin.get(incident["html_url"]).status_code == 200
    assert admin.get(execution["web_url"]).status_code == 200
    assert pagerduty.get(incident["self"]).json()["incident"]["id"] == incident["id"]
    missing = ("/alert/P9", "/execution/0", "/delivery/9")
    assert [admin.get(path).status_code for path in missing] == [404] * 3
