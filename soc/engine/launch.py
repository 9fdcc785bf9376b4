"""Start and stop the engine of this process."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from dbos import DBOS, DBOSConfig

from soc import __version__
from soc.analysis import close_pool
from soc.audit.whereabouts import set_process
from soc.batches.pulse import end_runs
from soc.delivery import connectors, queues
from soc.delivery.attempt import late_arrival
from soc.delivery.local import outcomes
from soc.delivery.local.sender import send_as
from soc.delivery.replay import resume
from soc.domain.actor import Actor
from soc.engine import workflows as _workflows  # noqa: F401 - registers them
from soc.engine.enqueue import Enqueuer
from soc.engine.heartbeat import Heartbeat, bury
from soc.engine.listening import Listening
from soc.engine.portions import take_small_portions
from soc.engine.schedules import SCHEDULES, sweep_at_start
from soc.engine.schema import SCHEMA
from soc.engine.slot import ExecutorSlot
from soc.engine.sweep import sweep
from soc.engine.tidy import tidy_by
from soc.escalation.following import follow_delivery
from soc.integrations.in_force import configured_here
from soc.integrations.mistyped import env_notes
from soc.metrics.rows import count_engine_by
from soc.rights import keep_to_owner
from soc.settings import Settings, get_settings
from soc.store.db import (
    begin_immediately,
    get_engine,
    postgres_connection,
    postgres_url,
    read_session,
    sqlite_engine,
)
from soc.store.migrate import migrate
from soc.store.nouns.installation.executors import Process
from soc.store.nouns.vendors.health import read_health
from soc.tracing.exporting import flush

__all__ = ["executor_name", "is_running", "launch", "recover", "shut_down", "sweep"]

APPLICATION = "soc"
#: Pinned: a restart, also as a newer version, recovers the work of the process before it.
APPLICATION_VERSION = "soc-1"

#: How long a process that is told to end waits for its runs to give their batches back.
RUNS_END = timedelta(seconds=5)

_state_lock = threading.Lock()
_slot: ExecutorSlot | None = None
_jobs: Enqueuer | None = None
_heart: Heartbeat | None = None
_lines: Listening | None = None
_schedules_run = False
_clock_set = 0


def _engine_database(settings: Settings) -> dict[str, Any]:
    if settings.sqlite_file is None:
        return {
            "system_database_url": postgres_url(settings.database_url),
            "dbos_system_schema": SCHEMA,
            "db_engine_kwargs": {"connect_args": postgres_connection()},
            "run_migrations": settings.migrate_at_start,
        }
    return {"system_database_engine": sqlite_engine(settings.sqlite_engine_file, for_dbos=True)}


def _enqueuer(database: dict[str, Any]) -> Enqueuer:
    """On PostgreSQL the store's pool is used: the engine's schema lies in the same database."""
    return Enqueuer(
        database.get("system_database_engine", get_engine()),
        schema=database.get("dbos_system_schema"),
        application=APPLICATION,
        version=APPLICATION_VERSION,
    )


def launch(
    *, listen: Sequence[str] | None = None, role: str = "worker", first: Callable[[], None] = lambda: None
) -> None:
    """Migrate the store, then start the engine of this process (once). `listen=()` enqueues but runs nothing.

    `role` is what people are told that this process is. `first` is called when the store is there and nothing is tried yet:
    what waits since the last run is tried at once, and the practice vendors must answer, and be allowed, by then.
    """
    global _slot, _jobs, _heart, _schedules_run, _lines
    with _state_lock:
        if _slot is not None:
            return
        settings = get_settings()
        keep_to_owner(settings.data_dir)
        env_notes()  # what is odd about the .env is told to the log before it surprises anybody
        migrate()
        first()
        slot = ExecutorSlot(settings.data_dir / "run", settings.executor_id)
        dead = slot.dead_neighbours()
        bury(dead)
        heart = Heartbeat(_process(slot.name, role), recover, _begin_schedules_anew, _read_journals)
        set_process(f"engine {slot.name}")
        outcomes.name_journal(slot.name)
        _read_journals([slot.name, *dead])
        after_journals = outcomes.write_kept()
        database = _engine_database(settings)
        config: DBOSConfig = {
            "name": APPLICATION,
            "application_version": APPLICATION_VERSION,
            "executor_id": slot.name,
            "console_log_level": "WARNING",
            "log_level": "WARNING",
            "scheduler_polling_interval_sec": 10.0,
            **database,  # type: ignore[typeddict-item]
        }
        dbos = DBOS(config=config)
        if listen is not None:
            DBOS.listen_queues(list(listen))
        send_as(heart)
        DBOS.launch()
        take_small_portions(dbos._sys_db, dbos._active_workflows_set)
        if settings.sqlite_file is not None:
            # DBOS looks for what waits in a queue and then claims it; two processes must not look at the same moment.
            # Its migrations begin by hand, so this comes after them, and before the first look at a queue.
            begin_immediately(database["system_database_engine"])
        _schedules_run = listen is None
        if _schedules_run:
            DBOS.apply_schedules(SCHEDULES)
        _jobs = _enqueuer(database)
        _jobs.refresh_queues()
        queues.open_queues(_jobs)
        queues.enqueue_tries(after_journals)
        tidy_by(_jobs)
        count_engine_by(_jobs.count_rows)
        _slot, _heart = slot, heart
        heart.start()
        if listen is None:
            _lines = Listening(slot.name, lambda: heart.run if heart.holds(heart.run) else 0)
            _lines.start()
    if listen is None:
        recover(dead)
        sweep_at_start()
        _resume_configured_here(heart.process.configured)


def _read_journals(names: list[str]) -> int:
    return outcomes.read_journals(lambda which, receipt: late_arrival(which, receipt, follow_delivery), names)


def _process(name: str, role: str) -> Process:
    return Process(
        name,
        host=socket.gethostname(),
        pid=os.getpid(),
        version=__version__,
        role=role,
        configured=configured_here(),
    )


def _resume_configured_here(kinds: Sequence[str]) -> None:
    """What was held because nobody had a configuration goes on: this process's environment has one now."""
    for kind in kinds:
        with read_session() as session:
            waits = not read_health(session, kind).paused
        if waits:
            resume(kind, actor=Actor.system("start"))


def _begin_schedules_anew() -> None:
    """DBOS waits for the next tick by the wall clock, and a tick of an hour ago is known already."""
    global _clock_set
    if _schedules_run and _jobs is not None:
        _clock_set += 1
        _jobs.forget_ticks_ahead()
        DBOS.apply_schedules([{**one, "context": _clock_set} for one in SCHEDULES])
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
    global _slot, _jobs, _heart, _lines
    with _state_lock:
        if _slot is None:
            return
        if _lines is not None:
            _lines.stop()
            _lines = None
        end_runs(patience=RUNS_END)  # before the queues close: their batches go on in another process
        queues.close_queues()
        tidy_by(None)
        count_engine_by(None)
        DBOS.destroy(workflow_completion_timeout_sec=patience_seconds)
        if _jobs is not None:
            _jobs.close()
            _jobs = None
        if _heart is not None:
            _heart.stop()
            _heart = None
        send_as(None)
        connectors.close_all()
        close_pool()
        flush()
        _slot.release()
        _slot = None
