"""What holds for every vendor: what each status means, what a broken exchange means, and that no secret leaks."""

from __future__ import annotations

import base64
import logging
import ssl
import traceback
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

import httpx
import pytest
from structlog.testing import capture_logs

from soc.domain.message import CallAction, Escalation, OpenTicket, ResolveAlert, SendAlert
from soc.errors import (
    DeliveryError,
    FailureReason,
    PermanentDeliveryError,
    TransientDeliveryError,
    UnknownOutcome,
)
from soc.integrations.registry import KINDS
from tests.integrations.everyone import EXAMPLES
from tests.integrations.examples import ALERT, OPEN, SECRET, SINCE, Example

STATUSES = tuple(int(status) for status in HTTPStatus)
every_vendor = pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.name)


def expected(status: int) -> type[DeliveryError] | None:
    """The class table, written down a second time; None is a success."""
    if status in (408, 425) or 500 <= status < 600:
        return UnknownOutcome
    if status == 429:
        return TransientDeliveryError
    return None if 200 <= status < 300 else PermanentDeliveryError


def test_the_table_covers_the_real_status_codes() -> None:
    assert len(STATUSES) >= 59
    assert min(STATUSES) == 100
    assert max(STATUSES) == 511


@every_vendor
def test_a_beginning_that_cannot_be_looked_for_waits_for_a_person_after_a_restore(example: Example) -> None:
    if isinstance(example.message, (OpenTicket, SendAlert, Escalation)):
        connector = example.writing(lambda _: httpx.Response(200, json=example.success), [])
        assert connector.shows(example.message) == example.looked_for


@every_vendor
def test_each_status_of_a_write_has_its_class(example: Example) -> None:
    for status in STATUSES:
        sent: list[httpx.Request] = []
        connector = example.writing(
            lambda _, status=status: httpx.Response(status, json=example.success), sent
        )
        wanted = expected(status)
        if wanted is None:
            assert connector.deliver(example.message, delivery_id="del-1").remote_id, status
        else:
            with pytest.raises(wanted) as caught:
                connector.deliver(example.message, delivery_id="del-1")
            assert caught.value.status == status
            assert (caught.value.reason is FailureReason.AUTH) == (status in (401, 403)), status
            assert caught.value.hint, status
        assert len(sent) == 1, f"{status}: a write is never repeated by the connector"


@every_vendor
def test_what_tells_of_an_incident_leads_to_its_page(example: Example) -> None:
    page = "https://soc.example/base/incidents?incident=inc-1"
    if isinstance(example.message, CallAction):
        pytest.skip(
            "what is asked for through the API is the caller's own; see tests/delivery/acts/test_actions.py"
        )
    if example.kind != "webhook" and isinstance(example.message, ResolveAlert):
        pytest.skip("an end says only what has ended")
    bodies = []
    for url in (page, ""):
        sent: list[httpx.Request] = []
        message = example.message.model_copy(update={"url": url})
        example.writing(lambda _: httpx.Response(200, json=example.success), sent).deliver(
            message, delivery_id="del-1"
        )
        bodies.append(sent[0].content.decode())
    assert page in bodies[0]
    assert "soc.example" not in bodies[1]


@every_vendor
@pytest.mark.parametrize("status", [429, 503])
def test_a_vendors_waiting_time_is_kept(example: Example, status: int) -> None:
    answer = httpx.Response(status, json={}, headers={"retry-after": "17"})
    with pytest.raises((TransientDeliveryError, UnknownOutcome)) as caught:
        example.writing(lambda _: answer).deliver(example.message, delivery_id="del-1")
    assert caught.value.retry_after == timedelta(seconds=17)


