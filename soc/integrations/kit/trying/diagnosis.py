"""What an exchange that brought no usable answer means: an error of the tree, in words without secrets."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx
import structlog

from soc import clock
from soc.domain.delivery import Outcome
from soc.errors import (
    DeliveryError,
    FailureReason,
    LimitOf,
    PermanentDeliveryError,
    TransientDeliveryError,
    UnknownOutcome,
)
from soc.integrations.kit.answers.retry_after import retry_after
from soc.integrations.kit.connection import AddressRefused
from soc.integrations.kit.redaction import shown

log = structlog.get_logger(__name__)

_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
#: Stands for an answer that is no JSON (None is JSON's own null).
UNPARSED: Any = object()


@dataclass(frozen=True)
class Vendor:
    """How a vendor is spoken of.

    `hints` say what to do by reason; `explain(data)` finds the vendor's own words in an error's JSON;
    `hint(status, data)` may know a better hint than the reason's ("" where it does not). Both only choose words: where
    they raise, or give something else than a text, the error is the same one without them. The body of an answer with
    one of the `silent` statuses is never shown. `gone(status, data)` knows the vendor's own error of a destination that is
    no more (a project, a channel, a service): not one message's fault, so what waits is held. `limit(headers)` says what a
    429 is about.
    """

    title: str
    hints: Mapping[FailureReason, str] = field(default_factory=dict)
    explain: Callable[[Any], str] = lambda data: ""
    hint: Callable[[int, Any], str] = lambda status, data: ""
    silent: frozenset[int] = frozenset()
    gone: Callable[[int, Any], bool] = lambda status, data: status == HTTPStatus.GONE
    limit: Callable[[Mapping[str, str]], LimitOf] = lambda headers: LimitOf.EVERYTHING


class TooLarge(Exception):
    """The answer is longer than `LARGEST_ANSWER`."""


class Diagnosis:
    """Makes the errors of one session. `timeout` is in seconds and only spoken of."""

    def __init__(self, vendor: Vendor, secrets: Iterable[str], timeout: float) -> None:
        self._vendor = vendor
        self._secrets = tuple(secrets)
        self._timeout = timeout

    def knowing(self, secrets: Iterable[str]) -> Diagnosis:
        """The same, with these secrets taken out of what is shown."""
        return Diagnosis(self._vendor, secrets, self._timeout)

    def _hint(self, reason: FailureReason) -> str:
        return self._vendor.hints.get(reason, "") or _HINTS.get(reason, "")

    def _said(self, words: Callable[[], str]) -> str:
        """What the vendor's author says of an answer, "" where the answer has a shape that they did not expect.

        A body is the vendor's to shape. If its explanation broke, a plain refusal would be taken for an unknown outcome.
        """
        try:
            found: object = words()
        except Exception as error:  # noqa: BLE001 - whatever it is, the refusal stays what its status says
            log.warning("vendor_explanation_failed", vendor=self._vendor.title, error=type(error).__name__)
            return ""
        return found if isinstance(found, str) else ""

    def _is_gone(self, status: int, outcome: Outcome, data: Any) -> bool:
        """Only a refusal can say so; where the vendor's author did not expect the answer's shape, it does not."""
        if outcome in (Outcome.THROTTLED, Outcome.UNKNOWN, Outcome.CREDENTIALS):
            return False
        return self._said(lambda: "yes" if self._vendor.gone(status, data) else "") == "yes"

    def refusal(
        self, status: int, outcome: Outcome, headers: httpx.Headers, data: Any, raw: bytes
    ) -> DeliveryError:
        """The error of an answer that is not a success."""
        known = None if data is UNPARSED else data
        words = ""
        if status not in self._vendor.silent:
            words = self._said(lambda: self._vendor.explain(known)) or _text(raw, data)
        detail = shown(words, self._secrets)
        reason = FailureReason.GONE if self._is_gone(status, outcome, known) else _reason(status, outcome)
        hint = self._said(lambda: self._vendor.hint(status, known)) or (
            _redirect_hint(headers) if 300 <= status < 400 else self._hint(reason)
        )
        message = f"{self._vendor.title} answered {status} {_phrase(status)}".rstrip() + (
            f": {detail}" if detail else ""
        )
        message = message if message.endswith((".", "!", "?", "…")) else message + "."
        wait = retry_after(headers, now=clock.now())
        if outcome is Outcome.THROTTLED:
            throttled = TransientDeliveryError(
                message, reason=reason, hint=hint, status=status, detail=detail, retry_after=wait
            )
            throttled.limit = self._vendor.limit(headers)
            return throttled
        if outcome is Outcome.UNKNOWN:
            return UnknownOutcome(
                message, reason=reason, hint=hint, status=status, detail=detail, retry_after=wait
            )
        return PermanentDeliveryError(message, reason=reason, hint=hint, status=status, detail=detail)

    def unreadable(self, status: int, headers: httpx.Headers, raw: bytes) -> DeliveryError:
        """A success that is no JSON: a login page means the credentials or a proxy, anything else a lost answer."""
        title = self._vendor.title
        if is_html(headers, raw):
            return PermanentDeliveryError(
                f"{title} answered with a web page (a login page or a proxy's notice), not with data.",
                reason=FailureReason.AUTH,
                hint=self._hint(FailureReason.AUTH)
                + " Check that the base URL is the service itself and that no proxy or single sign-on stands in between.",
                status=status,
                detail=shown(_text(raw, UNPARSED), self._secrets),
            )
        return UnknownOutcome(
            f"{title} answered {status}, but the answer cannot be read.",
            reason=FailureReason.BAD_RESPONSE,
            hint=self._hint(FailureReason.BAD_RESPONSE),
            status=status,
        )

    def failure(self, error: Exception) -> DeliveryError:
        """The error of an exchange without (a whole) answer. The library's own text is never repeated."""
        title = self._vendor.title
        if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)):
            return self._not_sent(error)
        if isinstance(error, httpx.TimeoutException):
            return UnknownOutcome(
                f"{title} did not answer within {self._timeout:g} s.",
                reason=FailureReason.TIMEOUT,
                hint=self._hint(FailureReason.TIMEOUT),
            )
        if isinstance(error, (httpx.NetworkError, httpx.RemoteProtocolError)):
            return UnknownOutcome(
                f"The connection to {title} broke before the whole answer had arrived.",
                reason=FailureReason.NETWORK,
                hint=self._hint(FailureReason.NETWORK),
            )
        if isinstance(error, (TooLarge, httpx.DecodingError)):
            what = "is larger than 5 MB" if isinstance(error, TooLarge) else "cannot be unpacked"
            return UnknownOutcome(
                f"The answer of {title} {what}.",
                reason=FailureReason.BAD_RESPONSE,
                hint=self._hint(FailureReason.BAD_RESPONSE),
            )
        return PermanentDeliveryError(
            f"The request to {title} cannot be made.",
            reason=FailureReason.CLIENT,
            hint="Check the base URL, and that the credentials hold no line break or letter outside of ASCII.",
        )

    def _not_sent(self, error: Exception) -> DeliveryError:
        title = self._vendor.title
        for cause in _causes(error):
            if isinstance(cause, AddressRefused):
                return PermanentDeliveryError(
                    f"The address of {title} is not allowed: {shown(cause.reason, self._secrets)}.",
                    reason=FailureReason.ADDRESS,
                    hint=self._hint(FailureReason.ADDRESS),
                )
            if isinstance(cause, ssl.SSLError) and not isinstance(
                cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError)
            ):
                why = getattr(cause, "verify_message", "") or "no secure connection could be agreed on"
                return TransientDeliveryError(
                    f"The certificate of {title} is not accepted: {shown(why, self._secrets)}.",
                    reason=FailureReason.TLS,
                    hint=self._hint(FailureReason.TLS),
                    slow=True,
                )
        return TransientDeliveryError(
            f"{title} cannot be reached: {_network_words(error)}.",
            reason=FailureReason.NETWORK,
            hint=self._hint(FailureReason.NETWORK),
            retry_after=None,
        )


