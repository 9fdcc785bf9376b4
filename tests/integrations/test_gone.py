"""A destination that is gone is told by its vendor's own error; an ordinary refusal is one message's own."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from soc.errors import DeliveryError, FailureReason, PermanentDeliveryError
from tests.integrations.everyone import BY_NAME

GONE, CLIENT = FailureReason.GONE, FailureReason.CLIENT


def refused(example: str, status: int, body: Any) -> DeliveryError:
    connector = BY_NAME[example].writing(lambda _: httpx.Response(status, json=body))
    with pytest.raises(PermanentDeliveryError) as caught:
        connector.deliver(BY_NAME[example].message, delivery_id="dlv-1")
    return caught.value


@pytest.mark.parametrize(
    ("example", "status", "body", "reason"),
    [
        ("jira cloud", 400, {"errors": {"project": "Specify a valid project ID or key"}}, GONE),
        ("jira data center", 400, {"errors": {"project": "project is required"}}, GONE),
        ("jira cloud", 404, {"errorMessages": ["No project could be found with key 'SOC'."]}, GONE),
        (
            "jira cloud",
            400,
            {"errorMessages": ["The project is archived and read only."], "errors": {}},
            GONE,
        ),
        ("jira cloud", 400, {"errors": {"summary": "Summary can't exceed 255 characters."}}, CLIENT),
        ("jira cloud", 400, {"errors": {"priority": "The priority selected is invalid."}}, CLIENT),
        ("slack alert", 200, {"ok": False, "error": "channel_not_found"}, GONE),
        ("slack alert", 200, {"ok": False, "error": "is_archived"}, GONE),
        ("slack alert", 200, {"ok": False, "error": "not_in_channel"}, GONE),
        ("slack alert", 200, {"ok": False, "error": "restricted_action"}, GONE),
        ("slack alert", 200, {"ok": False, "error": "account_inactive"}, FailureReason.AUTH),
        ("slack alert", 200, {"ok": False, "error": "msg_too_long"}, CLIENT),
        ("slack update", 200, {"ok": False, "error": "channel_not_found"}, GONE),
        ("slack update", 200, {"ok": False, "error": "message_not_found"}, CLIENT),
        ("webhook alert", 410, {}, GONE),
        ("webhook alert", 404, {"message": 'The requested webhook "soc" is not registered.'}, GONE),
        ("webhook alert", 404, {"message": "Unknown Webhook", "code": 10015}, GONE),
        ("webhook alert", 404, {"error": "no such incident"}, CLIENT),
        ("webhook alert", 400, {"error": "bad payload"}, CLIENT),
    ],
)
def test_each_vendor_s_error_has_its_reason(
    example: str, status: int, body: Any, reason: FailureReason
) -> None:
    if example not in BY_NAME:
        pytest.fail(f"{example}: there are {sorted(BY_NAME)}")
    assert refused(example, status, body).reason is reason