def _raising(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error

    return answer


def _certificate_error() -> httpx.ConnectError:
    error = httpx.ConnectError("certificate")
    error.__cause__ = ssl.SSLCertVerificationError(1, "self-signed certificate")
    return error


BROKEN = [
    ("refused", _raising(httpx.ConnectError("no")), TransientDeliveryError, FailureReason.NETWORK),
    ("connect timeout", _raising(httpx.ConnectTimeout("no")), TransientDeliveryError, FailureReason.NETWORK),
    ("certificate", _raising(_certificate_error()), TransientDeliveryError, FailureReason.TLS),
    ("read timeout", _raising(httpx.ReadTimeout("no")), UnknownOutcome, FailureReason.TIMEOUT),
    ("write timeout", _raising(httpx.WriteTimeout("no")), UnknownOutcome, FailureReason.TIMEOUT),
    ("reset", _raising(httpx.ReadError("no")), UnknownOutcome, FailureReason.NETWORK),
    ("truncated", _raising(httpx.RemoteProtocolError("no")), UnknownOutcome, FailureReason.NETWORK),
    ("no JSON", lambda _: httpx.Response(200, text='{"id": "1'), UnknownOutcome, FailureReason.BAD_RESPONSE),
    ("empty", lambda _: httpx.Response(200), UnknownOutcome, FailureReason.BAD_RESPONSE),
    ("null", lambda _: httpx.Response(200, text="null"), UnknownOutcome, FailureReason.BAD_RESPONSE),
    ("a list", lambda _: httpx.Response(200, text="[]"), UnknownOutcome, FailureReason.BAD_RESPONSE),
    ("nothing in it", lambda _: httpx.Response(200, json={"ok": True}), UnknownOutcome, FailureReason.BAD_RESPONSE),
    ("deep", lambda _: httpx.Response(200, text="[" * 100_000), UnknownOutcome, FailureReason.BAD_RESPONSE),
    ("huge", lambda _: httpx.Response(200, content=b" " * 6_000_000), UnknownOutcome, FailureReason.BAD_RESPONSE),
    ("login page", lambda _: httpx.Response(200, html="<!DOCTYPE html><title>Log in</title>"),
     PermanentDeliveryError, FailureReason.AUTH),
    ("redirect", lambda _: httpx.Response(302, headers={"location": "https://login.example/?token=x"}),
     PermanentDeliveryError, FailureReason.CLIENT),
]  # fmt: skip


@every_vendor
def test_each_broken_exchange_of_a_write_has_its_class(example: Example) -> None:
    for what, answer, error, reason in BROKEN:
        sent: list[httpx.Request] = []
        if example.any_answer and reason is FailureReason.BAD_RESPONSE:
            assert example.writing(answer, sent).deliver(example.message, delivery_id="del-1").remote_id, what
            continue
        with pytest.raises(error) as caught:
            example.writing(answer, sent).deliver(example.message, delivery_id="del-1")
        assert caught.value.reason is reason, what
        assert caught.value.hint or reason is FailureReason.BAD_RESPONSE, what
        assert len(sent) == 1, what


@every_vendor
def test_a_bad_certificate_is_not_tried_again_quickly(example: Example) -> None:
    with pytest.raises(TransientDeliveryError) as caught:
        example.writing(_raising(_certificate_error())).deliver(example.message, delivery_id="del-1")
    assert caught.value.slow


@every_vendor
def test_a_lost_answer_to_a_question_is_only_transient(example: Example) -> None:
    if not example.looked_for:
        pytest.skip("it is not looked for: to send it again changes nothing")
    with pytest.raises(TransientDeliveryError):
        example.connector(_raising(httpx.ReadTimeout("no"))).reconcile(
            example.message, delivery_id="del-1", since=SINCE
        )


_ENCODED = base64.b64encode(f"bot@example.com:{SECRET}".encode()).decode()
_ECHO = f"{SECRET} Bearer {SECRET} Basic {_ENCODED} https://u:{SECRET}@h/?token={SECRET}"
LEAKS: list[Callable[[httpx.Request], httpx.Response]] = [
    *(
        _raising(kind(_ECHO))
        for kind in (httpx.ConnectError, httpx.ReadTimeout, httpx.ReadError, httpx.InvalidURL)
    ),
    _raising(ValueError(_ECHO)),
    lambda _: httpx.Response(
        400, json={"errorMessages": [_ECHO], "errors": {"priority": _ECHO}, "error": _ECHO}
    ),
    lambda _: httpx.Response(401, text=_ECHO),
    lambda _: httpx.Response(500, html=f"<html><title>{_ECHO}</title></html>"),
    lambda _: httpx.Response(200, html=f"<html><title>{_ECHO}</title></html>"),
    lambda _: httpx.Response(200, json={"ok": False, "error": _ECHO, "needed": _ECHO}),
    lambda _: httpx.Response(302, headers={"location": f"https://{SECRET}.example/?token={SECRET}"}),
    lambda _: httpx.Response(429, json={"message": _ECHO}, headers={"retry-after": SECRET}),
]


@every_vendor
def test_no_failure_shows_a_secret(example: Example, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for number, answer in enumerate(LEAKS):
        caplog.clear()
        error = DeliveryError("", reason=FailureReason.CLIENT)
        with capture_logs() as logs:
            try:
                example.writing(answer).deliver(example.message, delivery_id="del-1")
            except DeliveryError as caught:
                error = caught
            report = example.connector(answer).check()
        assert error.message or example.any_answer
        assert any(entry["event"] == "vendor_request" for entry in logs), "DEBUG shows the requests"
        assert error.__cause__ is None
        assert error.__context__ is None
        told = [str(error), repr(error), error.detail, error.hint, *traceback.format_exception(error)]
        for shown in (" ".join([*told, caplog.text, str(logs)]), report.model_dump_json()):
            assert SECRET.lower() not in shown.lower(), number
            assert _ENCODED not in shown, number


@every_vendor
def test_a_refused_message_for_another_vendor_sends_nothing(example: Example) -> None:
    other = ALERT if "open_ticket" in KINDS[example.kind].takes else OPEN
    sent: list[httpx.Request] = []
    with pytest.raises(PermanentDeliveryError):
        example.writing(lambda _: httpx.Response(200, json={}), sent).deliver(other, delivery_id="del-1")
    assert not sent
