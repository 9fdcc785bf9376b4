"""Counts that are kept for as long as the store has not changed: no process has committed anything since.

SQLite says by a number that changes with every commit of another connection (`PRAGMA data_version`), PostgreSQL by how far
its log was written (which moves for other reasons too: then a count is read once more than needed). So what somebody just did, here or on another machine, is never hidden behind an older count.
"""

from __future__ import annotations

import functools
import itertools
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from soc import clock
from soc.store.db import get_engine

Asked = ParamSpec("Asked")
Value = TypeVar("Value")
#: What also depends on the time of day is no older than this.
LONGEST = timedelta(seconds=5)
_MOST = 256

_lock = threading.Lock()
#: By engine: a connection that never writes, and its number, which no other one ever has.
_watching: dict[Engine, tuple[int, sa.Connection]] = {}
_numbers = itertools.count()
_stores: weakref.WeakKeyDictionary[Engine, int] = weakref.WeakKeyDictionary()
_kept: OrderedDict[Hashable, tuple[Hashable, datetime, object]] = OrderedDict()
#: Questions that somebody is just reading the answer to, by the version that was read before.
_asked: dict[Hashable, threading.Event] = {}
#: Whoever waits longer than this (seconds) for another's reading reads by themselves.
_PATIENCE = 30.0


def store_version() -> Hashable:
    """Differs from every earlier one once anything was committed since, by whichever process."""
    engine = get_engine()
    with _lock:
        if engine.dialect.name == "postgresql":
            with engine.connect() as connection:
                return str(connection.execute(sa.text("SELECT pg_current_wal_insert_lsn()")).scalar())
        for other in [one for one in _watching if one is not engine]:
            _watching.pop(other)[1].close()
        if engine not in _watching:  # its own commits would not count
            _watching[engine] = next(_numbers), engine.execution_options(soc_read_only=True).connect()
        number, watching = _watching[engine]
        cursor = watching.connection.cursor()  # outside a transaction, in which the number would stand still
        try:
            return number, cursor.execute("PRAGMA data_version").fetchone()[0]
        finally:
            cursor.close()


def while_unchanged(read: Callable[Asked, Value]) -> Callable[Asked, Value]:
    """Of a read of plain values, which nobody changes: the last answer to the same question while nothing was written.

    Of several who ask at once one reads and the others wait for the answer: twenty who look at a page cost what one costs.
    """
    return _kept_by(read, lambda: store_version(), lambda: LONGEST)


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
        while True:
            with _lock:
                kept = _kept.get(question)
                same = kept is not None and kept[0] == version
                if kept and same and timedelta() <= clock.now() - kept[1] < longest():
                    _kept.move_to_end(question)
                    return kept[2]  # type: ignore[return-value]
                other = _asked.get((question, version))
                if other is None:
                    mine = _asked[question, version] = threading.Event()
                    break
            if not other.wait(_PATIENCE):
                return read(*args, **named)
        try:
            now = clock.now()
            value = read(*args, **named)  # read after its version: what was written meanwhile is read again
            with _lock:
                _kept[question] = (version, now, value)
                _kept.move_to_end(question)
                while len(_kept) > _MOST:
                    _kept.popitem(last=False)
            return value
        finally:  # where it failed, the next one of those who wait tries by itself
            with _lock:
                del _asked[question, version]
            mine.set()

    return answer
