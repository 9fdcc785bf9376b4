"""Spans: what is done, for how long, and within what. Where none are wanted, a span costs a look and carries the trace on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Literal

from soc import clock
from soc.tracing import exporting
from soc.tracing.attributes import Value, checked
from soc.tracing.context import carried, current_traceparent, span_id_of, trace_id_of

Kind = Literal["internal", "server", "client", "producer", "consumer"]


class Span:
    """What may be said of a span while it lasts; without a receiver it is said to nobody."""

    def __init__(self, inner: Any = None) -> None:
        self._inner = inner

    def say(self, attributes: Mapping[str, Value]) -> None:
        """Raises ValueError for an attribute that is not declared."""
        if self._inner is not None:
            self._inner.set_attributes(checked(attributes))

    def rename(self, name: str) -> None:
        if self._inner is not None:
            self._inner.update_name(name)

    def fail(self, kind: str) -> None:
        """It did not succeed; `kind` is the type of the error or the reason, never its text."""
        if self._inner is not None:
            self._inner.set_attributes(checked({"error.type": kind}))
            self._inner.set_status(_api("trace").StatusCode.ERROR)


NOBODY = Span()


@contextmanager
def span(
    name: str,
    kind: Kind = "internal",
    attributes: Mapping[str, Value] | None = None,
    *,
    parent: str | None = None,
    own: str = "",
) -> Iterator[Span]:
    """Everything within is part of it. `parent`: the kept traceparent that it follows; None: what runs now.

    `own`: the traceparent that it is known by already (`child_of` the parent).
    """
    follows = current_traceparent() if parent is None else parent
    if exporting.tracer() is None:
        with carried(own or follows):
            yield NOBODY
        return
    inner = _start(name, kind, attributes or {}, follows, own=own)
    made = Span(inner)
    try:
        with carried(_text(inner)):
            yield made
    except BaseException as error:
        made.fail(type(error).__name__)
        raise
    finally:
        inner.end()


def mark(name: str, kind: Kind, attributes: Mapping[str, Value], *, parent: str | None = None) -> str:
    """A moment as a span of no length; the traceparent for what follows it, the parent's where nobody listens."""
    with span(name, kind, attributes, parent=parent):
        return current_traceparent()


class Stopwatch:
    """Spans of work that is under way side by side, under the span in which the watch was made."""

    def __init__(self, name: str) -> None:
        self._name, self._parent = name, current_traceparent()
        self._began: dict[object, int] = {}
        self._on = exporting.tracer() is not None

    def now(self) -> int:
        """The moment, for `began`; 0 where nobody listens."""
        return _nanoseconds() if self._on else 0

    def began(self, key: object, at: int) -> None:
        if self._on:
            self._began[key] = at

    def end(self, key: object, attributes: Mapping[str, Value]) -> None:
        if (began := self._began.pop(key, None)) is not None:
            _start(self._name, "internal", attributes, self._parent, began).end()


def _start(
    name: str, kind: Kind, attributes: Mapping[str, Value], follows: str, at: int | None = None, own: str = ""
) -> Any:
    api = _api("trace")
    context = _api("context").Context()
    if follows:
        flags = api.TraceFlags(int(follows[-2:], 16))
        above = api.SpanContext(
            int(trace_id_of(follows), 16), int(span_id_of(follows), 16), is_remote=True, trace_flags=flags
        )
        context = api.set_span_in_context(api.NonRecordingSpan(above), context)
    token = exporting.next_span_id.set(int(span_id_of(own) or "0", 16))
    try:
        return exporting.tracer().start_span(
            name,
            context=context,
            kind=api.SpanKind[kind.upper()],
            attributes=checked(attributes),
            start_time=at,
        )
    finally:
        exporting.next_span_id.reset(token)


def _text(inner: Any) -> str:
    found = inner.get_span_context()
    return f"00-{found.trace_id:032x}-{found.span_id:016x}-{int(found.trace_flags) & 1:02x}"


def _nanoseconds() -> int:
    return int(clock.now().timestamp() * 1e9)


def _api(part: str) -> Any:
    return import_module(f"opentelemetry.{part}")
