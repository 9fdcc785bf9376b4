"""Faults strike as often as they were told to, and leave behind what they should."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from soc.sandbox.faults import is_write
from soc.sandbox.server import SandboxServer

Json = dict[str, Any]


def count(admin: httpx.Client, kind: str = "issues") -> int:
    found: int = admin.get("/admin/state").json()["counts"][kind]
    return found


def switch_on(admin: httpx.Client, **fault: Any) -> None:
    assert admin.post("/admin/faults", json=fault).status_code == 201


def test_every_second_answer_is_lost_and_the_ticket_is_there(
    jira: httpx.Client, admin: httpx.Client, ticket: Json
) -> None:
    switch_on(admin, kind="lost_answer", vendor="jira", every=2)
    outcomes = []
    for _ in range(4):
        try:
            outcomes.append(jira.post("issue", json={"fields": ticket}).status_code)
        except (httpx.RemoteProtocolError, httpx.ReadError):
            outcomes.append(0)
    assert outcomes == [201, 0, 201, 0]
    assert count(admin) == 4


def test_a_lost_request_leaves_nothing_behind(slack: httpx.Client, admin: httpx.Client) -> None:
    switch_on(admin, kind="lost_request", vendor="slack", times=1)
    message = {"channel": "#soc-alerts", "text": "x"}
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        slack.post("chat.postMessage", json=message)
    assert count(admin, "messages") == 0
    assert slack.post("chat.postMessage", json=message).json()["ok"]


@pytest.mark.parametrize(("kind", "status"), [("rate_limit", 429), ("server_error", 503)])
def test_a_refused_write_is_not_processed(
    jira: httpx.Client, admin: httpx.Client, ticket: Json, kind: str, status: int
) -> None:
    switch_on(admin, kind=kind, retry_after=7, times=1)
    response = jira.post("issue", json={"fields": ticket})
    assert (response.status_code, response.headers["retry-after"]) == (status, "7")
    assert count(admin) == 0
    assert jira.post("issue", json={"fields": ticket}).status_code == 201


def test_slack_says_ratelimited(slack: httpx.Client, admin: httpx.Client) -> None:
    switch_on(admin, kind="rate_limit", vendor="slack")
    response = slack.post("chat.postMessage", json={"channel": "#soc-alerts", "text": "x"})
    assert (response.status_code, response.json()["error"]) == (429, "ratelimited")


def test_a_slow_vendor_has_done_the_work_when_the_client_gives_up(
    jira: httpx.Client, admin: httpx.Client, ticket: Json
) -> None:
    switch_on(admin, kind="slow", seconds=30)
    began = time.monotonic()
    with pytest.raises(httpx.ReadTimeout):
        jira.post("issue", json={"fields": ticket}, timeout=0.3)
    assert time.monotonic() - began < 25
    assert count(admin) == 1


def test_a_login_page_is_html_with_200(jira: httpx.Client, admin: httpx.Client) -> None:
    switch_on(admin, kind="login_page", on="all")
    response = jira.get("myself")
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_a_fault_minds_vendor_method_and_path_and_spares_reads(
    jira: httpx.Client, slack: httpx.Client, admin: httpx.Client, ticket: Json
) -> None:
    switch_on(admin, kind="server_error", vendor="jira", path="/issue$")
    assert jira.get("myself").status_code == 200
    assert jira.post("search/jql", json={"jql": "project = SOC"}).status_code == 200
    assert slack.post("chat.postMessage", json={"channel": "#soc-alerts", "text": "x"}).json()["ok"]
    assert jira.post("issue", json={"fields": ticket}).status_code == 503


def test_faults_can_be_seen_counted_and_switched_off(
    jira: httpx.Client, admin: httpx.Client, ticket: Json
) -> None:
    switch_on(admin, kind="rate_limit", skip=1, every=2)
    statuses = [jira.post("issue", json={"fields": ticket}).status_code for _ in range(5)]
    assert statuses == [201, 201, 429, 201, 429]
    (shown,) = admin.get("/admin/faults").json()["faults"]
    assert (shown["seen"], shown["struck"]) == (5, 2)
    assert admin.delete("/admin/faults").json() == {"faults": []}
    assert jira.post("issue", json={"fields": ticket}).status_code == 201


@pytest.mark.parametrize(
    "fault", [{"kind": "earthquake"}, {"kind": "slow", "every": 0}, {"kind": "slow", "path": "("}]
)
def test_a_fault_that_makes_no_sense_is_refused(admin: httpx.Client, fault: Json) -> None:
    assert admin.post("/admin/faults", json=fault).status_code == 400


NEWER = ("pagerduty", "stackstorm", "webhook")
COUNTED = {"pagerduty": "pagerduty_events", "stackstorm": "executions", "webhook": "webhooks"}
BROKEN = (httpx.RemoteProtocolError, httpx.ReadError)


@pytest.fixture
def write(
    request: pytest.FixtureRequest,
    sandbox: SandboxServer,
    events: httpx.Client,
    stackstorm: httpx.Client,
    trigger: Json,
) -> Callable[..., httpx.Response]:
    """A good write to the vendor that the test names."""
    writes: dict[str, Callable[..., httpx.Response]] = {
        "pagerduty": lambda **more: events.post("enqueue", json=trigger, **more),
        "stackstorm": lambda **more: stackstorm.post("executions", json={"action": "soc.fail"}, **more),
        "webhook": lambda **more: httpx.post(sandbox.webhook_url, json={"incident_id": "1"}, **more),
    }
    return writes[request.getfixturevalue("vendor")]


@pytest.mark.parametrize("vendor", NEWER)
def test_a_lost_answer_was_processed_and_a_lost_request_was_not(
    vendor: str, write: Callable[..., httpx.Response], admin: httpx.Client
) -> None:
    switch_on(admin, kind="lost_answer", vendor=vendor, times=1)
    with pytest.raises(BROKEN):
        write()
    assert count(admin, COUNTED[vendor]) == 1
    switch_on(admin, kind="lost_request", vendor=vendor, times=1)
    with pytest.raises(BROKEN):
        write()
    assert count(admin, COUNTED[vendor]) == 1
    assert write().is_success
    assert count(admin, COUNTED[vendor]) == 2


@pytest.mark.parametrize("vendor", NEWER)
@pytest.mark.parametrize(
    ("kind", "status"), [("rate_limit", 429), ("server_error", 500), ("login_page", 200)]
)
def test_a_vendor_that_refuses_has_done_nothing(
    vendor: str, kind: str, status: int, write: Callable[..., httpx.Response], admin: httpx.Client
) -> None:
    switch_on(admin, kind=kind, vendor=vendor, status=500, retry_after=7)
    response = write()
    assert response.status_code == status
    assert response.headers.get("retry-after") == (None if kind == "login_page" else "7")
    assert (response.headers["content-type"] == "application/json") == (kind == "rate_limit")
    assert count(admin, COUNTED[vendor]) == 0


@pytest.mark.parametrize("vendor", NEWER)
def test_a_slow_vendor_has_done_it_already(
    vendor: str, write: Callable[..., httpx.Response], admin: httpx.Client
) -> None:
    switch_on(admin, kind="slow", vendor=vendor, seconds=30)
    with pytest.raises(httpx.ReadTimeout):
        write(timeout=0.3)
    assert count(admin, COUNTED[vendor]) == 1


def test_pagerduty_rest_says_when_in_ratelimit_reset(pagerduty: httpx.Client, admin: httpx.Client) -> None:
    switch_on(admin, kind="rate_limit", vendor="pagerduty", on="reads", retry_after=9)
    response = pagerduty.get("/services")
    assert (response.status_code, response.headers["ratelimit-reset"]) == (429, "9")
    assert response.json()["error"]["code"] == 2020
    assert "retry-after" not in response.headers


def test_a_fault_of_one_vendor_spares_the_others(
    sandbox: SandboxServer, slack: httpx.Client, admin: httpx.Client
) -> None:
    switch_on(admin, kind="server_error", vendor="webhook", on="all")
    assert httpx.post(sandbox.webhook_url).status_code == 503
    assert httpx.post(f"{sandbox.url}/webhook-gone").status_code == 503
    assert slack.post("chat.postMessage", json={"channel": "#soc-alerts", "text": "x"}).json()["ok"]
    assert admin.get("/deliveries").status_code == 200


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/jira/rest/api/3/search/jql", False),
        ("/jira-dc/rest/api/2/search", False),
        ("/jira/rest/api/3/issue", True),
        ("/slack/api/conversations.history", False),
        ("/slack/api/chat.postMessage", True),
        ("/webhook/search", True),
        ("/stackstorm/api/v1/executions", True),
    ],
)
def test_a_post_that_only_asks_is_a_read(path: str, expected: bool) -> None:
    assert is_write("POST", path) is expected
    assert not is_write("GET", path)


def test_which_of_jira_s_limits_was_reached_can_be_chosen(
    jira: httpx.Client, admin: httpx.Client, ticket: Json
) -> None:
    told = []
    for limit in ("", "issue", "quota"):
        switch_on(admin, kind="rate_limit", vendor="jira", times=1, limit=limit)
        answer = jira.post("issue", json={"fields": ticket})
        told.append((answer.status_code, answer.headers["ratelimit-reason"]))
    assert told == [
        (429, "jira-burst-based"), (429, "jira-per-issue-on-write"), (429, "jira-quota-global-based"),
    ]  # fmt: skip
    assert admin.post("/admin/faults", json={"kind": "rate_limit", "limit": "monthly"}).status_code == 400
    page = admin.get("/").text
    assert "<option>quota</option>" in page
    form = {"kind": "rate_limit", "vendor": "jira", "limit": "quota", "seconds": "1"}
    assert admin.post("/console/faults", data=form).status_code == 303
    assert "rate_limit quota" in admin.get("/").text
