"""How a receiver is spoken to and about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from soc.errors import DeliveryError, FailureReason
from soc.integrations.kit.base import TroubleCase
from soc.integrations.kit.declared import secret_values
from soc.integrations.kit.http import Vendor, VendorSession
from soc.integrations.vendors.webhook.config import WebhookConfig
from soc.integrations.vendors.webhook.secret import PREFIX

#: Shorter ones are words such as “1”; taking them out of a text would only make it unreadable.
SHORTEST_SECRET = 4
_GONE = "The endpoint is gone for good: switch the webhook off on the Integrations page, or give it the receiver's new URL."
_HINTS: Mapping[FailureReason, str] = {
    FailureReason.AUTH: "The receiver refuses the credentials or the signature: compare the Authorization header and the signing secret with its own, and the clocks of both machines.",
    FailureReason.NETWORK: "Check the URL, this machine's DNS and network, and the firewall in between.",
    FailureReason.TIMEOUT: "The receiver is slow: it should answer at once and work afterwards. Or raise the timeout.",
    FailureReason.TLS: "For a private certificate authority, name its PEM file in SOC_CA_BUNDLE.",
    FailureReason.ADDRESS: "“Validate URL” says why; a receiver on a private address must be named in SOC_ALLOWED_HOSTS.",
    FailureReason.SERVER: "The receiver fails: look at its log. The event is sent again with the same webhook-id.",
    FailureReason.BAD_RESPONSE: "Check that the URL is the receiver itself, not a proxy in front of it.",
    FailureReason.GONE: _GONE,
    FailureReason.CLIENT: "The receiver refuses the event: see its words; a body template can give it another form.",
}


#: As n8n, Discord, Slack, Zapier and others say it.
_NO_HOOK = re.compile(
    r"(?i)\b(?:web)?hook\b.{0,60}\b(?:not registered|not found|not active|inactive|disabled|deleted|expired|no longer)\b"
    r"|\b(?:unknown|no such|invalid) (?:web)?hook\b|\bno_(?:service|active_hooks|team)\b|\b(?:workflow|flow|scenario)\b.{0,40}\b(?:not active|inactive|disabled|deleted|not found)\b"
)


def _explain(data: Any) -> str:
    if not isinstance(data, dict):
        return ""
    return next((str(data[k]) for k in ("error", "message", "detail") if isinstance(data.get(k), str)), "")


def _hint(status: int, data: Any) -> str:
    if status == 410:
        return _GONE
    if status in (404, 405):
        return "The receiver does not know this path or method: compare URL and HTTP method with its documentation."
    return ""


def _is_gone(status: int, data: Any) -> bool:
    """410, or a 404 in which the receiver says that the hook itself is no more; another 404 may be about one event."""
    return status == 410 or (status == 404 and bool(_NO_HOOK.search(_explain(data))))


WEBHOOK = Vendor("The webhook's receiver", _HINTS, _explain, _hint, gone=_is_gone)


def session_of(config: WebhookConfig, http: httpx.Client) -> VendorSession:
    """A session with the URL's host; path and query as they are written go with each event (see `target_of`)."""
    parts = urlsplit(config.url)
    return VendorSession(
        http,
        WEBHOOK,
        f"{parts.scheme}://{parts.netloc}",
        headers={},
        secrets=_secrets(config),
        timeout=config.timeout,
    )


def target_of(config: WebhookConfig) -> str:
    """What follows the host: the path to the letter, and the secret query."""
    query = config.url_query.get_secret_value()
    return (urlsplit(config.url).path or "/") + (f"?{query}" if query else "")


def _secrets(config: WebhookConfig) -> tuple[str, ...]:
    """Everything secret, and its parts that a receiver may repeat alone."""
    found = list(secret_values(config))
    found += [part for value in config.headers.values() for part in value.get_secret_value().split()[1:]]
    found += [value for _, value in parse_qsl(config.url_query.get_secret_value())]
    found += [s.get_secret_value().removeprefix(PREFIX) for s in config.signing_secrets]
    return tuple(secret for secret in found if len(secret) >= SHORTEST_SECRET)


_CASES: Mapping[FailureReason, TroubleCase] = {
    FailureReason.AUTH: TroubleCase.AUTHENTICATION,
    FailureReason.THROTTLED: TroubleCase.RATE_LIMIT,
    FailureReason.TLS: TroubleCase.CERTIFICATE,
    FailureReason.TIMEOUT: TroubleCase.TIMEOUT,
    FailureReason.ADDRESS: TroubleCase.WRONG_ADDRESS,
}


def case_of(error: DeliveryError) -> TroubleCase:
    """Which trouble an error is, for the person who reads the connection report."""
    if error.status in (404, 405, 410) or (error.status is not None and 300 <= error.status < 400):
        return TroubleCase.WRONG_ADDRESS
    return _CASES.get(error.reason, TroubleCase.NOT_AVAILABLE)
