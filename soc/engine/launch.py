"""Start and stop the engine of this process."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from dbos import DBOS, DBOSConfig

from soc.analysis import close_pool
from soc.batches.pulse import end_runs
from soc.delivery import connectors, queues
from soc.engine import workflows  # noqa: F401 - the engine finds its workflows where they are imported
from soc.engine.enqueue import Enqueuer
from soc.engine.schedules import SCHEDULES, sweep_at_start
from soc.engine.slot import ExecutorSlot
from soc.engine.sweep import sweep
from soc.settings import Settings, get_settings
from soc.store.db import begin_immediately, get_engine, postgres_url, sqlite_engine
from soc.store.migrate import migrate

__all__ = ["executor_name", "is_running", "launch", "recover", "shut_down", "sweep"]

APPLICATION = "soc"
#: Pinned: a restart, also as a newer version, recovers the work of the process before it.
APPLICATION_VERSION = "soc-1"
#: On PostgreSQL the engine's tables lie here, beside the store's schema.
SCHEMA = "engine"

#: How long a process that is told to end waits for its runs to give their batches back.
RUNS_END = timedelta(seconds=5)

_state_lock = threading.Lock()
_slot: ExecutorSlot | None = None
_jobs: Enqueuer | None = None


def _engine_database(settings: Settings) -> dict[str, Any]:
    if settings.database_url:
        return {"system_database_url": postgres_url(settings.database_url), "dbos_system_schema": SCHEMA}
    return {"system_database_engine": sqlite_engine(settings.data_dir / "engine.db", for_dbos=True)}


def _enqueuer(database: dict[str, Any]) -> Enqueuer:
    """On PostgreSQL the store's pool is used: the engine's schema lies in the same database."""
    return Enqueuer(
        database.get("system_database_engine", get_engine()),
        schema=database.get("dbos_system_schema"),
        application=APPLICATION,
        version=APPLICATION_VERSION,
    )


def launch(*, listen: Sequence[str] | None = None) -> None:
    """Migrate the store, then start the engine of this process (once). `listen=()` enqueues but runs nothing."""
    global _slot, _jobs
    with _state_lock:
        if _slot is not None:
            return
        settings = get_settings()
        migrate()
        slot = ExecutorSlot(settings.data_dir / "run", settings.executor_id)
        database = _engine_database(settings)
        config: DBOSConfig = {
            "name": APPLICATION,
            "application_version": APPLICATION_VERSION,
            "executor_id": slot.name,
            "console_log_level": "WARNING",
            "log_level": "WARNING",
            **database,  # type: ignore[typeddict-item]
        }
        DBOS(config=config)
        if listen is not None:
            DBOS.listen_queues(list(listen))
        DBOS.launch()
        if not settings.database_url:
            # DBOS looks for what waits in a queue and then claims it; two processes must not look at the same moment.
            # Its migrations begin by hand, so this comes after them, and before the first look at a queue.
            begin_immediately(database["system_database_engine"])
        if listen is None:
            DBOS.apply_schedules(SCHEDULES)
        _jobs = _enqueuer(database)
        _jobs.refresh_queues()
        queues.open_queues(_jobs)
        _slot = slot
    if listen is None:
        recover(slot.dead_neighbours())
        sweep_at_start()


def recover(executors: Sequence[str]) -> int:
    """Take over the work of processes that are gone; returns how many workflows that were."""
    if not executors:
        return 0
    return len(DBOS._recover_pending_workflows(list(executors)))


def is_running() -> bool:
    return _slot is not None


def executor_name() -> str:
    return _slot.name if _slot else ""


def shut_down(*, patience_seconds: int = 5) -> None:
    """Stop taking work, let what runs end, give everything back. What is cut off is recovered at the next start."""
    global _slot, _jobs
    with _state_lock:
        if _slot is None:
            return
        end_runs(patience=RUNS_END)  # before the queues close: their batches go on in another process
        queues.close_queues()
        DBOS.destroy(workflow_completion_timeout_sec=patience_seconds)
        if _jobs is not None:
            _jobs.close()
            _jobs = None
        connectors.close_all()
        close_pool()
        _slot.release()
        _slot = None
