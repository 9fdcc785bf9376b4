"""Whether this process can work, asked beside everything else: in a thread of its own and for two seconds at most.

However busy vendors and callers keep the other threads, a probe is answered; a database that hangs is one question
that hangs, whoever else asks.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from soc import engine
from soc.metrics.workers import Workers, read_workers
from soc.settings import get_settings
from soc.store.db import STORE_IS_AWAY, answers
from soc.store.migrate import is_newest

PATIENCE_SECONDS = 2.0
#: Answers are this old at most; a second is what probes are apart.
_KEPT_SECONDS = 1.0
_A_BLOCK = 4096


@dataclass(frozen=True)
class State:
    """What keeps the process from working, in words a person can act on; empty: nothing. `store`: it answers."""

    reasons: tuple[str, ...]
    store: bool
    workers: Workers | None = None

    @property
    def ready(self) -> bool:
        return not self.reasons


HANGS = f"The database did not answer within {PATIENCE_SECONDS:.0f} s."


def look() -> State:
    """Ask every part, one after the other."""
    reasons = []
    store = answers()
    if not store:
        reasons.append("The database does not answer.")
    elif not _has_every_table():
        reasons.append(
            "The database lacks migrations: start `soc dashboard` or `soc worker` of this version once."
        )
    if not engine.is_running():
        reasons.append("The engine is not running in this process.")
    if not _can_write():
        reasons.append("The data folder (SOC_DATA_DIR) cannot be written to, or its disk is full.")
    return State(tuple(reasons), store, _workers() if store else None)


def _workers() -> Workers | None:
    """None where the tables are not there (yet)."""
    try:
        return read_workers()
    except SQLAlchemyError:
        return None


def _has_every_table() -> bool:
    try:
        return is_newest()
    except STORE_IS_AWAY:
        return False


def _can_write() -> bool:
    probe = get_settings().data_dir / f".probe-{threading.get_ident()}"
    try:
        probe.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe.write_bytes(bytes(_A_BLOCK))  # a name alone fits into a full disk, too
    except OSError:
        return False
    finally:
        with suppress(OSError):
            probe.unlink()
    return True


class Probe:
    """Asks at most one question at a time and keeps its answer for a second."""

    def __init__(self, question: Callable[[], State] = look, *, patience: float = PATIENCE_SECONDS) -> None:
        self._question, self._patience = question, patience
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="soc-probe")
        self._lock = threading.Lock()
        self._asked: Future[State] | None = None
        self._at = 0.0

    async def ask(self) -> State:
        """The parts' state. One that hangs is said to; what raises an unforeseen error counts as not working."""
        asked = self._asking()
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(asked)), self._patience)
        except TimeoutError:
            return State((HANGS,), False)

    def _asking(self) -> Future[State]:
        with self._lock:
            old = self._asked is None or (self._asked.done() and time.monotonic() - self._at > _KEPT_SECONDS)
            if self._asked is None or old:
                self._asked, self._at = self._thread.submit(self._safely), time.monotonic()
            return self._asked

    def _safely(self) -> State:
        try:
            return self._question()
        except Exception as error:  # noqa: BLE001 - whatever it is, the process cannot work
            return State((f"A part could not be asked ({type(error).__name__}); the log says more.",), False)
        finally:
            self._at = time.monotonic()


probe = Probe()
