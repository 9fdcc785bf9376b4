"""The log of a process that serves, or runs a command to its end: JSON lines, no secret, no traceback's words."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict

from soc.settings import get_settings
from soc.tracing.context import current_traceparent, span_id_of, trace_id_of


def set_up_logging(stream: TextIO | None = None, level: str | None = None) -> None:
    """Structured JSON on standard error; vendors' HTTP libraries stay quiet, since they print URLs whole.

    `stream` takes its place, `level` that of SOC_LOG_LEVEL.
    """
    _set_up(stream or sys.stderr, logging.getLevelNamesMapping()[level or get_settings().log_level])


def _set_up(stream: TextIO, level: int) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=stream)
    logging.getLogger("soc").setLevel(level)
    for noisy in ("httpx", "httpcore", "dbos"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _with_trace,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # without the frames' local variables: they may hold secrets
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            _without_words,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
    _log_as_json(stream, "uvicorn", "uvicorn.error", "uvicorn.access")
    _log_as_json(stream, "dbos")  # the engine's, too: it would write plain text with whole tracebacks
    _log_as_json(stream, "opentelemetry")  # a receiver that is away


def _log_as_json(stream: TextIO, server: str, *parts: str) -> None:
    """The server's own records (an exception that nobody caught, above all) as JSON lines like all others.

    It sets up its logging before the application starts, plain text with whole tracebacks, so this replaces that.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
                _without_words,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.getLogger(server).handlers = [handler]
    logging.getLogger(server).propagate = False
    for part in parts:
        logging.getLogger(part).handlers = []
        logging.getLogger(part).propagate = True


def _with_trace(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """The trace that the line belongs to, if any, by the names that receivers of logs look for."""
    if traceparent := current_traceparent():
        event["trace_id"], event["span_id"] = trace_id_of(traceparent), span_id_of(traceparent)
    return event


def _without_words(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Keeps an exception's type and place. Its text may hold what was sent to a vendor, secrets included."""
    event["event"] = str(event["event"]).partition("Traceback (most recent call last)")[0].strip()
    rendered = event.get("exception")
    if isinstance(rendered, list):  # where_it_broke says the type alone, as a word
        _wordless(rendered)
    return event


def _wordless(stacks: list[dict[str, Any]]) -> None:
    for stack in stacks:
        stack.update(exc_value="", exc_notes=[], syntax_error=None)
        for group in stack.get("exceptions", []):
            _wordless(group)
