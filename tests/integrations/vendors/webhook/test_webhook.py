"""The webhook: the guide's payload, signatures, what a receiver may answer, which addresses are judged how."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from soc import clock
from soc.domain.message import Message
from soc.errors import FailureReason, PermanentDeliveryError
from soc.integrations.kit.addresses import AddressGuard
from soc.integrations.kit.base import ConnectionReport
from soc.integrations.registry import KINDS, connect, validate
from soc.integrations.vendors.webhook import judge_url
from soc.integrations.vendors.webhook.bodies import ValidateUrl
from soc.integrations.vendors.webhook.signature import signature_headers
from tests.integrations.examples import ALERT, ENDED, GUIDE_DATA, RESOLVE, called, sent_json
from tests.integrations.vendors.webhook.example import SEND

ONE, TWO = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_" + "QUJD" * 8
DATA = {"url": "https://receiver.example/hook", "signing_secrets": [ONE]}


def requests_of(
    message: Message, *, tries: int = 1, answer: httpx.Response | None = None, **changes: Any
) -> list[httpx.Request]:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer or httpx.Response(200)

    client = httpx.Client(transport=httpx.MockTransport(handler))
    connector = connect("webhook", validate("webhook", {**DATA, **changes}), http=client)
    for _ in range(tries):
        connector.deliver(message, delivery_id="dlv-1")
    return seen


def sent(message: Message, **changes: Any) -> httpx.Request:
    return requests_of(message, **changes)[0]


def test_the_guides_payload_to_the_letter() -> None:
    body = sent_json(sent(SEND))
    assert list(body) == [
        "event_type",
        "timestamp",
        "incident_id",
        "incident_data",
        "source",
        "custom_details",
    ]
    assert clock.parse(body.pop("timestamp")) <= clock.now()
    assert body == {
        "event_type": "incident",
        "incident_id": "inc-123",
        "incident_data": {"title": "Service degradation", "severity": "medium", "affected_services": ["api"]},
        "source": "audit-service",
        "custom_details": {"custom_field": "custom_value"},
    }


@pytest.mark.parametrize(
    ("message", "event_type", "incident_id"),
    [
        (ALERT, "incident", "inc-7k2m9q4x1c"),
        (RESOLVE, "incident.resolved", "inc-7k2m9q4x1c"),
        (called("send-incident", incident_id="inc-1", incident_data=GUIDE_DATA), "incident", "inc-1"),
        (called("send-alert", alert_id="a-1", alert_data=GUIDE_DATA), "alert", "a-1"),
        (called("send", incident_id="inc-1", event_type="ticket.closed"), "ticket.closed", "inc-1"),
    ],
)
def test_each_message_has_its_event_type(message: Message, event_type: str, incident_id: str) -> None:
    body = sent_json(sent(message))
    assert (body["event_type"], body["incident_id"]) == (event_type, incident_id)


def test_an_incident_has_every_field_of_the_guides_format() -> None:
    body = sent_json(sent(ALERT, practice=True))
    assert list(body["incident_data"]) == [
        "title",
        "severity",
        "description",
        "affected_services",
        "component",
        "group",
    ]
    assert body["custom_details"]["score"] == 9
    assert body["custom_details"]["practice"] is True


def test_every_secret_signs_and_an_independent_hand_agrees() -> None:
    request = sent(SEND, signing_secrets=[ONE, TWO])
    stamp = request.headers["webhook-timestamp"]
    content = f"dlv-1.{stamp}.".encode() + request.content
    signatures = request.headers["webhook-signature"].split(" ")
    for secret, signature in zip((ONE, TWO), signatures, strict=True):
        key = base64.b64decode(secret[6:])
        wanted = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        assert signature == f"v1,{wanted}"
    assert abs(int(stamp) - clock.now().timestamp()) < 60


def test_the_official_library_accepts_the_signature() -> None:
    library = pytest.importorskip(
        "standardwebhooks", reason="the bench's own environment has it; the bench uses it"
    )
    request = sent(SEND, signing_secrets=[TWO, ONE])
    assert library.Webhook(ONE).verify(request.content, dict(request.headers))


def test_the_known_signature_of_the_standards_own_libraries() -> None:
    made = signature_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        [ONE],
        now=datetime.fromtimestamp(1614265330, UTC),
    )
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_retry_keeps_its_id_and_is_signed_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(clock.parse(f"2026-01-15T10:30:{n:02d}Z") for n in range(0, 60, 5))
    monkeypatch.setattr("soc.integrations.vendors.webhook.connector.clock.now", lambda: next(moments))
    first, second = requests_of(SEND, tries=2)
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "dlv-1"
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


def test_without_a_secret_nothing_pretends_to_be_signed() -> None:
    assert "webhook-signature" not in sent(SEND, signing_secrets=[]).headers


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "patch"])
def test_the_configured_method_headers_and_address_are_used(method: str) -> None:
    headers = {
        "Authorization": "Bearer your-token",
        "X-Custom-Header": "value",
        "Content-Type": "application/json",
    }
    request = sent(SEND, method=method, headers=headers, url="https://receiver.example:8443/a/b/?sig=a%2Fb")
    assert request.method == method.upper()
    assert str(request.url) == "https://receiver.example:8443/a/b/?sig=a%2Fb"
    assert request.headers["authorization"] == "Bearer your-token"
    assert request.headers.get_list("content-type") == ["application/json"]


@pytest.mark.parametrize("text", ["ok", "", "null", "[", "received"])
def test_a_receiver_may_answer_what_it_likes(text: str) -> None:
    assert requests_of(SEND, answer=httpx.Response(202, text=text))


def test_an_endpoint_that_is_gone_is_permanent_and_says_to_switch_it_off() -> None:
    with pytest.raises(PermanentDeliveryError) as caught:
        sent(SEND, answer=httpx.Response(410))
    assert (caught.value.status, caught.value.reason) == (410, FailureReason.GONE)
    assert "switch the webhook off" in caught.value.hint


def check(answer: httpx.Response, **changes: Any) -> ConnectionReport:
    client = httpx.Client(transport=httpx.MockTransport(lambda _: answer))
    return connect("webhook", validate("webhook", {**DATA, **changes}), http=client).check()


def test_the_connection_test_hints_at_the_signature() -> None:
    assert check(httpx.Response(204)).ok
    assert "not signed" in " ".join(check(httpx.Response(204), signing_secrets=[]).warnings)
    refused = check(httpx.Response(401, json={"error": "no matching signature"}))
    assert not refused.ok
    assert "signing secret" in refused.hint


PUBLIC = "93.184.215.14"


@pytest.mark.parametrize(
    ("url", "address", "valid", "words"),
    [
        ("https://your-system.com/webhook?x=1", PUBLIC, True, "public"),
        ("http://your-system.com/webhook", PUBLIC, False, "use https"),
        ("https://your-system.com/webhook", "10.0.0.5", False, "private"),
        ("https://your-system.com/webhook", "169.254.169.254", False, "never allowed"),
        ("https://your-system.com/webhook", "::ffff:127.0.0.1", False, "127.0.0.1"),
        ("http://hooks.corp.example/x", "10.0.0.5", True, "list"),
        ("https://user:pw@your-system.com/?t=1", PUBLIC, True, "public"),
        ("ftp://your-system.com/", PUBLIC, False, "https://"),
        ("nonsense", PUBLIC, False, "https://"),
        ("https://your-system.com:99999/", PUBLIC, False, "web address"),
        ("https://8.8.8.8:0/", "8.8.8.8", False, "port"),
        ("https://example.com\0.evil/", PUBLIC, False, "copy it again"),
    ],
)
def test_the_verdict_over_an_address_says_why(url: str, address: str, valid: bool, words: str) -> None:
    guard = AddressGuard(("hooks.corp.example",))
    verdict = judge_url(url, guard=guard, resolver=lambda *_: [address])
    assert (verdict["valid"], words in verdict["reason"]) == (valid, True), verdict
    assert bool(verdict["hint"]) == (not valid)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("169.254.169.254", "credentials"),
        ("169.254.1.1", "credentials"),
        ("fe80::1", "credentials"),
        ("0.0.0.0", "this machine"),
        ("::", "this machine"),
        ("224.0.0.1", "group"),
        ("ff02::1", "group"),
        ("255.255.255.255", "every machine"),
    ],
)
def test_an_address_that_is_never_allowed_has_the_hint_of_its_class(address: str, words: str) -> None:
    verdict = judge_url("https://a.example/", guard=AddressGuard(), resolver=lambda *_: [address])
    assert "never allowed" in verdict["reason"]
    assert words in verdict["hint"]
    assert ("credentials" in verdict["hint"]) == (words == "credentials")


def test_one_bad_address_among_several_is_enough() -> None:
    verdict = judge_url("https://a.example/", guard=AddressGuard(), resolver=lambda *_: [PUBLIC, "127.0.0.1"])
    assert not verdict["valid"]
    assert verdict["addresses"] == [PUBLIC, "127.0.0.1"]


def test_a_name_that_does_not_resolve_is_said_so() -> None:
    def nothing(host: str, port: int) -> list[str]:
        raise OSError

    assert "resolved" in judge_url("https://a.example/", guard=AddressGuard(), resolver=nothing)["reason"]


def test_validate_url_is_answered_without_connecting_and_without_a_configuration() -> None:
    action = next(one for one in KINDS["webhook"].actions if one.name == "validate-url")
    assert action.answer is not None
    verdict = action.answer(ValidateUrl(url="https://127.0.0.1/hook"))
    assert json.dumps(verdict)
    assert verdict["valid"] is False


def test_the_end_of_an_escalation_is_an_event_of_its_own() -> None:
    body = sent_json(sent(ENDED))
    assert (body["event_type"], body["incident_id"]) == ("escalation.acknowledged", "ntc-4d8s1q7w2e")
    assert (body["custom_details"]["by"], body["custom_details"]["tickets"]) == ("Mia Berg", ["SOC-12"])
