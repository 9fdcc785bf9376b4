"""The guide's Python call: process a list of (source, message) and tell Slack and Jira of what matters."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Self, TypedDict

from soc import clock
from soc.analysis import analyse_records, close_pool
from soc.batches.pulse import Pulse
from soc.batches.reading.folders import forget_events, open_work_folder, publish_run
from soc.batches.report import BatchReport, build_report
from soc.batches.ruleset import ruleset_in_force
from soc.batches.run import STORE_PATIENCE
from soc.batches.storing import store_analysis
from soc.configuration.practice import allow_sandbox
from soc.delivery.attempt import attempt
from soc.delivery.ledger import Try
from soc.domain.actor import IN_PYTHON
from soc.escalation.following import follow_delivery
from soc.ids import new_id
from soc.script_log import log_beside_the_output
from soc.settings import get_settings
from soc.store.db import write_session
from soc.store.faults import when_the_store_answers
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchFileRow, BatchRow, BatchState, start_run
from soc.tracing.spans import span

#: How long a call waits for vendors that are slow or away.
PATIENCE_SECONDS = 300.0
WORKERS = 8


class TicketSummary(TypedDict):
    """A ticket that the call opened."""

    ticket_id: str
    ticket_url: str
    summary: str
    priority: str


class ProcessingResult(TypedDict):
    """What the guide's call returns. `by_class` counts lines by class; `pending` is what is still on its way to vendors."""

    total_processed: int
    parsed: int
    rejected: int
    incidents: int
    eligible: int
    slack_alerts_sent: int
    jira_incidents_created: int
    tickets: list[TicketSummary]
    by_class: dict[str, int]
    processing_time: float
    logs_per_second: float
    batch_id: str
    pending: int


class HighPerformanceLogProcessor:
    """Processes records in this process's pool and delivers what they call for before it returns.

    `max_workers` processes read; `batch_size` is kept for the guide's signature (blocks are sized in bytes).
    The delivery ledger is always written, since it is what keeps a ticket from being opened twice;
    `use_database=False` (or `store_in_db=False`) drops the batch's own event files afterwards.
    """

    def __init__(
        self,
        max_workers: int = 0,
        batch_size: int = 1000,
        use_database: bool = True,
        enable_slack: bool = False,
        enable_jira: bool = False,
    ) -> None:
        self.batch_size = batch_size
        self.use_database = use_database
        self.enable_slack = enable_slack
        self.enable_jira = enable_jira
        self._settings = get_settings().model_copy(update={"workers": max_workers} if max_workers else {})
        log_beside_the_output()
        migrate()
        allow_sandbox()

    def process_large_dataset(
        self, records: Sequence[tuple[str, str]], store_in_db: bool = True
    ) -> ProcessingResult:
        """Process (source, message) pairs, deliver, print the guide's display, and return the figures.

        Raises LogParseError when a record is not a pair of strings, ConfigurationError for a bad setting.
        """
        began = time.perf_counter()
        batch_id = self._new_batch(len(records))
        with write_session() as session:
            run = start_run(session, batch_id, now=clock.now())
        with span("run batch", attributes={"soc.batch": batch_id}):
            tries = self._read_and_store(records, batch_id, run)
        drain(tries)
        report = build_report(batch_id)
        print("\n".join(report.lines))
        if not (self.use_database and store_in_db):
            forget_events(batch_id)
        return _result(report, time.perf_counter() - began)

    def _read_and_store(self, records: Sequence[tuple[str, str]], batch_id: str, run: int) -> list[Try]:
        """The run's pulse tells the other processes that it lives: they would take the batch for a lost one."""
        with Pulse(batch_id, run) as pulse:
            with open_work_folder(batch_id) as folder:
                analysis = analyse_records(
                    records, batch_id=batch_id, out_dir=folder, settings=self._settings,
                    ruleset=ruleset_in_force(self._settings), on_progress=pulse, should_stop=pulse.should_stop,
                )  # fmt: skip
                publish_run(batch_id, run, folder)
            return when_the_store_answers(
                lambda: store_analysis(batch_id, run, analysis),
                patience=STORE_PATIENCE,
                give_up=pulse.should_stop,
            )

    def _new_batch(self, size: int) -> str:
        batch = BatchRow(
            id=new_id("bat"),
            name=f"{size:,} records from Python",
            state=BatchState.RUNNING,
            created_at=clock.now(),
            idempotency_key=new_id("call"),
            made_by=str(IN_PYTHON),
            enable_jira=self.enable_jira,
            enable_slack=self.enable_slack,
            flood_cap=self._settings.flood_cap,
        )
        with write_session() as session:
            session.add(batch)
            session.flush()
            session.add(BatchFileRow(batch_id=batch.id, position=0, name="records", path="", size=0))
        return batch.id

    def close(self) -> None:
        """Give back the processes that read. The object can be used again; they are started anew then."""
        close_pool()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def drain(tries: Sequence[Try], *, patience: float = PATIENCE_SECONDS) -> int:
    """Work through these tries and what follows from them, in this thread's own small pool.

    For a process without an engine. Returns how many tries were left when the patience (seconds) ended: they
    are in the ledger, and the next engine that runs on it goes on with them.
    """
    end = time.monotonic() + patience
    waiting: list[Try] = list(tries)
    running: set[Future[list[Try]]] = set()
    with ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="drain") as pool:
        while (waiting or running) and time.monotonic() < end:
            now = clock.now()
            due = [one for one in waiting if one.at <= now]
            waiting = [one for one in waiting if one.at > now]
            running |= {
                pool.submit(attempt, one.delivery_id, one.number, executor="python", follow=follow_delivery)
                for one in due
            }
            done, running = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
            for future in done:
                waiting += future.result()
            if not running and waiting:
                time.sleep(0.05)
    return len(waiting) + len(running)


def _result(report: BatchReport, seconds: float) -> ProcessingResult:
    batch = report.batch
    return ProcessingResult(
        total_processed=batch.lines_in,
        parsed=batch.parsed,
        rejected=batch.rejected,
        incidents=batch.incidents,
        eligible=batch.eligible,
        slack_alerts_sent=report.alerts_sent,
        jira_incidents_created=report.tickets_created,
        tickets=[
            TicketSummary(
                ticket_id=ticket.key, ticket_url=ticket.url, summary=ticket.summary, priority=ticket.priority
            )
            for ticket in report.tickets
        ],
        by_class=batch.by_class,
        processing_time=seconds,
        logs_per_second=batch.lines_in / seconds if seconds else 0.0,
        batch_id=batch.id,
        pending=report.pending,
    )
