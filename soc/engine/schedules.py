"""The schedules: what is done again and again, each tick by one process of all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from dbos import DBOS, ScheduleInput

from soc.configuration.probe import probe_paused
from soc.configuration.readiness import check_every_readiness
from soc.delivery.follow_up import follow_open_ends
from soc.engine.sweep import sweep
from soc.engine.tidy import tidy
from soc.errors import where_it_broke
from soc.escalation import calling_off  # noqa: F401 - acts of this process stop what is planned
from soc.escalation.tick import tick
from soc.sla.clocks import watch
from soc.stream.sending import stream_audit
from soc.tickets.opening import move_ticket
from soc.tickets.sync import sync_quietly
from soc.tickets.sync.ending import tell_ends
from soc.troubles.telling import watch_product

log = structlog.get_logger(__name__)


def sweep_at_start() -> None:
    """Look after everything that is due at once; a row that cannot be read must not keep the product from starting."""
    _quietly(lambda: sweep(overdue=timedelta(0)))


@DBOS.workflow(name="sweep")
def sweep_tick(_scheduled: datetime, _context: Any) -> None:
    _quietly(sweep)


@DBOS.workflow(name="tidy")
def tidy_tick(_scheduled: datetime, _context: Any) -> None:
    _quietly(tidy)


@DBOS.workflow(name="sync_tickets")
def sync_tick(_scheduled: datetime, _context: Any) -> None:
    _quietly(tell_ends)
    _quietly(sync_quietly)


def _follow() -> None:
    follow_open_ends(moved=move_ticket)


@DBOS.workflow(name="follow_open_ends")
def follow_tick(_scheduled: datetime, _context: Any) -> None:
    _quietly(_follow)


@DBOS.workflow(name="probe_paused")
def probe_tick(_scheduled: datetime, _context: Any) -> None:
    _quietly(probe_paused)


@DBOS.workflow(name="check_readiness")
def readiness_tick(_scheduled: datetime, _context: Any) -> None:
    _quietly(check_every_readiness)


@DBOS.workflow(name="watch_sla")
def watch_tick(_scheduled: datetime, _context: Any) -> None:
    _quietly(watch)


@DBOS.workflow(name="escalate")
def escalation_tick(_scheduled: datetime, _context: Any) -> None:
    _quietly(tick)


@DBOS.workflow(name="watch_product")
def product_tick(_scheduled: datetime, _context: Any) -> None:
    _quietly(watch_product)


@DBOS.workflow(name="stream_audit")
def stream_tick(_scheduled: datetime, _context: Any) -> None:
    _quietly(stream_audit)


def _quietly(work: Any) -> None:
    """A schedule's work may fail at one tick (the database is away); the next tick does it again."""
    try:
        work()
    except Exception as error:  # noqa: BLE001 - it must not end the workflow; the sweep or the next tick goes on
        log.error("schedule_failed", work=getattr(work, "__name__", "?"), **where_it_broke(error))


SCHEDULES: list[ScheduleInput] = [
    {"schedule_name": "sweep", "workflow_fn": sweep_tick, "schedule": "*/15 * * * * *", "context": None},
    {"schedule_name": "tidy", "workflow_fn": tidy_tick, "schedule": "30 7 * * * *", "context": None},
    {
        "schedule_name": "sync_tickets",
        "workflow_fn": sync_tick,
        "schedule": "5 * * * * *",
        "context": None,
    },
    {
        "schedule_name": "follow_open_ends",
        "workflow_fn": follow_tick,
        "schedule": "*/10 * * * * *",
        "context": None,
    },
    {
        "schedule_name": "check_readiness",
        "workflow_fn": readiness_tick,
        "schedule": "0 15 5 * * *",
        "context": None,
    },
    {
        "schedule_name": "probe_paused",
        "workflow_fn": probe_tick,
        "schedule": "20 * * * * *",
        "context": None,
    },
    {
        "schedule_name": "escalate",
        "workflow_fn": escalation_tick,
        "schedule": "5,25,45 * * * * *",
        "context": None,
    },
    {
        "schedule_name": "stream_audit",
        "workflow_fn": stream_tick,
        "schedule": "10,40 * * * * *",
        "context": None,
    },
    {
        "schedule_name": "watch_product",
        "workflow_fn": product_tick,
        "schedule": "50 * * * * *",
        "context": None,
    },
    {"schedule_name": "watch_sla", "workflow_fn": watch_tick, "schedule": "0 * * * * *", "context": None},
]
