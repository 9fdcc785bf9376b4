"""PagerDuty: events, their limits, and what the connection test finds."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from soc.domain.message import CallAction, Message, SendAlert
from soc.errors import FailureReason, PermanentDeliveryError
from soc.integrations.kit.base import ConnectionReport, TroubleCase
from soc.integrations.registry import connect, masked, validate
from soc.integrations.vendors.pagerduty.event import LEFT_OUT, dedup_key
from tests.integrations.examples import ALERT, ENDED, ESCALATION, RESOLVE, an_incident, called, sent_json
from tests.integrations.vendors.pagerduty.example import CREATE_INCIDENT, TRIGGERED, pagerduty_read

KEY = "e93facc04764012d7bfb002500d5d1a6"
DATA = {"integration_key": KEY, "service_id": "PSVC001", "escalation_policy_id": "PEP0001"}


def sent(message: Message, **changes: Any) -> dict[str, Any]:
    """The event that goes out for a message."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(202, json=TRIGGERED)

    client = httpx.Client(transport=httpx.MockTransport(answer))
    connect("pagerduty", validate("pagerduty", {**DATA, **changes}), http=client).deliver(
        message, delivery_id="del-1"
    )
    assert seen[0].url == "https://events.pagerduty.com/v2/enqueue"
    assert "authorization" not in seen[0].headers
    return dict(sent_json(seen[0]))


def check(handler: Any, **changes: Any) -> ConnectionReport:
    client = httpx.Client(transport=httpx.MockTransport(handler))
    return connect("pagerduty", validate("pagerduty", {**DATA, **changes}), http=client).check()


def test_an_alert_triggers_under_its_own_key() -> None:
    event = sent(ALERT)
    assert (event["event_action"], event["dedup_key"]) == ("trigger", "soc-inc-7k2m9q4x1c")
    payload = event["payload"]
    assert payload["summary"] == "[CRITICAL] Multiple failed root login attempts (SecuritySystem)"
    assert (payload["severity"], payload["source"], payload["component"]) == (
        "critical", "203.0.113.9", "SecuritySystem",
    )  # fmt: skip
    assert (payload["class"], payload["timestamp"]) == ("Security Alert", "2026-01-15T10:31:00Z")
    assert payload["custom_details"]["severity_score"] == 9


def test_the_guides_incident_is_sent_as_asked() -> None:
    event = sent(CREATE_INCIDENT)
    assert event["dedup_key"] == "soc-inc-123"
    wanted = {
        "summary": "Payment processing service is down", "source": "audit-service", "severity": "critical",
        "component": "payment-service", "group": "production",
    }  # fmt: skip
    assert event["payload"].items() >= wanted.items()
    assert event["payload"]["custom_details"]["title"] == "Critical service failure"


@pytest.mark.parametrize(
    ("message", "action"),
    [
        (RESOLVE, "resolve"),
        (called("resolve-incident", incident_id="inc-7k2m9q4x1c"), "resolve"),
        (called("acknowledge-incident", incident_id="inc-7k2m9q4x1c"), "acknowledge"),
    ],
)
def test_an_incident_is_acknowledged_and_resolved_by_the_same_key(message: Message, action: str) -> None:
    assert sent(message) == {
        "routing_key": KEY, "event_action": action, "dedup_key": sent(ALERT)["dedup_key"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("score", "severity"), [(9, "critical"), (7, "error"), (5, "warning"), (3, "info"), (1, "info")]
)
def test_the_guides_severity_mapping_is_the_default(score: int, severity: str) -> None:
    assert sent(SendAlert(incident=an_incident(score=score)))["payload"]["severity"] == severity


@pytest.mark.parametrize(
    ("word", "severity"), [("high", "error"), ("error", "error"), ("warning", "warning")]
)
def test_a_severity_asked_for_goes_through_the_mapping(word: str, severity: str) -> None:
    message = called("create-incident", incident_id="i", severity=word)
    assert sent(message)["payload"]["severity"] == severity
    assert sent(message, severity_mapping={"high": "critical"})["payload"]["severity"] in (
        "critical",
        severity,
    )


def test_a_mapping_may_name_only_what_differs() -> None:
    mapping = masked(validate("pagerduty", {**DATA, "severity_mapping": {"low": "warning"}}))[
        "severity_mapping"
    ]
    assert mapping == {
        "critical": "critical",
        "high": "error",
        "medium": "warning",
        "low": "warning",
        "info": "info",
    }


def test_long_and_hostile_text_fits() -> None:
    event = sent(SendAlert(incident=an_incident(title="x\n" * 2000, source="\x00" * 900)), practice=True)
    assert len(event["payload"]["summary"]) <= 1024
    assert "\n" not in event["payload"]["summary"]
    assert event["payload"]["summary"].startswith("PRACTICE")
    assert len(event["payload"]["component"]) <= 255
    assert len(dedup_key("x" * 400)) <= 255


def test_an_event_that_is_too_large_loses_its_details_first() -> None:
    event = sent(SendAlert(incident=an_incident(message="🙂" * 200_000)))
    assert event["payload"]["custom_details"]["note"] == LEFT_OUT
    assert event["payload"]["summary"].startswith("[CRITICAL]")
    assert len(json.dumps(event)) < 512_000


@pytest.mark.parametrize(
    ("errors", "reason"),
    [
        (["The service of this integration key is disabled"], FailureReason.GONE),
        (["Invalid routing key"], FailureReason.AUTH),
        (["Length of 'routing_key' is incorrect (should be 32 characters)"], FailureReason.AUTH),
        (["'payload.summary' is missing or blank"], FailureReason.CLIENT),
    ],
)
def test_a_wrong_key_is_told_from_a_wrong_event(errors: list[str], reason: FailureReason) -> None:
    body = {"status": "invalid event", "message": "Event object is invalid", "errors": errors}
    client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(400, json=body)))
    with pytest.raises(PermanentDeliveryError) as caught:
        connect("pagerduty", validate("pagerduty", DATA), http=client).deliver(ALERT, delivery_id="d")
    assert caught.value.reason is reason
    assert ("Integration Key" in caught.value.hint) == (reason is FailureReason.AUTH)


