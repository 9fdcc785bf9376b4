"""How PagerDuty is spoken to and about: two APIs, two credentials, which never meet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import httpx

from soc.errors import DeliveryError, FailureReason, PermanentDeliveryError
from soc.integrations.kit.base import TroubleCase
from soc.integrations.kit.http import Vendor, VendorSession
from soc.integrations.vendors.pagerduty.config import PagerDutyConfig

KEY_HINT = (
    "Copy the “Integration Key” of the service's Events API v2 integration again (Services → the service → "
    "Integrations): 32 letters and digits. A REST API key does not work there."
)
REST_HINT = "Create a read-only REST API key (Integrations → API Access Keys) and copy it again."
_NETWORK = "Check that this machine can reach events.pagerduty.com over HTTPS (DNS, firewall)."
_ADDRESS = "The addresses are normally PagerDuty's own; a test server must be named in SOC_ALLOWED_HOSTS."
_EVENT_HINTS: Mapping[FailureReason, str] = {
    FailureReason.AUTH: KEY_HINT,
    FailureReason.NETWORK: _NETWORK,
    FailureReason.ADDRESS: _ADDRESS,
    FailureReason.SERVER: "Nothing to do unless it lasts: look at https://status.pagerduty.com.",
    FailureReason.GONE: "The service or its Events API v2 integration is disabled or deleted: enable it in PagerDuty, or enter another integration key.",
    FailureReason.CLIENT: "PagerDuty does not take the event as it is: see its words, then replay the delivery.",
}
_REST_HINTS = {**_EVENT_HINTS, FailureReason.AUTH: REST_HINT}
#: PagerDuty answers 400 to a wrong key as to a wrong event; only its words tell them apart.
_ABOUT_THE_KEY = re.compile(r"(?i)routing[ _]key|integration key|service key")


_NO_SERVICE = re.compile(
    r"(?i)\b(?:service|integration|account)\b.{0,60}\b(?:disabled|deleted|inactive|suspended|expired|not found|no longer)\b"
    r"|\b(?:disabled|deleted|unknown|inactive) (?:service|integration)\b"
)


def _explain(data: Any) -> str:
    """`{"status", "message", "errors": [text]}` of events, `{"error": {"message", "code", "errors"}}` of REST."""
    if not isinstance(data, dict):
        return ""
    inner = data.get("error")
    error: Mapping[str, Any] = inner if isinstance(inner, dict) else data
    errors = error.get("errors")
    texts = [str(error.get("message") or "")]
    texts += [str(text) for text in errors] if isinstance(errors, list) else []
    return "; ".join(text for text in texts if text)


def _gone(status: int, data: Any) -> bool:
    """The service or its integration is disabled or deleted; a 404 of the one path there is says the same."""
    return status in (404, 410) or (status in (400, 403, 422) and bool(_NO_SERVICE.search(_explain(data))))


EVENTS = Vendor("PagerDuty", _EVENT_HINTS, _explain, gone=_gone)
REST = Vendor("PagerDuty's REST API", _REST_HINTS, _explain)


def events_session(config: PagerDutyConfig, http: httpx.Client) -> VendorSession:
    """The Events API takes its key in the body and no other credential."""
    return VendorSession(
        http,
        EVENTS,
        f"{config.events_url}/v2",
        headers={},
        secrets=(config.integration_key.get_secret_value(), config.rest_token.get_secret_value()),
        timeout=config.timeout,
    )


def rest_session(config: PagerDutyConfig, http: httpx.Client) -> VendorSession:
    token = config.rest_token.get_secret_value()
    sender = {"from": config.from_email} if config.from_email else {}
    return VendorSession(
        http,
        REST,
        config.base_url,
        headers={
            "authorization": f"Token token={token}",
            "accept": "application/vnd.pagerduty+json;version=2",
            **sender,
        },
        secrets=(token, config.integration_key.get_secret_value()),
        timeout=config.timeout,
    )


def about_the_key(error: DeliveryError) -> DeliveryError:
    """The same error, or one of the credentials where PagerDuty's 400 is about the key."""
    # “the service of this integration key is disabled” is about the service: the key is right
    if error.status != 400 or error.reason is FailureReason.GONE or not _ABOUT_THE_KEY.search(error.detail):
        return error
    return PermanentDeliveryError(
        error.message, reason=FailureReason.AUTH, hint=KEY_HINT, status=400, detail=error.detail
    )


_CASES: Mapping[FailureReason, TroubleCase] = {
    FailureReason.AUTH: TroubleCase.AUTHENTICATION,
    FailureReason.THROTTLED: TroubleCase.RATE_LIMIT,
    FailureReason.TLS: TroubleCase.CERTIFICATE,
    FailureReason.TIMEOUT: TroubleCase.TIMEOUT,
    FailureReason.ADDRESS: TroubleCase.WRONG_ADDRESS,
}


def case_of(error: DeliveryError) -> TroubleCase:
    """Which trouble an error is, for the person who reads the connection report."""
    if error.status == 404 or (error.status is not None and 300 <= error.status < 400):
        return TroubleCase.WRONG_ADDRESS
    return _CASES.get(error.reason, TroubleCase.NOT_AVAILABLE)
