"""What a serving process does at its start and end: log set-up, engine, practice vendors, tuning of the loop."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict

from soc import engine
from soc.configuration.practice import resume_practice, stop_sandbox
from soc.door.half_sent import tune_the_server
from soc.errors import KeyFault, SocError
from soc.settings import get_settings

#: Streamlit's own collection after each rerun is switched off (.streamlit/config.toml); this one replaces it.
COLLECT_EVERY_SECONDS = 30.0
#: The exit code of a server that may not run on this store (docs/commands.md: the store, or the key).
REFUSED_TO_START, WRONG_KEY = 10, 11


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


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Start the engine before the first request is served, and shut it down after the last one."""
    set_up_logging()
    try:
        await asyncio.to_thread(engine.launch, role="server")
    except SocError as error:
        # the server around this would print a traceback; nothing of the product runs yet
        print(f"❌ {error}", file=sys.stderr, flush=True)
        os._exit(WRONG_KEY if isinstance(error, KeyFault) else REFUSED_TO_START)
    await asyncio.to_thread(resume_practice)
    tune_the_server()
    send_small_answers_at_once()
    gc.collect()
    gc.freeze()
    collector = asyncio.create_task(_collect_now_and_then())
    try:
        yield
    finally:
        collector.cancel()
        with suppress(asyncio.CancelledError):
            await collector
        await asyncio.to_thread(engine.shut_down)
        await asyncio.to_thread(stop_sandbox)


async def _collect_now_and_then() -> None:
    while True:
        await asyncio.sleep(COLLECT_EVERY_SECONDS)
        gc.collect()


def send_small_answers_at_once() -> None:
    """Set TCP_NODELAY on this process's listeners, from which accepted connections inherit it.

    asyncio sets it only on sockets that name TCP as their protocol; a plain `socket.socket()` does not, and
    then every small answer waits up to 40 ms for the peer's delayed acknowledgement.
    """
    for candidate in [one for one in gc.get_objects() if isinstance(one, socket.socket)]:
        with suppress(OSError):
            if candidate.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                candidate.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
