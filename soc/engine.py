"""The durable engine: queues, schedules and workflows of one process, on DBOS.

A batch is a workflow; one try of a delivery is a workflow; sweep, ticket sync and SLA watch are schedules
of which one process runs each tick. Nothing else in the product polls, schedules or retries.
"""

from __future__ import annotations

import fcntl
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

import structlog
from dbos import DBOS, DBOSConfig, ScheduleInput

from soc import clock
from soc.delivery import connectors, ledger, queues
from soc.delivery.attempt import attempt
from soc.delivery.ledger import Try
from soc.errors import StoreError
from soc.integrations.registry import KINDS
from soc.logs import close_pool
from soc.processing.run import list_unmoved, run_batch
from soc.settings import Settings, get_settings
from soc.sla.clocks import watch
from soc.store.db import postgres_url, read_session, sqlite_engine, write_session
from soc.store.deliveries import list_unfinished
from soc.store.migrate import migrate
from soc.tickets.fallback import send_fallbacks
from soc.tickets.opening import follow_delivery, link_forgotten_alerts
from soc.tickets.sync import sync_quietly

log = structlog.get_logger(__name__)

#: Pinned: a restart, also as a newer version, recovers the work of the process before it.
APPLICATION_VERSION = "soc-1"
#: A delivery that is due this long and has not moved has lost its workflow.
OVERDUE = timedelta(seconds=45)
MOST_SLOTS = 64
#: States of a workflow that will go on by itself.
_ALIVE = frozenset({"PENDING", "ENQUEUED", "DELAYED"})
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


# -- workflows -----------------------------------------------------------------------------------------------


# No recorded steps: ledger and batch know themselves how far they are, so a workflow that is run again after a
# crash asks them, and each try costs the engine one transaction less.


@DBOS.workflow(name=queues.DELIVER)
def deliver(delivery_id: str, number: int) -> None:
    """One try. It catches everything: a workflow that ends on an exception would be lost for good."""
    try:
        queues.enqueue_tries(attempt(delivery_id, number, executor=executor_name(), follow=follow_delivery))
    except Exception:
        log.exception("try_broke_off", delivery=delivery_id, number=number)


@DBOS.workflow(name=queues.RUN_BATCH)
def run_batch_workflow(batch_id: str) -> None:
    try:
        queues.enqueue_tries(run_batch(batch_id))
    except Exception:
        log.exception("batch_broke_off", batch=batch_id)


# -- schedules -----------------------------------------------------------------------------------------------


def sweep(*, overdue: timedelta = OVERDUE) -> int:
    """Find what lost its workflow and give it one; returns how many that were.

    The ledger is the truth: whatever is not final and is due has to have a live workflow.
    """
    now = clock.now()
    with read_session() as session:
        late = [
            Try(queues.delivery_queue(row.integration, row.action), row.id, row.try_number, now)
            for row in list_unfinished(session)
            if row.next_try_at is not None and now - row.next_try_at > overdue
        ]
    status = _workflow_states([queues.try_workflow_id(one.delivery_id, one.number) for one in late])
    tries: list[Try] = []
    for one in late:
        state = status.get(queues.try_workflow_id(one.delivery_id, one.number))
        if state is None:
            tries.append(one)
        elif state not in _ALIVE:
            with write_session() as session:
                fresh = ledger.rearm(session, one.delivery_id, one.number, now=now)
            tries += [fresh] if fresh else []
    tries += link_forgotten_alerts()
    tries += send_fallbacks()
    queues.enqueue_tries(tries)
    batches = list_unmoved(max(overdue, OVERDUE))
    known = _workflow_states([queues.batch_workflow_id(batch_id) for batch_id in batches])
    for batch_id in batches:
        if queues.batch_workflow_id(batch_id) not in known:
            queues.enqueue_batch(batch_id)
    return len(tries)


def _workflow_states(ids: list[str]) -> dict[str, str]:
    """The state of each workflow that the engine knows."""
    known: dict[str, str] = {}
    for start in range(0, len(ids), 500):
        found = DBOS.list_workflows(
            workflow_ids=ids[start : start + 500], load_input=False, load_output=False
        )
        known.update({one.workflow_id: str(one.status) for one in found})
    return known


@DBOS.workflow(name="sweep")
def sweep_tick(_scheduled: datetime, _context: Any) -> None:
    _quietly(sweep)


@DBOS.workflow(name="sync_tickets")
def sync_tick(_scheduled: datetime, _context: Any) -> None:
    _quietly(sync_quietly)


@DBOS.workflow(name="watch_sla")
def watch_tick(_scheduled: datetime, _context: Any) -> None:
    _quietly(watch)


def _quietly(work: Any) -> None:
    """A schedule's work may fail at one tick (the database is away); the next tick does it again."""
    try:
        work()
    except Exception:
        log.exception("schedule_failed", work=getattr(work, "__name__", "?"))


SCHEDULES: list[ScheduleInput] = [
    {"schedule_name": "sweep", "workflow_fn": sweep_tick, "schedule": "*/15 * * * * *", "context": None},
    {
        "schedule_name": "sync_tickets",
        "workflow_fn": sync_tick,
        "schedule": "*/30 * * * * *",
        "context": None,
    },
    {"schedule_name": "watch_sla", "workflow_fn": watch_tick, "schedule": "0 * * * * *", "context": None},
]


# -- this process --------------------------------------------------------------------------------------------


class ExecutorSlot:
    """A stable name for this process: the first slot on this machine whose holder is not alive.

    The name is kept by a file lock, which the operating system gives back at any death: whoever takes the
    slot next has the dead process's name and recovers its work.
    """

    def __init__(self, folder: Path, name: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        host = socket.gethostname()
        names = [name] if name else [f"{host}-{slot}" for slot in range(MOST_SLOTS)]
        for candidate in names:
            handle = (folder / f"{candidate}.lock").open("a")
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                handle.close()
                continue
            self.name, self._handle = candidate, handle
            return
        raise StoreError(
            f"Another process runs as {name or host}.", hint="Stop it first, or set another SOC_EXECUTOR_ID."
        )

    def dead_neighbours(self) -> list[str]:
        """Slots of this machine that were used once and whose process is gone."""
        dead = []
        for path in sorted(Path(self._handle.name).parent.glob("*.lock")):
            if path.stem == self.name:
                continue
            with path.open("a") as handle:
                if _try_lock(handle):
                    dead.append(path.stem)
        return dead

    def release(self) -> None:
        self._handle.close()


def _try_lock(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    fcntl.flock(handle, fcntl.LOCK_UN)
    return True


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
        sweep(overdue=timedelta(0))


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
