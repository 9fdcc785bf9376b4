"""Who is at work, who is gone, and how long work has been waiting: the same from every process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from soc import clock
from soc.settings import get_settings
from soc.store.db import read_session
from soc.store.nouns.batches.batches import BatchState, count_batches
from soc.store.nouns.deliveries.outbox_due import find_oldest_due
from soc.store.nouns.installation.executors import ExecutorRow, list_executors
from soc.store.unchanged import while_unchanged

#: Who has been gone for longer is no news.
NEWS = timedelta(hours=24)


@dataclass(frozen=True)
class Worker:
    """One process with an engine. `gone_since` is None while it lives; `trouble` is what it says is wrong with itself."""

    name: str
    host: str
    pid: int
    version: str
    role: str
    started_at: datetime
    seen_at: datetime
    gone_since: datetime | None
    trouble: str


@dataclass(frozen=True)
class Workers:
    """`gone` are those that fell silent in the last day and whose name nobody took since, the latest first.

    `oldest_due` is the moment at which the message that waits longest should have been tried, None where none waits.
    """

    live: Sequence[Worker]
    gone: Sequence[Worker]
    oldest_due: datetime | None
    running_batches: int
    queued_batches: int

    def waits(self, now: datetime) -> timedelta:
        """How long the oldest message that is due has been waiting."""
        return max(now - self.oldest_due, timedelta(0)) if self.oldest_due else timedelta(0)


@while_unchanged
def read_workers(*, now: datetime | None = None) -> Workers:
    """As the store says it now."""
    moment = now or clock.now()
    silent = timedelta(seconds=get_settings().silence_seconds)
    with read_session() as session:
        known = [_worker(row, moment, silent) for row in list_executors(session) if row.stopped_at is None]
        oldest = find_oldest_due(session, now=moment)
        running = count_batches(session, states=(BatchState.RUNNING.value,))
        queued = count_batches(session, states=(BatchState.QUEUED.value,))
    gone = [one for one in known if one.gone_since is not None and one.gone_since > moment - NEWS]
    return Workers(
        live=[one for one in known if one.gone_since is None],
        gone=sorted(gone, key=lambda one: one.gone_since or moment, reverse=True),
        oldest_due=oldest,
        running_batches=running,
        queued_batches=queued,
    )


def _worker(row: ExecutorRow, now: datetime, silent: timedelta) -> Worker:
    """Nobody marks the last one: where all are silent, its last beat says since when."""
    unseen = row.seen_at if now - row.seen_at > 2 * silent else None
    return Worker(
        row.name, row.host, row.pid, row.version, row.role, row.started_at, row.seen_at,
        # since its last beat: when somebody noticed is of no interest
        row.seen_at if row.gone_at is not None else unseen,
        row.trouble,
    )  # fmt: skip
