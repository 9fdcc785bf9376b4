"""A vendor's explanation only chooses words: whatever shape an answer has, a refusal stays what its status says."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from soc.errors import DeliveryError, PermanentDeliveryError, TransientDeliveryError, UnknownOutcome
from soc.integrations.kit.http import Vendor, VendorSession
from soc.integrations.registry import KINDS
from tests.integrations.everyone import EXAMPLES

STATUSES = {
    400: PermanentDeliveryError,
    401: PermanentDeliveryError,
    403: PermanentDeliveryError,
    404: PermanentDeliveryError,
    422: PermanentDeliveryError,
    429: TransientDeliveryError,
    500: UnknownOutcome,
}
WORDS = (
    "error",
    "errors",
    "errorMessages",
    "message",
    "messages",
    "faultstring",
    "status",
    "detail",
    "ok",
    "needed",
)
ODD: tuple[Any, ...] = (
    None,
    0,
    -1.5,
    True,
    "",
    "text",
    [],
    {},
    [None],
    [[]],
    [{}],
    {"": None},
    {"a": {"b": [1]}},
)
#: Each odd value alone, and under every name that some vendor's answer has.
SHAPES = [json.dumps(odd) for odd in ODD] + [json.dumps(dict.fromkeys(WORDS, odd)) for odd in ODD]
TEXTS = [
    b"",
    b"<html><title>Down</title>",
    b"<title>",
    b"\xff\xfe\x00",
    b"{",
    b'{"message": "' + b"x" * 200_000 + b'"}',
    b"[" * 5_000 + b"]" * 5_000,
]
BODIES = [shape.encode() for shape in SHAPES] + TEXTS


def outcome_of(deliver: Callable[[], Any]) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        deliver()
    return caught.value


@pytest.mark.parametrize("kind", KINDS)
def test_no_shape_of_an_answer_changes_what_its_status_means(kind: str) -> None:
    example = next(example for example in EXAMPLES if example.kind == kind)
    with capture_logs() as logs:
        for status, wanted in STATUSES.items():
            for body in BODIES:
                connector = example.writing(lambda _: httpx.Response(status, content=body))  # noqa: B023
                error = outcome_of(lambda: connector.deliver(example.message, delivery_id="del-1"))  # noqa: B023
                assert type(error) is wanted, (status, body[:60])
                assert error.status == status
                assert error.hint
    assert not [entry for entry in logs if entry["event"] == "vendor_explanation_failed"], "mend its explain"


def _raises(*_: Any) -> str:
    raise KeyError("message")


def session(vendor: Vendor, status: int, body: bytes = b'{"message": "no"}') -> VendorSession:
    client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(status, content=body)))
    return VendorSession(client, vendor, "https://vendor.example", headers={}, secrets=(), timeout=5)


@pytest.mark.parametrize(("status", "wanted"), STATUSES.items())
@pytest.mark.parametrize("words", [_raises, lambda *_: None, lambda *_: ["no text"]])
def test_an_explanation_that_breaks_leaves_the_refusal_as_it_is(
    status: int, wanted: type[DeliveryError], words: Callable[..., Any]
) -> None:
    speaks = session(Vendor("Made up", explain=words, hint=words), status)
    error = outcome_of(lambda: speaks.write("POST", "/", body={}))
    assert type(error) is wanted
    assert str(status) in error.message


def test_a_broken_explanation_is_noted_without_the_answer() -> None:
    with capture_logs() as logs:
        outcome_of(lambda: session(Vendor("Made up", explain=_raises), 400).write("POST", "/", body={}))
    (entry,) = [entry for entry in logs if entry["event"] == "vendor_explanation_failed"]
    assert (entry["vendor"], entry["error"]) == ("Made up", "KeyError")


def test_what_is_handed_over_is_refused_by_its_status_too() -> None:
    speaks = session(Vendor("Made up", explain=_raises), 404)
    error = outcome_of(lambda: speaks.hand_over("POST", "/", content=b"{}", headers={}))
    assert type(error) is PermanentDeliveryError


@pytest.mark.parametrize("kind", KINDS)
def test_no_shape_of_a_success_breaks_the_connector_or_its_connection_test(kind: str) -> None:
    example = next(example for example in EXAMPLES if example.kind == kind)
    for body in BODIES:
        answer = lambda _: httpx.Response(200, content=body)  # noqa: B023, E731
        with suppress(DeliveryError):
            assert example.writing(answer).deliver(example.message, delivery_id="del-1").remote_id
        assert example.connector(answer).check().summary
