"""What a serving process does at its start and end: its log, engine, practice vendors, tuning of the loop."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, NoReturn

from soc import engine
from soc.configuration.practice import resume_practice, stop_sandbox
from soc.door.half_sent import tune_the_server
from soc.errors import KeyFault, SocError
from soc.json_log import set_up_logging
from soc.serving.signin.start import invite_first_admin

#: Streamlit's own collection after each rerun is switched off (.streamlit/config.toml); this one replaces it.
COLLECT_EVERY_SECONDS = 30.0
#: The exit code of a server that may not run on this store (docs/commands.md: the store, or the key).
REFUSED_TO_START, WRONG_KEY = 10, 11


def refuse_to_start(error: SocError) -> NoReturn:
    """Say why on standard error, and end: the server around this would print a traceback, and go on or not."""
    print(f"❌ {error}", file=sys.stderr, flush=True)
    os._exit(WRONG_KEY if isinstance(error, KeyFault) else REFUSED_TO_START)


@asynccontextmanager
async def lifespan(_app: Any, *, address: str = "http://127.0.0.1:8501") -> AsyncIterator[None]:
    """Start the engine before the first request is served, and shut it down after the last one.

    `address`: where a person at this machine opens the dashboard, for the first administrator's link.
    """
    set_up_logging()
    try:
        await asyncio.to_thread(engine.launch, role="server", first=resume_practice)
        if link := await asyncio.to_thread(invite_first_admin, address):
            print(
                f"🔑 The first administrator sets a password here, once, within a day:\n   {link}", flush=True
            )
    except SocError as error:
        refuse_to_start(error)  # nothing of the product runs yet
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
    for candidate in [one for one in gc.get_objects() if issubclass(type(one), socket.socket)]:
        with suppress(OSError):
            if candidate.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                candidate.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
