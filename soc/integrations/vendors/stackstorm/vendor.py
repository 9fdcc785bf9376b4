"""How StackStorm is spoken to and about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import httpx

from soc.errors import DeliveryError, FailureReason, PermanentDeliveryError, TransientDeliveryError
from soc.integrations.kit.base import TroubleCase
from soc.integrations.kit.http import Vendor, VendorSession
from soc.integrations.vendors.stackstorm.config import StackStormConfig

_NO_ACTION = re.compile(
    r"(?i)\b(?:action|pack|runner)\b.{0,120}\b(?:disabled|not found|cannot be found|could not be found|not registered|does not exist)\b"
)
_HINTS: Mapping[FailureReason, str] = {
    FailureReason.AUTH: "Make a new API key (st2 apikey create) and enter it; its user must be allowed to view and run the action.",
    FailureReason.NETWORK: "Check the base URL, this machine's DNS and network, and the firewall in between.",
    FailureReason.TLS: "For a private certificate authority, name its PEM file in SOC_CA_BUNDLE.",
    FailureReason.ADDRESS: "A StackStorm on a private address must be named in SOC_ALLOWED_HOSTS by an administrator.",
    FailureReason.SERVER: "Nothing to do unless it lasts: look at StackStorm's services (st2ctl status).",
    FailureReason.BAD_RESPONSE: "Check that the base URL is StackStorm's web address, not a proxy in front of it.",
}


def _explain(data: Any) -> str:
    return str(data.get("faultstring") or "") if isinstance(data, dict) else ""


def _hint(status: int, data: Any) -> str:
    if status == 404:
        return "The base URL is not StackStorm's, or the pack, action or execution does not exist there."
    if status == 400:
        return "StackStorm refuses the action or a parameter: see its words, change them, then send again."
    return ""


#: The body of a 401 shows the hash of the API key.
STACKSTORM = Vendor("StackStorm", _HINTS, _explain, _hint, silent=frozenset({401}))


def session_of(config: StackStormConfig, http: httpx.Client) -> VendorSession:
    return VendorSession(
        http,
        STACKSTORM,
        config.api_url,
        headers={"st2-api-key": config.api_key.get_secret_value()},
        secrets=config.secrets,
        timeout=config.timeout,
    )


def bad_answer(what: str, *, transient: bool = False) -> DeliveryError:
    """The error of an answer that is JSON, but not what StackStorm answers to this question."""
    kind = TransientDeliveryError if transient else PermanentDeliveryError
    return kind(
        f"The server's answer about {what} is not StackStorm's.",
        reason=FailureReason.BAD_RESPONSE,
        hint=_HINTS[FailureReason.BAD_RESPONSE],
    )


def names_no_action(error: PermanentDeliveryError) -> bool:
    """Whether StackStorm refuses because of the action itself: it is missing or disabled, or its pack is."""
    return bool(error.status == 404 or _NO_ACTION.search(f"{error.message} {error.detail}"))


def for_everybody(error: PermanentDeliveryError) -> PermanentDeliveryError:
    """The same refusal, of every run that would be requested."""
    return PermanentDeliveryError(
        error.message, reason=FailureReason.GONE, hint=error.hint, status=error.status, detail=error.detail
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
    if error.status == 403:
        return TroubleCase.PERMISSION_DENIED
    if error.status == 404 or (error.status is not None and 300 <= error.status < 400):
        return TroubleCase.WRONG_ADDRESS
    return _CASES.get(error.reason, TroubleCase.NOT_AVAILABLE)
