"""The pulse of a run: progress and signs of life to the store, and from it whether the run shall end.

It beats in a thread of its own, so that a store that is locked or away never holds the reading up.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import TracebackType
from typing import Self

import structlog
from sqlalchemy.exc import SQLAlchemyError

from soc import clock
from soc.analysis import Progress
from soc.store.db import read_session, write_session
from soc.store.nouns.batches import batches

log = structlog.get_logger(__name__)

PROGRESS_EVERY = timedelta(milliseconds=400)
#: A run without progress (it waits for its turn, or puts incidents together) is alive all the same.
ALIVE_EVERY = timedelta(seconds=5)

_ending = threading.Event()
_lock = threading.Condition()
_runs = 0


class Pulse:
    """Of one run. Call it with progress; `lost` says that the run has to end, having been taken over or stopped."""

    def __init__(self, batch_id: str, attempt: int, ending: threading.Event | None = None) -> None:
        self.batch_id, self.attempt = batch_id, attempt
        self._ending = ending or threading.Event()
        self.lost = False
        self._latest: Progress | None = None
        self._written = clock.now()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat_on, daemon=True, name=f"pulse-{batch_id}")

    def __call__(self, progress: Progress) -> None:
        self._latest = progress

    def should_stop(self) -> bool:
        return self.lost or self._ending.is_set()

    def beat(self) -> None:
        """Write the newest progress, or (when it is time) that the run lives; else ask whether it shall go on.

        Best effort: a store that does not answer is asked again at the next beat.
        """
        progress, self._latest = self._latest, None
        now = clock.now()
        try:
            if progress is None and now - self._written < ALIVE_EVERY:
                with read_session() as session:
                    self.lost = not batches.still_owned(session, self.batch_id, self.attempt)
                return
            with write_session() as session:
                self.lost = not batches.update_fenced(
                    session, self.batch_id, self.attempt, heartbeat_at=now, **_columns(progress)
                )
            self._written = now
        except SQLAlchemyError as error:
            log.warning("progress_not_written", batch=self.batch_id, error=type(error).__name__)

    def _beat_on(self) -> None:
        while not self._ended.wait(PROGRESS_EVERY.total_seconds()):
            self.beat()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(
            timeout=1.0
        )  # longer only where it waits for a locked store, and then it writes nothing


def _columns(progress: Progress | None) -> dict[str, object]:
    if progress is None:
        return {}
    return {
        "stage": progress.stage,
        "current_file": progress.file,
        "lines_done": progress.lines,
        "bytes_done": progress.bytes_done,
        "bytes_total": progress.bytes_total,
    }


@contextmanager
def counted() -> Iterator[threading.Event]:
    """A run of this process, from its beginning to what it writes last; the event says when it has to end."""
    global _runs
    with _lock:
        _runs += 1
        ending = _ending
    try:
        yield ending
    finally:
        with _lock:
            _runs -= 1
            _lock.notify_all()


def end_runs(*, patience: timedelta) -> None:
    """Have every run of this process give its batch back, and wait that long for it. Later runs are not concerned."""
    global _ending
    with _lock:
        _ending.set()
        _ending = threading.Event()
        _lock.wait_for(lambda: _runs == 0, timeout=patience.total_seconds())
