"""What is changed of Streamlit's server, and why. Each change is tested against the version in use."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import threading
from collections.abc import Callable
from pathlib import Path

import streamlit
from streamlit import net_util
from streamlit.runtime.app_session import AppSession

_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def ask_nobody_for_addresses() -> None:
    """Keep the server from asking an outside host for this machine's address.

    Streamlit does so at its start when it listens everywhere, and again for a websocket whose Origin it does not
    know: a visitor could make this machine speak to the internet. Without an answer it knows localhost alone.
    """
    net_util.get_external_ip = _no_address
    net_util.get_internal_ip = _no_address
    net_util._make_blocking_http_get = _no_answer


def _no_address() -> None:
    return None


def _no_answer(url: str, timeout: float = 5) -> None:
    return None


def page_scripts() -> tuple[str, ...]:
    """The hashes (`sha256-…`) of the scripts that stand in Streamlit's own page, for its Content-Security-Policy."""
    page = Path(streamlit.__file__).parent / "static" / "index.html"
    return tuple(
        f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"
        for script in _INLINE.findall(page.read_text(encoding="utf-8"))
    )


class _Waker:
    """Hands callbacks to one event loop, in their order; it is woken once for all that came meanwhile."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = threading.Lock()
        self._waiting: list[Callable[[], None]] = []

    def call(self, callback: Callable[[], None]) -> None:
        with self._lock:
            self._waiting.append(callback)
            if len(self._waiting) > 1:  # somebody has woken it already
                return
        try:
            self._loop.call_soon_threadsafe(self._hand_over)
        except RuntimeError:  # closed: nobody waits for these any more
            with self._lock:
                self._waiting.clear()
            if not self._loop.is_closed():
                raise

    def _hand_over(self) -> None:
        with self._lock:
            callbacks, self._waiting = self._waiting, []
        for callback in callbacks:
            self._loop.call_soon(callback)


_wakers: dict[asyncio.AbstractEventLoop, _Waker] = {}


def wake_once_for_many() -> None:
    """Keep a running page from waking the event loop for each of its elements.

    Each wake-up is a call to the system in which the script lets go of Python's lock, and waits for it again behind every
    other session: with 20 users that took longer than the page itself.
    """
    AppSession._call_soon_on_event_loop = _call_soon  # type: ignore[method-assign, assignment]


def _call_soon(session: AppSession, callback: Callable[[], None]) -> None:
    loop = session._event_loop
    waker = _wakers.get(loop) or _wakers.setdefault(loop, _Waker(loop))
    waker.call(callback)
