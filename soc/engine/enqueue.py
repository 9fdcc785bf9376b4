"""Hands workflows to the engine's database, many in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from dbos import DBOSClient
from sqlalchemy.engine import Engine

from soc import clock
from soc.delivery.queues import BATCH_QUEUE, POLL_SECONDS, QUEUES, Job
from soc.store.upkeep.engine_tables import PORTION, count_rows, forget_ahead, forget_over

#: Who waits for SQLite's one connection to the engine's database waits for one transaction at most.
JOBS_A_TRANSACTION = 100


class Enqueuer:
    """A client of the engine's database. A workflow whose id is known already is left as it is.

    It is used inside workflows too, and on purpose not as DBOS's own call: that would record each new workflow as
    a child of the running one, which costs a statement more and which nothing here reads.
    """

    def __init__(self, database: Engine, *, schema: str | None, application: str, version: str) -> None:
        self._database = database
        self._version = version
        self._schema = schema
        self._open: set[str] = set()
        self._client = DBOSClient(
            system_database_engine=database, dbos_system_schema=schema, application_name=application
        )

    def refresh_queues(self) -> None:
        """Give the queues that are there already the limits of this version, and open the one for batches.

        The others are opened with their first delivery: every open queue is looked at all the time.
        """
        there = {queue.name for queue in self._client.list_queues()}
        for name in QUEUES:
            if name in there or name == BATCH_QUEUE:
                self._open_queue(name)

    def _open_queue(self, name: str) -> None:
        if name in self._open:
            return
        limits = QUEUES[name]
        self._client.register_queue(
            name,
            worker_concurrency=limits.concurrency,
            limiter=None,  # a limit counted here would be counted before the bytes leave: soc.delivery.rate_limit
            polling_interval_sec=POLL_SECONDS,
        )
        self._open.add(name)

    def __call__(self, jobs: Sequence[Job]) -> None:
        for queue in {job.queue for job in jobs}:
            self._open_queue(queue)
        for start in range(0, len(jobs), JOBS_A_TRANSACTION):
            with self._database.begin() as connection:
                for job in jobs[start : start + JOBS_A_TRANSACTION]:
                    self._client.enqueue_in_transaction(connection, self._options(job), *job.arguments)

    def _options(self, job: Job) -> Any:
        options: dict[str, Any] = {
            "queue_name": job.queue,
            "workflow_name": job.workflow,
            "workflow_id": job.workflow_id,
            "app_version": self._version,
        }
        if job.delay > timedelta(0):
            options["delay_seconds"] = job.delay.total_seconds()
        return options

    def forget_ticks_ahead(self) -> None:
        """The clock was set back: what schedules did at moments that come again does not count."""
        with self._database.begin() as connection:
            forget_ahead(connection, schema=self._schema, now_ms=int(clock.now().timestamp() * 1000))

    def forget_over(self, before: datetime) -> int:
        """Workflows that ended before the moment; returns how many went."""
        gone = 0
        while True:
            with self._database.begin() as connection:
                some = forget_over(connection, schema=self._schema, before_ms=int(before.timestamp() * 1000))
            gone += some
            if some < PORTION:
                return gone

    def count_rows(self) -> Mapping[str, int]:
        with self._database.connect() as connection:
            return count_rows(connection, schema=self._schema)

    def close(self) -> None:
        self._client.destroy()
