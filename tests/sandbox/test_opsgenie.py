"""The practice Opsgenie: one alert an alias while it is open, requests with their outcome, refusals in its words."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from soc.integrations.registry import KINDS, connect, validate
from soc.sandbox.opsgenie.memory import OpsgenieMemory
from soc.sandbox.server import SandboxServer
from tests.integrations.examples import ALERT, RESOLVE

Json = dict[str, Any]
ALIAS = {"identifierType": "alias"}
HOSTILE = "<script>alert(1)</script>"


def outcome(opsgenie: httpx.Client, answer: httpx.Response) -> Json:
    assert answer.status_code == 202, answer.text
    found: Json = opsgenie.get(f"alerts/requests/{answer.json()['requestId']}").json()["data"]
    return found


def test_an_alert_is_created_read_and_closed_by_its_alias(opsgenie: httpx.Client) -> None:
    made = outcome(
        opsgenie, opsgenie.post("alerts", json={"message": "down", "alias": "soc-1", "tags": ["a"]})
    )
    assert (made["action"], made["isSuccess"], made["alias"]) == ("Create", True, "soc-1")
    alert = opsgenie.get("alerts/soc-1", params=ALIAS).json()["data"]
    assert (alert["id"], alert["status"], alert["priority"]) == (made["alertId"], "open", "P3")
    assert outcome(opsgenie, opsgenie.post("alerts/soc-1/close", params=ALIAS, json={}))["success"]
    assert opsgenie.get(f"alerts/{alert['id']}").json()["data"]["status"] == "closed"


def test_an_open_alias_is_one_alert_and_a_closed_one_opens_another(opsgenie: httpx.Client) -> None:
    for _ in range(3):
        opsgenie.post("alerts", json={"message": "down", "alias": "soc-1"})
    (alert,) = opsgenie.get("alerts").json()["data"]
    assert alert["count"] == 3
    opsgenie.post("alerts/soc-1/close", params=ALIAS)
    opsgenie.post("alerts", json={"message": "down again", "alias": "soc-1"})
    assert [one["status"] for one in opsgenie.get("alerts").json()["data"]] == ["open", "closed"]


def test_what_is_not_there_is_taken_and_its_outcome_says_so(opsgenie: httpx.Client) -> None:
    closed = outcome(opsgenie, opsgenie.post("alerts/soc-connection-test/close", params=ALIAS))
    assert (closed["success"], closed["status"]) == (False, "Alert does not exist")
    assert opsgenie.get("alerts/none").status_code == 404
    assert opsgenie.get("alerts/requests/none").status_code == 404
    assert opsgenie.get("schedules").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "message"),
        ({"message": " "}, "message"),
        ({"message": "x" * 131}, "message"),
        ({"message": "x", "alias": "a" * 513}, "alias"),
        ({"message": "x", "priority": "P6"}, "priority"),
        ({"message": "x", "tags": "a"}, "tags"),
        ({"message": "x", "details": {"n": 1}}, "details"),
    ],
)
def test_a_wrong_alert_is_refused_by_field(opsgenie: httpx.Client, body: Json, field: str) -> None:
    answer = opsgenie.post("alerts", json=body)
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {field}
    assert opsgenie.get("alerts").json()["data"] == []


@pytest.mark.parametrize(
    ("key", "status", "said"),
    [
        ("GenieKey 00000000-0000-4000-8000-000000000000", 401, "Could not authenticate"),
        ("GenieKey short", 422, "Key format is not valid!"),
        ("Bearer x", 401, "API key"),
    ],
)
def test_a_wrong_key_is_refused_as_opsgenie_does(
    opsgenie: httpx.Client, key: str, status: int, said: str
) -> None:
    answer = opsgenie.post("alerts", json={"message": "x"}, headers={"authorization": key})
    assert answer.status_code == status
    assert said in answer.json()["message"]
    assert set(answer.json()) >= {"took", "requestId"}


def test_no_json_is_refused(opsgenie: httpx.Client) -> None:
    assert opsgenie.post("alerts", content=b"{").status_code == 400


def test_the_console_shows_an_alert_and_a_person_acknowledges_and_closes_it(
    opsgenie: httpx.Client, admin: httpx.Client, sandbox: SandboxServer
) -> None:
    opsgenie.post("alerts", json={"message": HOSTILE, "description": HOSTILE, "details": {HOSTILE: HOSTILE}})
    (alert,) = sandbox.state.of(OpsgenieMemory).alerts.values()
    for action, shown in (("acknowledge", "acknowledged"), ("close", "closed"), ("close", "closed")):
        assert admin.post(f"/opsgenie-alert/{alert.id}/{action}").status_code == 303
        assert f"<td>{shown}</td>" in admin.get("/opsgenie-alerts").text
    for path in ("/", "/opsgenie-alerts", f"/opsgenie-alert/{alert.id}"):
        assert "<script" not in admin.get(path).text
    assert admin.get("/opsgenie-alert/none").status_code == 404


def test_the_product_opens_and_closes_its_alert_there_and_sees_a_wrong_key(
    sandbox: SandboxServer, opsgenie: httpx.Client
) -> None:
    practice = KINDS["opsgenie"].practice
    assert practice is not None
    with httpx.Client() as client:
        speaks = connect("opsgenie", validate("opsgenie", practice(sandbox.url)), http=client)
        assert speaks.check().ok
        for message in (ALERT, ALERT, RESOLVE):
            speaks.deliver(message, delivery_id="del-1")
        wrong = validate("opsgenie", {**practice(sandbox.url), "api_key": "no-key-at-all"})
        assert connect("opsgenie", wrong, http=client).check().case == "authentication failure"
    (alert,) = opsgenie.get("alerts").json()["data"]
    assert (alert["count"], alert["status"], alert["priority"]) == (2, "closed", "P1")


def test_a_throttled_client_hears_it_in_opsgenie_s_words(opsgenie: httpx.Client, admin: httpx.Client) -> None:
    admin.post("/admin/faults", json={"kind": "rate_limit", "vendor": "opsgenie", "retry_after": 7})
    answer = opsgenie.post("alerts", json={"message": "x"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.headers["x-ratelimit-state"] == "THROTTLED"


def test_alerts_outlive_the_process(sandbox: SandboxServer, opsgenie: httpx.Client, journal: Any) -> None:
    opsgenie.post("alerts", json={"message": "kept", "alias": "soc-1"})
    opsgenie.post("alerts/soc-1/close", params=ALIAS)
    sandbox.stop()
    with SandboxServer(state_path=journal) as again:
        (alert,) = again.state.of(OpsgenieMemory).alerts.values()
        assert (alert.message, alert.status) == ("kept", "closed")
