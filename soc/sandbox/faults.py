"""Faults that can be switched on: what a client sees on a vendor's bad day, on every Nth request."""

from __future__ import annotations

import asyncio
import re
from itertools import count
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from soc.sandbox.faults_wording import refusal
from soc.sandbox.found import VENDORS
from soc.sandbox.kit.connection import drop_connection
from soc.sandbox.kit.vendor import PracticeVendor

Kind = Literal["rate_limit", "server_error", "lost_answer", "lost_request", "slow", "login_page"]
NAMES = tuple(vendor.name for vendor in VENDORS)
#: What some vendor's 429 tells apart.
LIMITS = tuple(dict.fromkeys(limit for vendor in VENDORS for limit in vendor.limits))
READS = re.compile("|".join(f"(?:{vendor.reads})" for vendor in VENDORS if vendor.reads))


class Fault(BaseModel):
    """What to switch on. It strikes the `every`th matching request, at most `times` times (None: always).

    `method` and `path` (a regular expression searched in the URL's path) narrow what matches; without
    `method` only requests of the kind in `on` do.

    rate_limit: 429 with `retry_after`, of the `limit` (one of LIMITS; "": the vendor's usual one). server_error: `status`, not processed. lost_answer: **processed**,
    then the connection is cut. lost_request: cut, not processed. slow: processed at once, answered
    `seconds` later. login_page: 200 and HTML, not processed.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    vendor: str = "all"
    on: Literal["writes", "reads", "all"] = "writes"
    every: int = Field(default=1, ge=1)
    skip: int = Field(default=0, ge=0)
    times: int | None = Field(default=None, ge=1)
    method: str | None = None
    path: str | None = None
    status: int = Field(default=503, ge=500, le=599)
    retry_after: str | int | None = 1
    limit: str = ""
    seconds: float = Field(default=5.0, ge=0, le=600)

    @field_validator("vendor")
    @classmethod
    def _is_here(cls, value: str) -> str:
        if value not in ("all", *NAMES):
            raise ValueError(f"one of all, {', '.join(NAMES)}")
        return value

    @field_validator("limit")
    @classmethod
    def _is_told_apart(cls, value: str) -> str:
        if value and value not in LIMITS:
            raise ValueError(f"one of {', '.join(LIMITS)}")
        return value

    @field_validator("path")
    @classmethod
    def _is_pattern(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return value

    def matches(self, vendor: str, method: str, path: str) -> bool:
        """Whether this fault looks at the request at all."""
        if self.vendor not in ("all", vendor) or (self.path and not re.search(self.path, path)):
            return False
        if self.method:
            return method == self.method.upper()
        return self.on == "all" or (self.on == "writes") == is_write(method, path)


def is_write(method: str, path: str) -> bool:
    """Whether the request would change something at the vendor."""
    return method != "GET" and not READS.search(path)


class ActiveFault(BaseModel):
    """A fault that is switched on, and what it has done so far."""

    id: int
    fault: Fault
    seen: int = 0
    struck: int = 0

    def strike(self) -> bool:
        """Count one matching request; True when the fault hits it."""
        self.seen += 1
        past = self.seen - self.fault.skip
        spent = self.fault.times is not None and self.struck >= self.fault.times
        if past < 1 or past % self.fault.every or spent:
            return False
        self.struck += 1
        return True


class Faults:
    """The faults that are switched on; the first one that strikes a request wins."""

    def __init__(self) -> None:
        self._active: dict[int, ActiveFault] = {}
        self._ids = count(1)

    def switch_on(self, fault: Fault) -> ActiveFault:
        active = ActiveFault(id=next(self._ids), fault=fault)
        self._active[active.id] = active
        return active

    def switch_off(self, key: int | None = None) -> None:
        """One fault, or all of them."""
        if key is None:
            self._active.clear()
        else:
            self._active.pop(key, None)

    def active(self) -> list[ActiveFault]:
        return list(self._active.values())

    def strike(self, vendor: str, method: str, path: str) -> Fault | None:
        """The fault that hits this request, if any. Every matching fault counts the request."""
        matching = [a for a in self.active() if a.fault.matches(vendor, method, path)]
        struck = [active for active in matching if active.strike()]
        return struck[0].fault if struck else None


class FaultMiddleware:
    """Lets faults strike between the wire and the practice vendors; the console and /admin are spared."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        vendor = next((one for one in VENDORS if path.startswith(one.prefixes)), None)
        fault = vendor and self._faults.strike(vendor.name, scope["method"], path)
        if not vendor or not fault:
            await self._app(scope, receive, send)
        elif fault.kind in ("lost_answer", "slow"):
            await self._process(fault, scope, receive, send)
        elif fault.kind == "lost_request":
            await drop_connection(scope, receive)
        else:
            await _read_all(receive)
            await _refuse(fault, vendor, path, send)

    async def _process(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the request done, holding its answer back."""
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        await self._app(scope, receive, keep)
        if fault.kind == "lost_answer":
            await drop_connection(scope, receive)
            return
        await asyncio.sleep(fault.seconds)
        for message in answer:
            await send(message)


async def _read_all(receive: Receive) -> None:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return


async def _refuse(fault: Fault, vendor: PracticeVendor, path: str, send: Send) -> None:
    """Answer in the vendor's place."""
    answer = refusal(
        fault.kind, vendor, path, status=fault.status, retry_after=fault.retry_after, limit=fault.limit
    )
    start = {"type": "http.response.start", "status": answer.status, "headers": answer.raw_headers()}
    await send(start)
    await send({"type": "http.response.body", "body": answer.body})
