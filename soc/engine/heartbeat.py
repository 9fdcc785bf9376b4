"""The heartbeat: says that this process lives, sees who does not, and hands on their work.

A thread of its own, so that neither a vendor nor a batch can keep it waiting. It goes by the steady clock: a wall clock
that is set takes nobody for dead. A process that was stopped and wakes learns at its next beat that it was taken for
dead; until then its lease is over, and nothing that it had begun sends a byte (`soc.integrations.kit.lease`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import structlog

from soc import clock
from soc.delivery.local import outcomes
from soc.delivery.queues import enqueue_tries
from soc.engine.machine import Disk, Outage
from soc.errors import where_it_broke
from soc.settings import get_settings
from soc.store.db import read_session, wait_little, write_session
from soc.store.nouns.installation import executors
from soc.store.nouns.installation.executors import ExecutorRow, Process
from soc.troubles.telling import tell_outage

log = structlog.get_logger(__name__)

#: Beats in the time after which silence means death.
BEATS_IN_SILENCE = 6
#: Of that time, how much a process may go without a beat and still send: others wait longer before they take over.
LEASE_SHARE = 0.6
#: A process that is told to end waits so long (seconds) for a store that is away, where it has something to write.
LAST_PATIENCE = 10.0
#: Rows of processes that ended are kept so long.
REMEMBERED = timedelta(days=7)

#: A wall clock that lost so many seconds was set; people are told for an hour.
SET_BACK, SAID_FOR = 2.0, 3600.0

Recover = Callable[[list[str]], int]


@dataclass
class Watch:
    """Who was seen to move, and when, by this process's steady clock."""

    silence: float
    seen: dict[tuple[str, int], tuple[int, float]] = field(default_factory=dict)
    looked: float | None = None

    def silent(self, rows: Iterable[ExecutorRow], *, now: float) -> list[ExecutorRow]:
        """Those at work whose beats have not grown for the whole time of silence, while this process kept looking."""
        if self.looked is None or now - self.looked > self.silence / 2:
            self.seen.clear()  # this one was away itself: it saw nobody, alive or dead
        self.looked = now
        found, known = [], {}
        for row in rows:
            if row.stopped_at is not None or row.gone_at is not None:
                continue
            beats, since = self.seen.get((row.name, row.run), (-1, now))
            known[row.name, row.run] = (beats, since) if beats == row.beats else (row.beats, now)
            if beats == row.beats and now - since >= self.silence:
                found.append(row)
        self.seen = known
        return found


