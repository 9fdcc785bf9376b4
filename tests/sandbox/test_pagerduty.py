"""The practice PagerDuty dedups while an alert is open, says what is wrong with an event, and names its services."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from soc.sandbox import server as practice
from soc.sandbox.pagerduty.memory import PagerDutyMemory
from soc.sandbox.server import SandboxServer

Json = dict[str, Any]


def send(events: httpx.Client, event: Json, **changes: Any) -> httpx.Response:
    return events.post("enqueue", json=event | changes)


def test_an_accepted_event_is_answered_with_202_and_its_dedup_key(
    events: httpx.Client, trigger: Json, sandbox: SandboxServer
) -> None:
    response = send(events, trigger)
    assert response.status_code == 202
    assert response.json() == {
        "status": "success",
        "message": "Event processed",
        "dedup_key": "soc-incident-1",
    }
    (alert,) = sandbox.state.of(PagerDutyMemory).alerts
    assert (alert.status, alert.severity, alert.service) == (
        "triggered",
        "critical",
        practice.PAGERDUTY_SERVICE,
    )


def test_an_alert_lives_once_until_it_is_resolved(
    events: httpx.Client, trigger: Json, sandbox: SandboxServer
) -> None:
    states = []
    for action in ("trigger", "trigger", "acknowledge", "trigger", "resolve", "resolve", "trigger"):
        assert send(events, trigger, event_action=action).status_code == 202
        states.append([alert.status for alert in sandbox.state.of(PagerDutyMemory).alerts])
    assert states == [
        ["triggered"],
        ["triggered"],
        ["acknowledged"],
        ["acknowledged"],
        ["resolved"],
        ["resolved"],
        ["resolved", "triggered"],
    ]
    assert [len(alert.events) for alert in sandbox.state.of(PagerDutyMemory).alerts] == [5, 1]


def test_events_for_what_is_not_there_are_accepted_and_change_nothing(
    events: httpx.Client, trigger: Json, sandbox: SandboxServer
) -> None:
    for action in ("acknowledge", "resolve"):
        bare = {"routing_key": trigger["routing_key"], "event_action": action, "dedup_key": "never seen"}
        assert events.post("enqueue", json=bare).status_code == 202
    assert sandbox.state.of(PagerDutyMemory).alerts == []


def test_a_trigger_without_a_key_gets_one_of_its_own(
    events: httpx.Client, trigger: Json, sandbox: SandboxServer
) -> None:
    del trigger["dedup_key"]
    first, second = (send(events, trigger).json()["dedup_key"] for _ in range(2))
    assert first != second
    assert len(sandbox.state.of(PagerDutyMemory).alerts) == 2


def test_the_routing_key_alone_picks_the_service(
    events: httpx.Client, trigger: Json, sandbox: SandboxServer
) -> None:
    send(events, trigger)
    send(events, trigger, routing_key="practicepagerdutykey000000000002")
    assert [alert.service for alert in sandbox.state.of(PagerDutyMemory).alerts] == ["PPRCSVC1", "PPRCSVC2"]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"routing_key": None}, "routing_key"),
        ({"routing_key": "short"}, "routing_key"),
        ({"routing_key": "x" * 32}, "routing key"),
        ({"routing_key": "!" * 32}, "routing key"),
        ({"event_action": "explode"}, "event_action"),
        ({"event_action": "resolve", "dedup_key": ""}, "dedup_key"),
        ({"dedup_key": "k" * 256}, "dedup_key"),
        ({"dedup_key": 7}, "dedup_key"),
        ({"payload": None}, "payload"),
        ({"client": 5}, "client"),
        ({"links": [{"text": "no address"}]}, "links.href"),
        ({"images": [{"src": "http://plain.example/x.png"}]}, "images.src"),
    ],
)
def test_a_bad_event_is_refused_by_name(
    events: httpx.Client, trigger: Json, changes: Json, named: str, sandbox: SandboxServer
) -> None:
    response = send(events, trigger, **changes)
    assert (response.status_code, response.json()["status"]) == (400, "invalid event")
    (error,) = response.json()["errors"]
    assert named in error
    assert sandbox.state.of(PagerDutyMemory).events == []


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"summary": " "}, "summary"),
        ({"summary": "s" * 1025}, "summary"),
        ({"source": None}, "source"),
        ({"severity": "high"}, "severity"),
        ({"severity": ["critical"]}, "severity"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": "2026-01-15T10:30:00"}, "timestamp"),
        ({"custom_details": "text"}, "custom_details"),
        ({"group": 1}, "group"),
    ],
)
def test_a_bad_payload_is_refused_by_name(
    events: httpx.Client, trigger: Json, changes: Json, named: str
) -> None:
    response = send(events, trigger, payload=trigger["payload"] | changes)
    (error,) = response.json()["errors"]
    assert (response.status_code, named in error) == (400, True)


def test_the_longest_allowed_texts_are_accepted(events: httpx.Client, trigger: Json) -> None:
    payload = trigger["payload"] | {"summary": "s" * 1024, "timestamp": "2026-01-15T10:30:00.123+0000"}
    assert send(events, trigger, payload=payload, dedup_key="k" * 255).status_code == 202


@pytest.mark.parametrize("body", [b"{bad", b"[]", b"", b'{"a": NaN}', b"[" * 100_000])
def test_what_is_no_json_object_is_refused(events: httpx.Client, body: bytes) -> None:
    response = events.post("enqueue", content=body)
    assert (response.status_code, response.json()["errors"]) == (400, ["JSON parse error"])


def test_an_event_of_more_than_512_kilobytes_is_refused(events: httpx.Client, trigger: Json) -> None:
    payload = trigger["payload"] | {"custom_details": {"log": "x" * 512 * 1024}}
    assert send(events, trigger, payload=payload).status_code == 413


def test_a_limit_a_minute_can_be_set_and_lifted(
    events: httpx.Client, admin: httpx.Client, trigger: Json
) -> None:
    admin.post("/admin/settings", json={"events_per_minute": 2})
    assert [send(events, trigger).status_code for _ in range(3)] == [202, 202, 429]
    admin.post("/admin/settings", json={"events_per_minute": None})
    assert send(events, trigger).status_code == 202


def test_a_service_names_its_escalation_policy(pagerduty: httpx.Client) -> None:
    service = pagerduty.get(f"/services/{practice.PAGERDUTY_SERVICE}").json()["service"]
    assert service["escalation_policy"]["id"] == practice.PAGERDUTY_POLICY
    policy = pagerduty.get(f"/escalation_policies/{practice.PAGERDUTY_POLICY}").json()["escalation_policy"]
    assert policy["name"] == service["escalation_policy"]["summary"] == "SOC on call (practice)"
    assert [used["id"] for used in policy["services"]] == [practice.PAGERDUTY_SERVICE]


def test_lists_are_paged_and_searched(pagerduty: httpx.Client) -> None:
    page = pagerduty.get("/services", params={"limit": 1, "total": "true"}).json()
    assert (len(page["services"]), page["more"], page["total"]) == (1, True, 2)
    found = pagerduty.get("/escalation_policies", params={"query": "soc"}).json()
    assert [policy["id"] for policy in found["escalation_policies"]] == [practice.PAGERDUTY_POLICY]
    assert pagerduty.get("/services", params={"limit": "many"}).status_code == 400


def test_an_incident_is_found_by_its_dedup_key(
    events: httpx.Client, pagerduty: httpx.Client, trigger: Json
) -> None:
    send(events, trigger)
    send(events, trigger, dedup_key="another")
    (incident,) = pagerduty.get("/incidents", params={"incident_key": "soc-incident-1"}).json()["incidents"]
    assert (incident["status"], incident["service"]["id"]) == ("triggered", practice.PAGERDUTY_SERVICE)
    send(events, trigger, event_action="resolve")
    assert pagerduty.get(f"/incidents/{incident['id']}").json()["incident"]["status"] == "resolved"
    still_open = pagerduty.get("/incidents", params={"statuses[]": ["triggered", "acknowledged"]}).json()
    assert [found["incident_key"] for found in still_open["incidents"]] == ["another"]


@pytest.mark.parametrize("header", ["", "Token token=wrong", "Bearer practice-pd-token-01", "Token"])
def test_rest_wants_the_token_as_token_token(sandbox: SandboxServer, header: str) -> None:
    response = httpx.get(f"{sandbox.pagerduty_url}/users/me", headers={"authorization": header})
    assert response.status_code == 401
    assert set(response.json()["error"]) == {"message", "code"}


@pytest.mark.parametrize("path", ["/services/PNONE", "/escalation_policies/PNONE", "/incidents/P1", "/teams"])
def test_what_rest_does_not_have_is_404(pagerduty: httpx.Client, path: str) -> None:
    response = pagerduty.get(path)
    assert (response.status_code, response.json()) == (404, {"error": {"message": "Not Found", "code": 2100}})


def test_sixteen_clients_with_eight_keys_make_eight_alerts(
    sandbox: SandboxServer, events: httpx.Client, trigger: Json
) -> None:
    def work(_: int) -> list[int]:
        with httpx.Client(base_url=f"{sandbox.pagerduty_events_url}/v2/") as client:
            return [send(client, trigger, dedup_key=f"key {n}").status_code for n in range(8)]

    with ThreadPoolExecutor(16) as pool:
        assert {status for found in pool.map(work, range(16)) for status in found} == {202}
    assert [len(alert.events) for alert in sandbox.state.of(PagerDutyMemory).alerts] == [16] * 8
    assert sandbox.state.counts()["pagerduty_events"] == 128
