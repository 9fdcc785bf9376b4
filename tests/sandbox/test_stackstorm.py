"""The practice StackStorm checks parameters by the action's schema, runs, ends, and remembers its traces."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from soc.sandbox import server as practice
from soc.sandbox.server import SandboxServer
from soc.sandbox.stackstorm.memory import StackStormMemory

Json = dict[str, Any]
INCIDENT = {
    "action": "incident_response.create_incident",
    "parameters": {"escalation_level": "immediate", "notification_channels": ["slack", "email"]},
}
ALERT = {
    "action": "monitoring.handle_alert",
    "parameters": {"threshold": 80, "notification_channels": ["slack"]},
}


def execute(stackstorm: httpx.Client, action: str, **parameters: Any) -> httpx.Response:
    return stackstorm.post("executions", json={"action": action, "parameters": parameters})


def ended(stackstorm: httpx.Client, key: str) -> Json:
    for _ in range(200):
        execution: Json = stackstorm.get(f"executions/{key}").json()
        if execution["status"] not in ("requested", "running"):
            return execution
        time.sleep(0.02)
    raise AssertionError("the execution did not end")


@pytest.mark.parametrize("body", [INCIDENT, ALERT])
def test_the_examples_of_the_guide_run_to_their_end(stackstorm: httpx.Client, body: Json) -> None:
    requested = stackstorm.post("executions", json=body)
    assert (requested.status_code, requested.json()["status"]) == (201, "requested")
    assert "result" not in requested.json()
    done = ended(stackstorm, requested.json()["id"])
    assert (done["status"], done["result"]["exit_code"]) == ("succeeded", 0)
    assert body["action"] in done["result"]["stdout"]
    assert [entry["status"] for entry in done["log"]] == ["requested", "running", "succeeded"]


def test_an_execution_is_seen_running(stackstorm: httpx.Client) -> None:
    key = execute(stackstorm, "soc.slow", seconds=1).json()["id"]
    time.sleep(0.2)
    assert stackstorm.get(f"executions/{key}").json()["status"] == "running"
    running = stackstorm.get("executions", params={"status": "running"}).json()
    assert [execution["id"] for execution in running] == [key]


@pytest.mark.parametrize(
    ("action", "parameters", "ending"),
    [
        ("soc.fail", {"message": "as asked"}, "failed"),
        ("soc.slow", {"seconds": 5, "timeout": 0}, "timeout"),
        ("soc.slow", {"seconds": 0}, "succeeded"),
    ],
)
def test_executions_end_in_several_ways(
    stackstorm: httpx.Client, action: str, parameters: Json, ending: str
) -> None:
    done = ended(stackstorm, execute(stackstorm, action, **parameters).json()["id"])
    assert done["status"] == ending
    assert bool(done["result"]["stderr"]) == (ending != "succeeded")


def test_a_running_execution_can_be_canceled_and_an_ended_one_not(stackstorm: httpx.Client) -> None:
    key = execute(stackstorm, "soc.slow", seconds=60).json()["id"]
    assert stackstorm.delete(f"executions/{key}").json()["status"] == "canceled"
    assert ended(stackstorm, key)["status"] == "canceled"
    done = ended(stackstorm, execute(stackstorm, "soc.fail").json()["id"])
    assert stackstorm.delete(f"executions/{done['id']}").json()["status"] == "failed"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"parameters": {}}, "'action' is a required property"),
        ({"action": "soc.nope"}, 'Action "soc.nope" cannot be found.'),
        ({"action": "soc.disabled_action"}, "disabled"),
        ({"action": "soc.isolate_host"}, "'host' is a required property"),
        ({"action": "soc.isolate_host", "parameters": {"host": None}}, "not of type 'string'"),
        ({"action": "soc.isolate_host", "parameters": {"host": "h", "bogus": 1}}, "'bogus' was unexpected"),
        ({"action": "soc.isolate_host", "parameters": {"host": "h", "severity": "awful"}}, "is not one of"),
        ({"action": "soc.isolate_host", "parameters": {"host": "h", "dry_run": 1}}, "type 'boolean'"),
        ({"action": "monitoring.handle_alert", "parameters": {"threshold": "80"}}, "type 'integer'"),
        ({"action": "monitoring.handle_alert", "parameters": {"threshold": True}}, "type 'integer'"),
        ({"action": "soc.slow", "parameters": {"seconds": True}}, "type 'number'"),
        ({"action": "soc.slow", "parameters": []}, "type 'object'"),
        ({"action": 5}, "type 'string'"),
        ({"action": "soc.fail", "context": {"trace_context": "tag"}}, "trace context"),
        ([], "type 'object'"),
    ],
)
def test_a_bad_request_is_400_and_runs_nothing(
    stackstorm: httpx.Client, body: Json, fault: str, sandbox: SandboxServer
) -> None:
    response = stackstorm.post("executions", json=body)
    assert (response.status_code, list(response.json())) == (400, ["faultstring"])
    assert fault in response.json()["faultstring"]
    assert sandbox.state.of(StackStormMemory).executions == {}


@pytest.mark.parametrize("body", [b"{bad", b"", b'{"action": NaN}'])
def test_what_is_not_json_is_400(stackstorm: httpx.Client, body: bytes) -> None:
    assert stackstorm.post("executions", content=body).status_code == 400


def test_an_optional_parameter_may_be_null(stackstorm: httpx.Client) -> None:
    assert execute(stackstorm, "soc.fail", message=None).status_code == 201


def test_actions_are_listed_filtered_and_paged(stackstorm: httpx.Client) -> None:
    everything = stackstorm.get("actions")
    assert everything.headers["x-total-count"] == "6"
    assert everything.json()[0]["ref"] == "incident_response.create_incident"
    assert {a["name"] for a in everything.json() if not a["enabled"]} == {"disabled_action"}
    of_soc = stackstorm.get("actions", params={"pack": "soc", "limit": 2, "offset": 1})
    assert ([a["ref"] for a in of_soc.json()], of_soc.headers["x-total-count"]) == (
        ["soc.fail", "soc.isolate_host"],
        "4",
    )
    assert [a["pack"] for a in stackstorm.get("actions?name=handle_alert").json()] == ["monitoring"]
    assert stackstorm.get("actions?include_attributes=ref&limit=1").json()[0].keys() == {"id", "ref"}
    assert "Limit" in stackstorm.get("actions?limit=-5").json()["faultstring"]
    assert [pack["ref"] for pack in stackstorm.get("packs").json()] == [
        "incident_response",
        "monitoring",
        "soc",
    ]


def test_an_action_shows_the_schema_of_its_parameters(stackstorm: httpx.Client) -> None:
    action = stackstorm.get("actions/soc.isolate_host").json()
    assert action["parameters"]["host"]["required"] is True
    assert action["parameters"]["severity"]["enum"] == ["low", "medium", "high", "critical"]
    assert stackstorm.get(f"actions/{action['id']}").json() == action


def test_a_secret_parameter_is_not_kept(
    stackstorm: httpx.Client, sandbox: SandboxServer, journal: Any
) -> None:
    shown = execute(stackstorm, "soc.isolate_host", host="h", ticket_secret="hunter2")
    assert "hunter2" not in shown.text + journal.read_text()
    assert shown.json()["parameters"] == {"host": "h", "ticket_secret": "********"}


def test_the_same_tag_runs_again_and_only_traces_find_it(stackstorm: httpx.Client) -> None:
    tagged = INCIDENT | {"context": {"trace_context": {"trace_tag": "soc-1"}}}
    keys = [stackstorm.post("executions", json=tagged).json()["id"] for _ in range(2)]
    other = execute(stackstorm, "soc.fail").json()["id"]
    traces = stackstorm.get("traces", params={"trace_tag": "soc-1"}).json()
    assert [trace["action_executions"][0]["object_id"] for trace in traces] == keys[::-1]
    assert stackstorm.get("traces", params={"trace_tag": "none"}).json() == []
    assert stackstorm.get(f"traces/{traces[0]['id']}").json() == traces[0]
    ignored = stackstorm.get("executions", params={"trace_tag": "soc-1"}).json()
    assert {execution["id"] for execution in ignored} == {*keys, other}


@pytest.mark.parametrize(
    "path", ["actions/soc.nope", "executions/000000000000000000000000", "traces/0", "rules"]
)
def test_what_is_not_there_is_404_with_a_faultstring(stackstorm: httpx.Client, path: str) -> None:
    response = stackstorm.get(path)
    assert (response.status_code, list(response.json())) == (404, ["faultstring"])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"st2-api-key": practice.STACKSTORM_API_KEY}, 200),
        ({"x-auth-token": practice.STACKSTORM_API_KEY}, 200),
        ({"x-auth-token": "x", "st2-api-key": practice.STACKSTORM_API_KEY}, 401),
        ({"st2-api-key": "wrong"}, 401),
        ({"x-auth-token": "wrong"}, 401),
        ({}, 401),
    ],
)
def test_a_key_or_a_token_is_needed_not_both(
    sandbox: SandboxServer, headers: dict[str, str], status: int
) -> None:
    response = httpx.get(f"{sandbox.stackstorm_url}/v1/actions", headers=headers)
    assert response.status_code == status
    assert (status == 200) == isinstance(response.json(), list)


def test_sixteen_clients_run_as_many_executions_as_they_ask_for(
    sandbox: SandboxServer, stackstorm: httpx.Client
) -> None:
    def work(_: int) -> list[str]:
        with httpx.Client(base_url=stackstorm.base_url, headers=stackstorm.headers) as client:
            return [execute(client, "soc.fail").json()["id"] for _ in range(8)]

    with ThreadPoolExecutor(16) as pool:
        keys = {key for found in pool.map(work, range(16)) for key in found}
    assert len(keys) == sandbox.state.counts()["executions"] == 128