class Heartbeat:
    """Of one process. `run` is the run of its name that it has; it changes when it was taken for dead meanwhile."""

    def __init__(
        self,
        process: Process,
        recover: Recover,
        on_clock_set_back: Callable[[], None] = lambda: None,
        adopt: Callable[[list[str]], object] = lambda _names: None,
    ) -> None:
        self.process = process
        self.silence = float(get_settings().silence_seconds)
        self.interval = self.silence / BEATS_IN_SILENCE
        self._recover = recover
        self._on_clock_set_back = on_clock_set_back
        self._adopt = adopt
        self._ahead = clock.now().timestamp() - clock.steady()
        self._set_back = (0.0, 0.0)
        self._said = ""
        self._disk, self._outage = Disk(get_settings().data_dir), Outage()
        self._watch = Watch(self.silence)
        self._ended = threading.Event()
        self._beaten = clock.steady()
        self.run = self._register()
        self._thread = threading.Thread(target=self._go_on, name="heartbeat", daemon=True)

    @property
    def name(self) -> str:
        return self.process.name

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """The process ends in order: others may have what it leaves at once."""
        self._ended.set()
        outcomes.waiting.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        self._write_last()
        run, self.run = self.run, 0  # what still runs in a thread sends nothing more
        try:
            with write_session() as session:
                executors.mark_stopped(session, self.process.name, run, now=clock.now())
        except outcomes.STORE_AWAY as error:
            log.warning("executor_end_not_written", error=type(error).__name__)

    def holds(self, run: int) -> bool:
        """Whether what this run began is still this process's: nobody has had the time to take it over."""
        return run == self.run and clock.steady() - self._beaten < self.silence * LEASE_SHARE

    def _register(self) -> int:
        began = clock.steady()
        with write_session() as session:
            run = executors.register(session, self.process, now=clock.now())
        self._beaten = began
        return run

    def _go_on(self) -> None:
        while not self._ended.is_set():
            # an outcome that waits for the store is tried again every second
            if outcomes.waiting.wait(timeout=self.interval):
                self._ended.wait(timeout=1.0)
                self._quietly(self._write_kept)
            self._quietly(self.beat)

    def _write_last(self) -> None:
        """What only this process knows is worth a short wait; an arrival stands in its journal besides."""
        end = clock.steady() + LAST_PATIENCE
        while outcomes.count_kept():
            self._quietly(self._write_kept)
            if clock.steady() >= end:
                return
            time.sleep(0.5 if outcomes.count_kept() else 0.0)
        outcomes.waiting.clear()

    def _write_kept(self) -> None:
        enqueue_tries(outcomes.write_kept())

    def beat(self) -> None:
        """Say that it lives, then look after the others. Raises what the store raises."""
        began = clock.steady()
        if began - self._beaten < self.interval / 2 and self._watch.looked is not None:
            return  # woken for an outcome that waits
        name = self.process.name
        self._watch_clock()
        trouble = self._trouble()
        try:
            with write_session(sign_of_life=trouble == self._said) as session:
                lives = executors.beat(session, name, self.run, trouble=trouble, now=clock.now())
        except outcomes.STORE_AWAY:
            self._outage.failed()
            raise
        self._said = trouble
        if away := self._outage.answered():
            self._quietly(partial(tell_outage, clock.now() - away, ended=clock.now()))
        if lives:
            self._beaten = began
        else:
            self.run = self._register()
            log.warning("executor_was_taken_for_gone", executor=name, run=self.run)
        with read_session() as session:
            rows = executors.list_executors(session)
        self._look_after(rows, now=clock.steady())

    def _watch_clock(self) -> None:
        """A wall clock that was set back: schedules and waits that were named by the old time begin anew."""
        ahead = clock.now().timestamp() - clock.steady()
        back, self._ahead = self._ahead - ahead, ahead
        if back > SET_BACK:
            self._set_back = (back, clock.steady())
            log.error("clock_set_back", seconds=round(back))
            self._on_clock_set_back()

    def _trouble(self) -> str:
        back, at = self._set_back
        if full := self._disk.trouble():
            return full
        if not back or clock.steady() - at > SAID_FOR:
            return ""
        return f"Its clock was set back by {clock.describe(timedelta(seconds=back))}; what waited was brought nearer."

    def _look_after(self, rows: Iterable[ExecutorRow], *, now: float) -> None:
        others = [row for row in rows if row.name != self.process.name]
        for row in self._watch.silent(others, now=now):
            self._quietly(partial(self.take_over, row))  # one that cannot be marked keeps no other waiting
        for row in others:
            # it ended in order, or whoever marked it died before its work was handed on
            if (row.gone_at or row.stopped_at) is not None and not row.recovered:
                self._hand_on(row.name, row.run)

    def take_over(self, row: ExecutorRow) -> None:
        """It is gone: its run is over from now on, and its work is handed on."""
        with write_session() as session:
            # it may have stopped in the middle of a beat, with its row locked: then at a later look
            wait_little(session, seconds=self.interval / 2)
            marked = executors.mark_gone(session, row.name, row.run, row.beats, now=clock.now())
            executors.forget_executors(session, before=clock.now() - REMEMBERED)
        if marked:
            log.warning("executor_gone", executor=row.name, host=row.host, pid=row.pid, run=row.run)
            self._hand_on(row.name, row.run)

    def _hand_on(self, name: str, run: int) -> None:
        self._adopt([name])  # what it had heard and could not write, where it ran on this machine
        self._write_kept()
        found = self._recover([name])
        with write_session() as session:
            executors.mark_recovered(session, name, run)
        log.info("executor_recovered", executor=name, workflows=found)

    def _quietly(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the store may be away; the heart beats on
            log.warning("heartbeat_missed", **where_it_broke(error))


def bury(names: Iterable[str]) -> None:
    """Processes of this machine that are known to be dead (the system gave their locks back)."""
    wanted = set(names)
    with write_session() as session:
        for row in executors.list_executors(session):
            if row.name in wanted and row.gone_at is None:
                executors.mark_gone(session, row.name, row.run, row.beats, now=clock.now())
                executors.mark_recovered(session, row.name, row.run)
