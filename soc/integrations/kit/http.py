"""One exchange with a vendor, and what its outcome means: an answer, or an error of the tree.

Writes and reads differ in one thing. A write whose answer is lost may have happened (`UnknownOutcome`); a read
that is lost is simply read again (`TransientDeliveryError`). Nothing here retries.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import structlog

from soc import clock
from soc.domain.delivery import Outcome, outcome_of_status
from soc.errors import DeliveryError, TransientDeliveryError, UnknownOutcome
from soc.integrations.kit.answers.json_text import read_json
from soc.integrations.kit.connection import http_client, shared_client, within
from soc.integrations.kit.redaction import redact
from soc.integrations.kit.trying.diagnosis import UNPARSED, Diagnosis, TooLarge, Vendor, is_html

__all__ = ["Answer", "Vendor", "VendorSession", "http_client", "redact", "shared_client"]

log = structlog.get_logger(__name__)
_level = logging.getLogger(__name__)
LONGEST_LOGGED = 4_000
LARGEST_ANSWER = 5 * 1024 * 1024


@dataclass(frozen=True)
class Answer:
    """A 2xx. `data` is the JSON value, None where an empty answer is fine."""

    status: int
    headers: httpx.Headers
    data: Any


class VendorSession:
    """Speaks JSON to one vendor with one set of credentials. `timeout` (seconds) bounds a whole exchange."""

    def __init__(
        self,
        http: httpx.Client,
        vendor: Vendor,
        base_url: str,
        *,
        headers: Mapping[str, str],
        secrets: Iterable[str],
        timeout: float,
    ) -> None:
        self._http = http
        self._base = base_url.rstrip("/")
        self._headers = dict(headers)
        self._secrets = tuple(secrets)
        self._title = vendor.title
        self._diagnosis = Diagnosis(vendor, self._secrets, timeout)
        self._timeout = timeout
        #: How far the vendor's clock is ahead of ours, by the `Date` of its last answer; None before one.
        self.clock_offset: timedelta | None = None

    def knowing(self, secrets: Iterable[str]) -> VendorSession:
        """The same session, which takes these out of errors and logs too: secrets of one message."""
        more = copy(self)
        more._secrets = (*self._secrets, *secrets)
        more._diagnosis = self._diagnosis.knowing(more._secrets)
        return more

    def read(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask without changing anything. Raises TransientDeliveryError or PermanentDeliveryError."""
        try:
            return self._exchange(method, path, params, body, form, empty_ok=False)
        except UnknownOutcome as error:
            lost = error
        raise TransientDeliveryError(
            lost.message,
            reason=lost.reason,
            hint=lost.hint,
            status=lost.status,
            detail=lost.detail,
            retry_after=lost.retry_after,
        )

    def write(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        params: Mapping[str, str] | None = None,
        empty_ok: bool = False,
    ) -> Answer:
        """Change something, once. Raises TransientDeliveryError, UnknownOutcome or PermanentDeliveryError."""
        return self._exchange(method, path, params, body, None, empty_ok=empty_ok)

    def hand_over(self, method: str, path: str, *, content: bytes, headers: Mapping[str, str]) -> int:
        """Give `content` as it is, once, to somebody whose 2xx is all that counts; returns that status.

        Raises as `write` does, and for a web page (a login page or a proxy's notice).
        """
        status, answered, raw = self._send(
            method, path, None, None, None, content=content, headers=headers, only_status=True
        )
        outcome = outcome_of_status(status)
        if outcome is not Outcome.DONE:
            data = _parsed(raw)
            raise self._diagnosis.refusal(status, outcome, answered, data, raw)
        if is_html(answered, raw):
            raise self._diagnosis.unreadable(status, answered, raw)
        return status

    def _exchange(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        body: Any,
        form: Mapping[str, str] | None,
        *,
        empty_ok: bool,
    ) -> Answer:
        status, headers, raw = self._send(method, path, params, body, form)
        data = _parsed(raw)
        outcome = outcome_of_status(status)
        if outcome is not Outcome.DONE:
            raise self._diagnosis.refusal(status, outcome, headers, data, raw)
        if empty_ok and not raw.strip():
            return Answer(status, headers, None)
        if data is UNPARSED:
            raise self._diagnosis.unreadable(status, headers, raw)
        return Answer(status, headers, data)

    def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        body: Any,
        form: Mapping[str, str] | None,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        only_status: bool = False,
    ) -> tuple[int, httpx.Headers, bytes]:
        sent = {**self._headers, **(headers or {})}
        if body is not None:
            content = json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
            sent["content-type"] = "application/json; charset=utf-8"
        status, answered, raw = 0, httpx.Headers(), b""
        failure: DeliveryError | None = None
        started = time.monotonic()
        try:
            with (
                within(self._timeout),
                self._http.stream(
                    method,
                    self._base + path,
                    params=params,
                    content=content,
                    data=form,
                    headers=sent,
                    timeout=self._limits(),
                ) as response,
            ):
                status, answered = response.status_code, response.headers
                raw = _body(response)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, TooLarge, ValueError) as error:
            # A refusal whose body is cut off is still that refusal.
            done = bool(status) and outcome_of_status(status) is Outcome.DONE
            if not status or (done and not (only_status and isinstance(error, TooLarge))):
                failure = self._diagnosis.failure(error)
        if (offset := clock_offset(answered, now=clock.now())) is not None:
            self.clock_offset = offset
            if (heard := _heard.get(None)) is not None:
                heard.append(offset)
        self._note(method, path, content, status, raw, started)
        if failure is not None:
            raise failure  # outside of the except block: the library's error names URLs and headers
        return status, answered, raw

    def _note(
        self, method: str, path: str, content: bytes | None, status: int, raw: bytes, started: float
    ) -> None:
        """The exchange for whoever debugs it: no headers, no query, no secret. `status` 0: no answer."""
        if not _level.isEnabledFor(logging.DEBUG):
            return
        log.debug(
            "vendor_request",
            vendor=self._title,
            method=method,
            url=redact(self._base + path.partition("?")[0], self._secrets),
            body=self._readable(content or b""),
            status=status,
            answer=self._readable(raw),
            duration_ms=round((time.monotonic() - started) * 1000),
        )

    def _readable(self, raw: bytes) -> str:
        """Cut only after the secrets are out: half a secret is not recognised."""
        return redact(raw[: 16 * LONGEST_LOGGED].decode("utf-8", "replace"), self._secrets)[:LONGEST_LOGGED]

    def _limits(self) -> httpx.Timeout:
        return httpx.Timeout(self._timeout, connect=min(10.0, self._timeout))


