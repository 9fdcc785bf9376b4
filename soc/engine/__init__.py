"""The durable engine: queues, schedules and workflows of one process, on DBOS.

A batch is a workflow; one try of a delivery is a workflow; sweep, ticket sync, SLA watch and the like are
schedules of which one process runs each tick. Nothing else in the product polls, schedules or retries.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dbos import DBOS, DBOSConfig

from soc.delivery import connectors, queues
from soc.engine.slot import ExecutorSlot
from soc.engine.workflows import SCHEDULES, sweep, sweep_at_start
from soc.integrations.registry import KINDS
from soc.logs import close_pool
from soc.settings import Settings, get_settings
from soc.store.db import postgres_url, sqlite_engine
from soc.store.migrate import migrate

__all__ = ["executor_name", "is_running", "launch", "recover", "shut_down", "sweep"]

#: Pinned: a restart, also as a newer version, recovers the work of the process before it.
APPLICATION_VERSION = "soc-1"
#: A queue hands out up to its concurrency at each look, and each look costs a few milliseconds whether or not
#: there is work: 32 workflows every 0.4 s is more than two cores deliver.
POLL_SECONDS = 0.4


@dataclass(frozen=True)
class QueueLimits:
    """How many of a queue's workflows run at once in one process, and how many may start a period."""

    concurrency: int
    starts: int | None = None
    period: float = 1.0


#: Slack takes about one message a second a channel, with short bursts; PagerDuty's sources disagree on its
#: limit (120 or 480 a minute), so it begins with the lower one. The others are limited by their own answers.
VENDOR_LIMITS: dict[str, QueueLimits] = {
    "slack": QueueLimits(concurrency=4, starts=20, period=15.0),
    "pagerduty": QueueLimits(concurrency=4, starts=10, period=5.0),
    "stackstorm": QueueLimits(concurrency=4),
}
QUEUES: dict[str, QueueLimits] = {
    queues.BATCH_QUEUE: QueueLimits(concurrency=1),
    queues.delivery_queue("slack", "update_alert"): QueueLimits(concurrency=4, starts=20, period=15.0),
    **{
        queues.delivery_queue(kind, ""): VENDOR_LIMITS.get(kind, QueueLimits(concurrency=32))
        for kind in KINDS
    },
}


_state_lock = threading.Lock()
_slot: ExecutorSlot | None = None


def _engine_database(settings: Settings) -> dict[str, Any]:
    if settings.database_url:
        return {"system_database_url": postgres_url(settings.database_url), "dbos_system_schema": "engine"}
    return {"system_database_engine": sqlite_engine(settings.data_dir / "engine.db", for_dbos=True)}


def launch(*, listen: Sequence[str] | None = None) -> None:
    """Migrate the store, then start the engine of this process (once). `listen=()` enqueues but runs nothing."""
    global _slot
    with _state_lock:
        if _slot is not None:
            return
        settings = get_settings()
        migrate()
        slot = ExecutorSlot(settings.data_dir / "run", settings.executor_id)
        config: DBOSConfig = {
            "name": "soc",
            "application_version": APPLICATION_VERSION,
            "executor_id": slot.name,
            "console_log_level": "WARNING",
            "log_level": "WARNING",
            **_engine_database(settings),  # type: ignore[typeddict-item]
        }
        DBOS(config=config)
        if listen is not None:
            DBOS.listen_queues(list(listen))
        DBOS.launch()
        for name, limits in QUEUES.items():
            DBOS.register_queue(
                name,
                worker_concurrency=limits.concurrency,
                limiter={"limit": limits.starts, "period": limits.period} if limits.starts else None,
                polling_interval_sec=POLL_SECONDS,
                on_conflict="always_update",
            )
        if listen is None:
            DBOS.apply_schedules(SCHEDULES)
        queues.open_queues(_enqueue)
        _slot = slot
    if listen is None:
        recover(slot.dead_neighbours())
        sweep_at_start()


def recover(executors: Sequence[str]) -> int:
    """Take over the work of processes that are gone; returns how many workflows that were."""
    if not executors:
        return 0
    return len(DBOS._recover_pending_workflows(list(executors)))


def _enqueue(
    queue: str, workflow: str, workflow_id: str, arguments: tuple[str | int, ...], delay: timedelta
) -> None:
    options: dict[str, Any] = {
        "queue_name": queue,
        "workflow_name": workflow,
        "workflow_id": workflow_id,
        "app_version": APPLICATION_VERSION,
    }
    if delay > timedelta(0):
        options["delay_seconds"] = delay.total_seconds()
    DBOS.enqueue_workflow_with_options(options, *arguments)  # type: ignore[arg-type]


def is_running() -> bool:
    return _slot is not None


def executor_name() -> str:
    return _slot.name if _slot else ""


def shut_down(*, patience_seconds: int = 5) -> None:
    """Stop taking work, let what runs end, give everything back. What is cut off is recovered at the next start."""
    global _slot
    with _state_lock:
        if _slot is None:
            return
        queues.close_queues()
        DBOS.destroy(workflow_completion_timeout_sec=patience_seconds)
        connectors.close_all()
        close_pool()
        _slot.release()
        _slot = None
