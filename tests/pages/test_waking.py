"""The event loop gets everything that a running page says, in order, and is woken once for many."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.runtime.app_session import AppSession

from soc.ui import streamlit_server


async def _sent_by(threads: int, each: int) -> tuple[list[tuple[int, int]], int]:
    """What arrived from so many pages, while the loop was busy, and how often it was woken."""
    loop, seen, woken = asyncio.get_running_loop(), list[tuple[int, int]](), list[Any]()
    real, all_in = loop.call_soon_threadsafe, asyncio.Event()
    loop.call_soon_threadsafe = lambda *given: woken.append(given) or real(*given)  # type: ignore[method-assign, assignment]
    session: Any = SimpleNamespace(_event_loop=loop)

    def page(number: int) -> None:
        for message in range(each):
            streamlit_server._call_soon(session, lambda message=message: seen.append((number, message)))

    pages = [threading.Thread(target=page, args=(number,)) for number in range(threads)]
    for one in pages:
        one.start()
    for one in pages:
        one.join()  # the loop stands still meanwhile
    loop.call_later(0.05, all_in.set)
    await all_in.wait()
    return seen, len(woken)


def test_a_busy_loop_is_woken_once_for_all_that_came_and_gets_it_in_order() -> None:
    seen, woken = asyncio.run(_sent_by(threads=4, each=200))
    assert woken == 1
    for page in range(4):
        assert [message for number, message in seen if number == page] == list(range(200))


def test_one_that_fails_keeps_nothing_back() -> None:
    async def send() -> list[str]:
        loop, seen = asyncio.get_running_loop(), list[str]()
        loop.set_exception_handler(lambda _loop, context: seen.append(str(context["exception"])))
        session: Any = SimpleNamespace(_event_loop=loop)
        for act in (lambda: [].pop(), lambda: seen.append("second")):
            streamlit_server._call_soon(session, act)
        await asyncio.sleep(0.05)
        streamlit_server._call_soon(session, lambda: seen.append("third"))
        await asyncio.sleep(0.05)
        return seen

    assert asyncio.run(send()) == ["pop from empty list", "second", "third"]


def test_a_closed_loop_is_no_fault_of_the_page() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    session: Any = SimpleNamespace(_event_loop=loop)
    for _ in range(2):
        streamlit_server._call_soon(session, lambda: None)


def test_this_version_of_streamlit_wakes_the_loop_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AppSession, "_call_soon_on_event_loop", AppSession._call_soon_on_event_loop)
    streamlit_server.wake_once_for_many()
    assert AppSession._call_soon_on_event_loop is streamlit_server._call_soon
    assert "_call_soon_on_event_loop" in AppSession._on_scriptrunner_event.__code__.co_names
    assert "_event_loop" in AppSession.__init__.__code__.co_names
