"""Counts that are kept for as long as the store has not changed: no process has committed anything since.

The store counts them itself (`soc.store.db`), in the transaction that writes; signs of life do not count. So what
somebody just did, here or on another machine, is never hidden behind an older answer. Who changes rows with a tool of their
own is seen after `LONGEST`.
"""

from __future__ import annotations

import functools
import itertools
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import ParamSpec, TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Engine

from soc import clock
from soc.store.db import WRITES_SO_FAR, get_engine
from soc.store.trail.committed import commits_here

log = structlog.get_logger(__name__)
Asked = ParamSpec("Asked")
Value = TypeVar("Value")
#: What also depends on the time of day is no older than this.
LONGEST = timedelta(seconds=5)
_MOST = 256

_lock = threading.Lock()


@dataclass
class _Watching:
    """A connection to SQLite that never writes: its number, which no other one ever has, and what it last saw."""

    number: int
    connection: sa.Connection
    seen: int = -1
    writes: int = 0


#: By engine.
_watching: dict[Engine, _Watching] = {}
_numbers = itertools.count()
_stores: weakref.WeakKeyDictionary[Engine, int] = weakref.WeakKeyDictionary()
_kept: OrderedDict[Hashable, tuple[Hashable, datetime, object]] = OrderedDict()
#: Questions that somebody is just reading the answer to, by the version that was read before.
_asked: dict[Hashable, threading.Event] = {}
#: Questions that are about to be read ahead, by the version of the answer that is kept.
_ahead: set[tuple[Hashable, Hashable]] = set()
#: An answer that somebody asks for in the last part of its time is read anew meanwhile.
_SOON_OVER = 0.6
#: Whoever waits longer than this (seconds) for another's reading reads by themselves.
_PATIENCE = 30.0


#: While one moment lasts in a thread: until when at the latest, and the version with what it was read at.
_moment = threading.local()
#: Seconds that a moment lasts at the most.
SHORT = 0.25


@contextmanager
def one_moment() -> Iterator[None]:
    """Within it (one drawing of a page) this thread asks the store once whether anything was written, for all that is kept.

    What this process commits meanwhile is seen at once; what another one does, at the latest a quarter of a second later.
    """
    if getattr(_moment, "ends", None) is not None:
        yield
        return
    _moment.ends, _moment.known = clock.steady() + SHORT, None
    try:
        yield
    finally:
        _moment.ends = _moment.known = None


def _version_now() -> Hashable:
    """The store's version, of the moment that lasts where one does."""
    ends = getattr(_moment, "ends", None)
    if ends is None or clock.steady() >= ends:
        return store_version()
    seen = (get_engine(), commits_here())
    if _moment.known is None or _moment.known[0] != seen:
        _moment.known = (seen, store_version())
    return _moment.known[1]  # type: ignore[no-any-return]


def store_version() -> Hashable:
    """Differs from every earlier one once anything was committed since, by whichever process (but a sign of life)."""
    engine = get_engine()
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            return _store(), int(connection.exec_driver_sql(WRITES_SO_FAR).scalar_one())
    with _lock:
        for other in [one for one in _watching if one is not engine]:
            _watching.pop(other).connection.close()
        if engine not in _watching:
            reading = engine.execution_options(soc_read_only=True).connect()
            _watching[engine] = _Watching(next(_numbers), reading)
        watching = _watching[engine]
        cursor = watching.connection.connection.cursor()  # outside a transaction, in which nothing would move
        try:
            # changes with every commit of another connection, a hundred times faster than a table is read
            [seen] = cursor.execute("PRAGMA data_version").fetchone()
            if seen != watching.seen:
                [watching.writes] = cursor.execute(WRITES_SO_FAR).fetchone()
                watching.seen = seen
            return watching.number, watching.writes
        finally:
            cursor.close()


def while_unchanged(read: Callable[Asked, Value]) -> Callable[Asked, Value]:
    """Of a read of plain values, which nobody changes: the last answer to the same question while nothing was written.

    Of several who ask at once one reads and the others wait for the answer: twenty who look at a page cost what one costs.
    While somebody looks it is read anew before its time is over, beside them.
    """
    return _kept_by(read, lambda: _version_now(), lambda: LONGEST)


def kept_for(length: timedelta) -> Callable[[Callable[Asked, Value]], Callable[Asked, Value]]:
    """Of a read of plain values over very many rows: the last answer to the same question, also after a write, no older than
    `length`. For numbers that are read by programs and move slowly; what somebody just did may be missing that long.
    """
    return lambda read: _kept_by(read, _store, lambda: length)


def _store() -> int:
    """The number of the store that is open; another one's is another."""
    engine = get_engine()
    with _lock:
        return _stores.setdefault(engine, next(_numbers))


def _kept_by(
    read: Callable[Asked, Value], version_of: Callable[[], Hashable], longest: Callable[[], timedelta]
) -> Callable[Asked, Value]:
    @functools.wraps(read)
    def answer(*args: Asked.args, **named: Asked.kwargs) -> Value:
        question = (read.__module__, read.__qualname__, args, tuple(sorted(named.items())))
        version = version_of()
        asked = partial(read, *args, **named)
        while True:
            with _lock:
                kept = _kept.get(question)
                if kept and kept[0] == version and timedelta() <= (age := clock.now() - kept[1]) < longest():
                    _kept.move_to_end(question)
                    if age >= longest() * _SOON_OVER and (question, version) not in _ahead:
                        _ahead.add((question, version))
                        _reader().submit(_read_ahead, question, version, asked, longest() * _SOON_OVER)
                    return kept[2]  # type: ignore[return-value]
                other = _asked.get((question, version))
                if other is None:
                    _asked[question, version] = threading.Event()
                    break
            if not other.wait(_PATIENCE):
                return asked()
        return _read_and_keep(question, version, asked)

    return answer


def _read_and_keep(question: Hashable, version: Hashable, asked: Callable[[], Value]) -> Value:
    """Of a question that is marked as being read."""
    try:
        now = clock.now()
        value = asked()  # read after its version: what was written meanwhile is read again
        with _lock:
            _kept[question] = (version, now, value)
            _kept.move_to_end(question)
            while len(_kept) > _MOST:
                _kept.popitem(last=False)
        return value
    finally:  # where it failed, the next one of those who wait tries by itself
        with _lock:
            _asked.pop((question, version)).set()


@functools.cache
def _reader() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "read-ahead")


def _read_ahead(question: Hashable, version: Hashable, asked: Callable[[], object], old: timedelta) -> None:
    """Read what will be over soon, unless somebody did or does: the next who ask need not wait for it."""
    with _lock:
        _ahead.discard((question, version))
        kept = _kept.get(question)
        if not kept or kept[0] != version or clock.now() - kept[1] < old or (question, version) in _asked:
            return
        _asked[question, version] = threading.Event()
    try:
        _read_and_keep(question, version, asked)
    except Exception as error:  # noqa: BLE001 - whoever asks next reads, and is told
        log.debug("not_read_ahead", error=type(error).__name__)