#: Beyond this the clocks are worth a word.
WORTH_A_WORD = timedelta(seconds=30)
#: What the answers of one connection test said of the vendor's clock.
_heard: ContextVar[list[timedelta]] = ContextVar("clocks_heard")


@contextmanager
def hearing_clocks() -> Iterator[list[timedelta]]:
    """Within the block each answer adds how far its vendor's clock is ahead of ours."""
    heard: list[timedelta] = []
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)


def compare_clocks(offset: timedelta, title: str) -> tuple[tuple[str, str], str]:
    """The fact of a connection report, and its warning ("": the clocks agree well enough)."""
    seconds = round(abs(offset).total_seconds())
    behind = "behind" if offset > timedelta(0) else "ahead of"
    fact = ("Clock", f"as {title}'s" if seconds < 2 else f"{seconds:,} s {behind} {title}'s")
    if abs(offset) <= WORTH_A_WORD:
        return fact, ""
    return fact, (
        f"This machine's clock is {seconds:,} s {behind} {title}'s: set it right (NTP), or times and signatures are off."
    )


def clock_offset(headers: httpx.Headers, *, now: datetime) -> timedelta | None:
    """How far the answerer's clock is ahead of ours (`Date` has whole seconds), None where it does not say."""
    try:
        moment = parsedate_to_datetime(headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return moment - now if moment.tzinfo is not None else None


def _body(response: httpx.Response) -> bytes:
    parts, size = [], 0
    for part in response.iter_bytes():
        size += len(part)
        if size > LARGEST_ANSWER:
            raise TooLarge
        parts.append(part)
    return b"".join(parts)


def _parsed(raw: bytes) -> Any:
    try:
        return read_json(raw)
    except (ValueError, RecursionError):
        return UNPARSED
