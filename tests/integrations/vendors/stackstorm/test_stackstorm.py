"""StackStorm: parameters by the action's own schema, runs followed to their end, what is never shown."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from soc.domain.message import Message, Receipt, SendAlert
from soc.errors import FailureReason, PermanentDeliveryError
from soc.integrations.kit.base import TroubleCase
from soc.integrations.kit.redaction import MASK
from soc.integrations.registry import InvalidConfiguration, connect, masked, split_secrets, validate
from soc.integrations.vendors.stackstorm.bodies import ListActions, ShowExecution
from soc.integrations.vendors.stackstorm.parameters import fields_of_incident, filled, problems_of
from tests.integrations.examples import ALERT, SECRET, SINCE, an_incident, called, sent_json
from tests.integrations.vendors.stackstorm.example import EXECUTE, RAN, STACKSTORM

GUIDE_ALERT = called(
    "send-alert",
    alert_id="alert-456",
    alert_data={"title": "High CPU usage detected", "severity": "warning", "affected_services": ["web-server"]},
    pack_name="monitoring",
    action_name="handle_alert",
    action_parameters={"threshold": 80, "notification_channels": ["slack"]},
)  # fmt: skip
TEXT = {"type": "string"}
RECEIPT = Receipt(remote_id="5f2b1c9d8e7a6b5c4d3e2f1a", key="p.a", open=True)
CALLED = called(
    "execute-action", incident_id="inc-123", pack_name="incident_response", action_name="create_incident"
)


class Remote:
    """A StackStorm with one action; a run goes through `states`, one a look."""

    def __init__(
        self, schema: dict[str, Any], *, states: tuple[str, ...] = ("succeeded",), **action: Any
    ) -> None:
        self.action = {"ref": "p.a", "enabled": True, "runner_type": "noop", "parameters": schema, **action}
        self.states = list(states)
        self.sent: list[dict[str, Any]] = []
        self.traces: list[dict[str, Any]] = []
        self.result: Any = {"stdout": "done"}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1")
        assert request.headers["st2-api-key"] == SECRET
        if path.startswith("/actions"):
            one = path != "/actions"
            return httpx.Response(200, json=self.action if one else [self.action])
        if path.startswith("/runnertypes"):
            return httpx.Response(200, json={"runner_parameters": {"timeout": {"type": "integer"}}})
        if path == "/traces":
            return httpx.Response(200, json=self.traces)
        if request.method == "POST":
            self.sent.append(sent_json(request))
            return httpx.Response(201, json=self.run("requested"))
        return httpx.Response(
            200, json=self.run(self.states.pop(0) if len(self.states) > 1 else self.states[0])
        )

    def run(self, status: str) -> dict[str, Any]:
        over = status in ("succeeded", "failed", "timeout")
        return {**RAN, "status": status, "result": self.result if over else {}}

    def deliver(self, message: Message, **changes: Any) -> Receipt:
        return self.connector(**changes).deliver(message, delivery_id="del-1")

    def connector(self, **changes: Any) -> Any:
        client = httpx.Client(transport=httpx.MockTransport(self))
        return connect("stackstorm", validate("stackstorm", {**STACKSTORM, **changes}), http=client)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("soc.integrations.vendors.stackstorm.execution.time.sleep", lambda _: None)


def test_the_guides_action_runs_with_its_parameters_alone_where_it_declares_no_more() -> None:
    remote = Remote({"escalation_level": TEXT, "notification_channels": {"type": "array"}})
    remote.deliver(EXECUTE)
    assert remote.sent == [
        {
            "action": "incident_response.create_incident",
            "parameters": {"escalation_level": "immediate", "notification_channels": ["slack", "email"]},
            "context": {"trace_context": {"trace_tag": "del-1"}},
        }
    ]


def test_the_guides_alert_fills_the_parameters_that_the_action_names() -> None:
    schema = {"threshold": {"type": "integer"}, "notification_channels": {"type": "array", "items": TEXT},
              "alert_id": TEXT, "title": TEXT, "affected_services": TEXT, "alert_data": {"type": "object"}}  # fmt: skip
    remote = Remote(schema)
    remote.deliver(GUIDE_ALERT)
    parameters = remote.sent[0]["parameters"]
    assert parameters["threshold"] == 80
    assert (parameters["alert_id"], parameters["title"]) == ("alert-456", "High CPU usage detected")
    assert parameters["affected_services"] == "web-server", "a list becomes text where text is wanted"
    assert parameters["alert_data"]["severity"] == "warning"


def test_what_is_given_is_never_overwritten_and_secrets_and_fixed_parameters_are_never_filled() -> None:
    schema = {"title": TEXT, "severity": {**TEXT, "immutable": True}, "entity": {**TEXT, "secret": True},
              "score": {"type": "boolean"}, "count": {"type": "integer"}}  # fmt: skip
    made = filled(schema, {"title": "mine"}, fields_of_incident(an_incident()))
    assert made == {"title": "mine", "count": 3}


def test_an_incident_by_a_rule_runs_the_chosen_action() -> None:
    remote = Remote({"incident_id": {**TEXT, "required": True}, "channel": TEXT})
    remote.deliver(ALERT, action_parameters='{"channel": "#soc"}')
    assert remote.sent[0]["action"] == "monitoring.handle_alert"
    assert remote.sent[0]["parameters"] == {"incident_id": "inc-7k2m9q4x1c", "channel": "#soc"}


def test_without_a_chosen_action_an_incident_goes_nowhere_and_says_so() -> None:
    remote = Remote({})
    with pytest.raises(PermanentDeliveryError, match="No StackStorm action is chosen") as caught:
        remote.deliver(ALERT, pack_name="", action_name="")
    assert "Pack and Action" in caught.value.hint


@pytest.mark.parametrize(
    ("schema", "parameters", "wrong"),
    [
        ({"host": {**TEXT, "required": True}}, {}, {"host": "is required"}),
        ({"host": {**TEXT, "required": True, "default": "h"}}, {}, {}),
        ({"n": {"type": "integer"}}, {"n": "x"}, {"n": "must be of type integer"}),
        ({"n": {"type": "integer"}}, {"n": True}, {"n": "must be of type integer"}),
        ({"n": {"type": "integer"}}, {"n": "{{ config_context.n }}"}, {}),
        ({"n": {"type": ["integer", "null"]}}, {"n": None}, {}),
        ({"n": {"type": "integer", "minimum": 5}}, {"n": 4}, {"n": "must be at least 5"}),
        ({"n": {"type": "number", "maximum": 5}}, {"n": 5.5}, {"n": "must be at most 5"}),
        ({"s": {"enum": ["low", "high"]}}, {"s": "x"}, {"s": "must be one of low, high"}),
        ({"l": {"type": "array", "items": TEXT}}, {"l": [1]}, {"l": "must be a list of string"}),
        ({"f": {"immutable": True}}, {"f": 1}, {"f": "cannot be set: the action fixes it"}),
        ({}, {"timeout": 5}, {}),
        ({}, {"nope": 5}, {"nope": "is not a parameter of the action"}),
    ],
)
def test_parameters_are_checked_against_the_actions_own_schema(
    schema: dict[str, Any], parameters: dict[str, Any], wrong: dict[str, str]
) -> None:
    assert problems_of(schema, parameters, {"timeout": {}}) == wrong


def test_what_the_action_would_refuse_is_not_sent_and_named_without_its_value() -> None:
    remote = Remote({"host": {**TEXT, "required": True}, "n": {"type": "integer"}})
    with pytest.raises(PermanentDeliveryError, match="host is required; n must be of type integer") as caught:
        remote.deliver(
            called(
                "execute-action",
                incident_id="i",
                pack_name="p",
                action_name="a",
                action_parameters={"n": SECRET},
            )
        )
    assert caught.value.reason is FailureReason.CLIENT
    assert SECRET not in str(caught.value)
    assert remote.sent == []


def test_a_disabled_action_is_not_run() -> None:
    remote = Remote({}, enabled=False)
    with pytest.raises(PermanentDeliveryError, match="disabled") as caught:
        remote.deliver(EXECUTE)
    assert "st2 action enable" in caught.value.hint
    assert remote.sent == []


@pytest.mark.parametrize("end", ["succeeded", "failed", "timeout"])
def test_a_run_is_followed_to_its_end_and_its_output_kept(end: str) -> None:
    receipt = Remote({}, states=("running", "running", end)).deliver(CALLED)
    assert receipt.extra["status"] == end
    assert json.loads(receipt.extra["output"]) == {"stdout": "done"}
    assert receipt.url == "https://stackstorm.example/#/history/5f2b1c9d8e7a6b5c4d3e2f1a/general"


def test_an_incident_s_run_holds_no_worker_and_is_followed_up_later() -> None:
    remote = Remote({}, states=("running", "succeeded"))
    receipt = remote.deliver(ALERT)
    assert receipt.open
    connector = remote.connector()
    while receipt.open:
        receipt = connector.follow_up(receipt, ALERT)
    assert receipt.extra["status"] == "succeeded"


PASSWORD = "correct-horse-battery"


def test_what_is_typed_as_a_parameter_named_like_a_secret_is_one() -> None:
    config = validate(
        "stackstorm", {**STACKSTORM, "action_parameters": {"ticket_password": PASSWORD, "mode": "full"}}
    )
    assert masked(config)["action_parameters"] == {"mode": "full"}
    assert masked(config)["secret_parameters"] == {"ticket_password": MASK}
    public, secrets = split_secrets(config)
    assert PASSWORD not in json.dumps(public)
    assert PASSWORD in secrets["secret_parameters"]


def test_the_secret_parameters_of_the_configuration_reach_the_action() -> None:
    remote = Remote({"ticket_secret": {**TEXT, "secret": True}})
    remote.deliver(ALERT, secret_parameters={"ticket_secret": PASSWORD})
    assert remote.sent[0]["parameters"]["ticket_secret"] == PASSWORD


def test_a_parameter_stands_in_one_place_only() -> None:
    with pytest.raises(InvalidConfiguration, match="give it once"):
        validate(
            "stackstorm", {**STACKSTORM, "action_parameters": {"pin": "1"}, "secret_parameters": {"pin": "2"}}
        )


def test_an_action_that_prints_its_secret_parameter_does_not_bring_it_into_the_receipt() -> None:
    remote = Remote({"pin": {**TEXT, "secret": True}}, states=("running", "succeeded"))
    remote.result = {"stdout": f"logged in with {PASSWORD}"}
    call = called(
        "execute-action",
        incident_id="inc-1",
        pack_name="p",
        action_name="a",
        action_parameters={"pin": PASSWORD},
    )
    assert PASSWORD not in remote.deliver(call).model_dump_json()
    connector = remote.connector()
    assert PASSWORD not in connector.follow_up(RECEIPT, call).model_dump_json()
    remote.traces = [{"trace_tag": "del-1", "action_executions": [{"object_id": RAN["id"]}]}]
    assert PASSWORD not in connector.reconcile(call, delivery_id="del-1", since=SINCE).model_dump_json()


def test_the_test_says_which_parameter_belongs_under_the_secret_ones() -> None:
    remote = Remote({"pin": {**TEXT, "secret": True}})
    report = remote.connector(action_parameters={"pin": "0815"}).check()
    assert any("pin" in warning and "Secret action parameters" in warning for warning in report.warnings)


@pytest.mark.parametrize("state", ["running", "paused"])
def test_a_run_that_lasts_is_told_as_it_is(state: str) -> None:
    receipt = Remote({}, states=(state,)).deliver(CALLED, timeout=1)
    assert receipt.extra["status"] == state
    assert "Still running" in receipt.extra["note"]


def test_the_output_is_bounded_and_never_holds_the_key() -> None:
    remote = Remote({})
    remote.result = {"stdout": f"{SECRET} " + "x" * 20_000}
    output = remote.deliver(CALLED).extra["output"]
    assert len(output) <= 8_000
    assert SECRET not in output


def test_a_run_is_found_by_its_trace_and_no_other() -> None:
    remote = Remote({})
    row = {"action_executions": [{"object_id": RAN["id"]}], "start_timestamp": "2026-01-15T10:30:00Z"}
    remote.traces = [{**row, "trace_tag": "del-other"}]
    connector = remote.connector()
    assert connector.reconcile(ALERT, delivery_id="del-1", since=SINCE) is None
    remote.traces.append({**row, "trace_tag": "del-1"})
    assert connector.reconcile(ALERT, delivery_id="del-1", since=SINCE).remote_id == RAN["id"]


def test_a_refused_key_shows_neither_the_key_nor_its_hash() -> None:
    body = {"faultstring": f"Unauthorized - ApiKey with key_hash=abc123 not found. {SECRET}"}
    client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(401, json=body)))
    report = connect("stackstorm", validate("stackstorm", STACKSTORM), http=client).check()
    assert report.case is TroubleCase.AUTHENTICATION
    assert "abc123" not in report.model_dump_json()
    assert "ApiKey" not in report.model_dump_json()


def test_the_connection_test_says_what_the_chosen_action_lacks() -> None:
    lacking = Remote({"host_group": {**TEXT, "required": True}, "incident_id": {**TEXT, "required": True}})
    assert "host_group" in " ".join(lacking.connector().check().warnings)
    fine = Remote({"incident_id": {**TEXT, "required": True}}).connector().check()
    assert (fine.ok, fine.warnings) == (True, ())


def test_the_actions_are_listed_without_fixed_parameters_and_secret_defaults() -> None:
    schema = {
        "a": {**TEXT, "default": "x"},
        "b": {"immutable": True},
        "c": {"secret": True, "default": SECRET},
    }
    [listed] = Remote(schema, pack="p", name="a").connector().ask("actions", ListActions())
    assert listed["parameters"] == {"a": {"type": "string", "default": "x"}, "c": {"secret": True}}


def test_an_execution_is_shown() -> None:
    shown = Remote({}).connector().ask("execution", ShowExecution(execution_id=RAN["id"]))
    assert (shown["status"], shown["ended"]) == ("succeeded", True)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://st2.example", "https://st2.example/api/v1"),
        ("https://st2.example/api/v1/", "https://st2.example/api/v1"),
        ("https://st2.example:9101/v1", "https://st2.example:9101/v1"),
    ],
)
def test_a_pasted_address_leads_to_the_api(given: str, url: str) -> None:
    assert validate("stackstorm", {**STACKSTORM, "base_url": given}).api_url == url  # type: ignore[attr-defined]


def test_pack_and_action_belong_together() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        validate("stackstorm", {**STACKSTORM, "action_name": ""})
    assert "action_name" in caught.value.fields


def test_hostile_text_becomes_text() -> None:
    remote = Remote({"title": TEXT, "payload": {"type": "object"}})
    remote.deliver(SendAlert(incident=an_incident(title="\x00{{ st2kv.system.secret }}\ud800")))
    assert "\x00" not in remote.sent[0]["parameters"]["title"]