def test_a_key_of_another_shape_is_named_without_asking() -> None:
    def unreachable(_: httpx.Request) -> httpx.Response:
        raise AssertionError("nothing is sent")

    report = check(unreachable, integration_key="your-integration-key")
    assert (report.ok, report.case) == (False, TroubleCase.AUTHENTICATION)
    assert "32 letters" in report.summary


def answering(**rest: Any) -> Any:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.host == "events.pagerduty.com":
            assert sent_json(request)["event_action"] == "resolve"
            return httpx.Response(202, json={**TRIGGERED, "dedup_key": "soc-connection-test"})
        assert request.headers["authorization"] == "Token token=rest"
        for part, response in rest.items():
            if f"/{part}/" in f"{request.url.path}/":
                return response  # type: ignore[no-any-return]
        return pagerduty_read(request)

    return handler


def test_service_and_policy_are_shown_by_name_with_a_rest_token() -> None:
    report = check(answering(), rest_token="rest")
    assert report.ok
    assert report.warnings == ()
    assert ("Service", "SOC (PSVC001), active") in report.facts
    assert ("Escalation policy", "Default (PEP0001)") in report.facts
    assert "not looked up" in str(check(answering()).facts)


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ({"services": httpx.Response(404, json={"error": {"message": "Not Found", "code": 2100}})}, "no service PSVC001"),
        ({"services": httpx.Response(401, json={})}, "cannot be looked up"),
        ({"escalation_policies": httpx.Response(200, json={"escalation_policy": {"id": "PX", "name": "Other"}})}, "escalates by “Default”"),
        ({"services": httpx.Response(200, json={"service": {"id": "PSVC001", "name": "SOC", "status": "disabled"}})}, "disabled"),
        ({"services": httpx.Response(200, json={"service": {"name": "SOC", "integrations": [{"integration_key": "f" * 32}]}})}, "another service"),
    ],
)  # fmt: skip
def test_what_does_not_match_is_a_warning_not_a_failure(rest: dict[str, Any], words: str) -> None:
    report = check(answering(**rest), rest_token="rest")
    assert report.ok
    assert words in " ".join(report.warnings)


def test_a_token_by_which_nothing_is_looked_up_is_tried_all_the_same() -> None:
    nothing = {"service_id": "", "escalation_policy_id": "", "rest_token": "rest"}
    refused = check(answering(abilities=httpx.Response(401, json={})), **nothing)
    assert (refused.ok, refused.level) == (True, "warning")
    assert "token cannot be used" in " ".join(refused.warnings)
    assert check(answering(abilities=httpx.Response(200, json={"abilities": []})), **nothing).warnings == ()


def test_an_unknown_action_is_a_mistake_of_the_product() -> None:
    with pytest.raises(PermanentDeliveryError, match="snooze"):
        sent(CallAction(name="snooze", request={"incident_id": "i"}))


def test_an_escalation_is_acknowledged_and_resolved_under_the_key_that_it_triggered() -> None:
    ends = [ENDED, ENDED.model_copy(update={"outcome": "resolved"})]
    told = [(event["event_action"], event["dedup_key"]) for event in map(sent, (ESCALATION, *ends))]
    assert told == [(action, "soc-ntc-4d8s1q7w2e") for action in ("trigger", "acknowledge", "resolve")]
