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
from streamlit import config, net_util
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import Runtime, app_session
from streamlit.runtime.app_session import AppSession

#: Streamlit itself sends every 10 ms; a page's elements follow each other faster than this (seconds).
LINGER = 0.004
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


def say_the_theme_from_memory() -> None:
    """Keep each run of a page from reading the theme out of all options anew: it took an eighth of an empty page's time.

    Put into words once for as long as the configuration is the same one; Streamlit makes another when its file changes.
    """
    app_session._populate_theme_msg = _Theme(app_session._populate_theme_msg)


class _Theme:
    """Streamlit's function, whose answers are kept."""

    def __init__(self, read: Callable[[CustomThemeConfig, str], None]) -> None:
        self._read = read
        self._of: object = None
        self._kept: dict[str, CustomThemeConfig] = {}

    def __call__(self, msg: CustomThemeConfig, section: str = "theme") -> None:
        if self._of is not config._config_options:
            self._of, self._kept = config._config_options, {}
        if section not in self._kept:
            known = CustomThemeConfig()
            self._read(known, section)
            self._kept[section] = known
        if self._kept[section].ByteSize():  # else it would be said that there is one
            msg.MergeFrom(self._kept[section])


class _Waker:
    """Hands callbacks to one event loop, in their order; it is woken once for all that came meanwhile.

    Once woken it looks again by itself until nothing comes any more: what follows within `LINGER` wakes nobody.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = threading.Lock()
        self._waiting: list[Callable[[], None]] = []
        self._awake = False

    def call(self, callback: Callable[[], None]) -> None:
        with self._lock:
            self._waiting.append(callback)
            if self._awake:
                return
            self._awake = True
        try:
            self._loop.call_soon_threadsafe(self._hand_over)
        except RuntimeError:  # closed: nobody waits for these any more
            with self._lock:
                self._waiting.clear()
                self._awake = False
            if not self._loop.is_closed():
                raise

    def _hand_over(self) -> None:
        with self._lock:
            callbacks, self._waiting = self._waiting, []
            self._awake = bool(callbacks)
        for callback in callbacks:
            self._loop.call_soon(callback)
        if callbacks:
            self._loop.call_later(LINGER, self._hand_over)


_wakers: dict[asyncio.AbstractEventLoop, _Waker] = {}


def wake_once_for_many() -> None:
    """Keep a running page from waking the event loop for each of its elements.

    Each wake-up is a call to the system in which the script lets go of Python's lock, and waits for it again behind every
    other session: with 20 users that took longer than the page itself.
    """
    AppSession._call_soon_on_event_loop = _call_soon  # type: ignore[method-assign, assignment]
    Runtime._enqueued_some_message = _note_message  # type: ignore[method-assign, assignment]


def _note_message(runtime: Runtime) -> None:
    """That something waits to be sent. The loop itself mostly says so, of each element: that is no reason to wake it."""
    known = runtime._get_async_objs()
    if known.need_send_data.is_set():  # it has not begun to send since
        return
    if asyncio._get_running_loop() is known.eventloop:
        known.need_send_data.set()
    else:
        known.eventloop.call_soon_threadsafe(known.need_send_data.set)


def _call_soon(session: AppSession, callback: Callable[[], None]) -> None:
    loop = session._event_loop
    waker = _wakers.get(loop) or _wakers.setdefault(loop, _Waker(loop))
    waker.call(callback)