_HINTS: Mapping[FailureReason, str] = {
    FailureReason.AUTH: "Check the credentials and what they may do; sending goes on when the test passes.",
    FailureReason.THROTTLED: "Nothing to do: the message is sent again when the vendor's waiting time is over.",
    FailureReason.SERVER: "Nothing to do unless it lasts: look at the vendor's status page.",
    FailureReason.TIMEOUT: "Check the vendor's status page, or raise the timeout of the integration.",
    FailureReason.NETWORK: "Check the base URL, this machine's DNS and network, and the firewall in between.",
    FailureReason.TLS: "For a private certificate authority, name its PEM file in SOC_CA_BUNDLE.",
    FailureReason.BAD_RESPONSE: "Check that the base URL is the service itself, not a proxy in front of it.",
    FailureReason.ADDRESS: "An administrator can name the host or address in SOC_ALLOWED_HOSTS.",
    FailureReason.GONE: "Check that what it goes to still exists and may be used; what waits goes on when the test passes.",
    FailureReason.SETTINGS: "Change what is named on the Integrations page; what waits goes on when the test passes.",
    FailureReason.CLIENT: "Look at the vendor's words, change what they name, then replay the delivery.",
}


def _reason(status: int, outcome: Outcome) -> FailureReason:
    if outcome is Outcome.CREDENTIALS:
        return FailureReason.AUTH
    if outcome is Outcome.THROTTLED:
        return FailureReason.THROTTLED
    if outcome is Outcome.UNKNOWN:
        return FailureReason.TIMEOUT if status in (408, 504) else FailureReason.SERVER
    return FailureReason.CLIENT


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def is_html(headers: httpx.Headers, raw: bytes) -> bool:
    start = raw[:512].lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html")) or (
        "html" in headers.get("content-type", "").lower() and start.startswith(b"<")
    )


def _text(raw: bytes, data: Any) -> str:
    """What a refusal without the vendor's usual form says: a page's title, or its plain text."""
    if data is not UNPARSED:
        return ""
    text = raw[:4096].decode("utf-8", "replace")
    if text.lstrip().startswith("<"):
        found = _TITLE.search(text)
        return found.group(1) if found else ""
    return text


def _redirect_hint(headers: httpx.Headers) -> str:
    try:
        host = httpx.URL(headers.get("location", "")).host
    except (httpx.InvalidURL, ValueError):
        host = ""
    where = f" to {shown(host)}" if host else ""
    return f"Redirects{where} are not followed: set the base URL to the address of the service itself."


def _causes(error: BaseException) -> Iterable[BaseException]:
    cause: BaseException | None = error
    for _ in range(10):
        if cause is None:
            return
        yield cause
        cause = cause.__cause__ or cause.__context__


def _network_words(error: Exception) -> str:
    if isinstance(error, httpx.PoolTimeout):
        return "all connections of this process are busy"
    if isinstance(error, httpx.ConnectTimeout):
        return "no answer to the connection attempt"
    for cause in _causes(error):
        if isinstance(cause, ConnectionRefusedError):
            return "it refuses the connection"
        if "resolved" in str(cause):
            return "its name cannot be resolved"
    return "the connection cannot be opened"
