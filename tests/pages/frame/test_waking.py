"""The event loop gets everything that a running page says, in order, and is woken once for many."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.runtime import Runtime
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


def test_what_follows_closely_wakes_nobody_and_what_comes_after_a_silence_does() -> None:
    async def send() -> tuple[list[int], list[int]]:
        loop, seen, woken = asyncio.get_running_loop(), list[int](), list[Any]()
        real = loop.call_soon_threadsafe
        loop.call_soon_threadsafe = lambda *given: woken.append(given) or real(*given)  # type: ignore[method-assign, assignment]
        session: Any = SimpleNamespace(_event_loop=loop)
        counts = []
        for number, silence in enumerate((0.0, 0.0, 0.1, 0.1)):
            streamlit_server._call_soon(session, lambda number=number: seen.append(number))
            await asyncio.sleep(silence)
            counts.append(len(woken))
        return seen, counts

    assert asyncio.run(send()) == ([0, 1, 2, 3], [1, 1, 1, 2])


def test_the_loop_itself_needs_no_waking_to_know_that_something_waits() -> None:
    async def note() -> list[bool]:
        loop, woken = asyncio.get_running_loop(), list[Any]()
        real = loop.call_soon_threadsafe
        loop.call_soon_threadsafe = lambda *given: woken.append(given) or real(*given)  # type: ignore[method-assign, assignment]
        known = SimpleNamespace(eventloop=loop, need_send_data=asyncio.Event())
        runtime: Any = SimpleNamespace(_get_async_objs=lambda: known)
        streamlit_server._note_message(runtime)
        said = [known.need_send_data.is_set(), not woken]
        known.need_send_data.clear()
        elsewhere = threading.Thread(target=streamlit_server._note_message, args=(runtime,))
        elsewhere.start()
        elsewhere.join()
        await asyncio.wait_for(known.need_send_data.wait(), 5)
        return [*said, len(woken) == 1]

    assert asyncio.run(note()) == [True, True, True]


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
    monkeypatch.setattr(Runtime, "_enqueued_some_message", Runtime._enqueued_some_message)
    streamlit_server.wake_once_for_many()
    assert AppSession._call_soon_on_event_loop is streamlit_server._call_soon
    assert "_call_soon_on_event_loop" in AppSession._on_scriptrunner_event.__code__.co_names
    assert "_event_loop" in AppSession.__init__.__code__.co_names
    assert Runtime._enqueued_some_message is streamlit_server._note_message
    assert "need_send_data" in Runtime._loop_coroutine.__code__.co_names
