"""The name of one request: the caller's own `X-Request-ID` or a made one, in the answer, in problems and in the log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from starlette.types import Message, Send

from soc.ids import new_id
from soc.tracing.context import carried, read_traceparent

HEADER = "x-request-id"
_TAKEN_OVER = re.compile(r"[A-Za-z0-9._:/+=-]{1,100}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """The request that this code works for; "" outside of one."""
    return _current.get()


@contextmanager
def named_request(given: str, traceparent: str = "") -> Iterator[str]:
    """Everything within belongs to one request; what a caller gave is used where it is a plain short word.

    So is the caller's trace, where its `traceparent` is one.
    """
    name = given if _TAKEN_OVER.fullmatch(given) else new_id("req")
    token = _current.set(name)
    try:
        with structlog.contextvars.bound_contextvars(request_id=name), carried(read_traceparent(traceparent)):
            yield name
    finally:
        _current.reset(token)


def naming(send: Send, name: str) -> Send:
    """The same channel, whose answer's head carries the request's name."""

    async def send_named(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", []), (HEADER.encode(), name.encode())]
            message = {**message, "headers": headers}
        await send(message)

    return send_named
