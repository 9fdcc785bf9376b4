"""What is handed to the engine: many at once, each id once, on queues that open when they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from soc import clock, engine
from soc.delivery import queues
from soc.delivery.ledger import Try
from soc.delivery.queues import BATCH_QUEUE, INTERACTION_QUEUE, enqueue_tries, integration_of
from soc.engine.enqueue import JOBS_A_TRANSACTION
from soc.integrations.registry import KINDS
from soc.settings import get_settings
from soc.store.db import sqlite_engine

JIRA, WEBHOOK = "deliver-jira", "deliver-webhook"


@pytest.fixture(autouse=True)
def running() -> Iterator[None]:
    """An engine that takes jobs and runs none."""
    engine.launch(listen=())
    yield
    engine.shut_down()


def _rows(query: str) -> list[tuple[object, ...]]:
    database = sqlite_engine(get_settings().data_dir / "engine.db", for_dbos=True)
    try:
        with database.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query))]
    finally:
        database.dispose()


def _try(number: int, *, queue: str = JIRA, later: timedelta = timedelta(0)) -> Try:
    return Try(queue, f"dlv-{number}", 1, clock.now() + later)


def test_more_jobs_than_one_transaction_takes_are_all_enqueued() -> None:
    many = JOBS_A_TRANSACTION * 2 + 1
    enqueue_tries([_try(number) for number in range(many)])
    assert _rows("SELECT count(*) FROM workflow_status WHERE status = 'ENQUEUED'") == [(many,)]


def test_a_workflow_that_is_known_is_left_as_it_is() -> None:
    enqueue_tries([_try(1), _try(1)])
    enqueue_tries([_try(1), _try(2)])
    assert _rows("SELECT workflow_uuid FROM workflow_status ORDER BY 1") == [
        ("deliver-dlv-1-1",),
        ("deliver-dlv-2-1",),
    ]


def test_a_later_try_waits_for_its_time() -> None:
    enqueue_tries([_try(1, later=timedelta(minutes=5)), _try(2)])
    states = _rows("SELECT workflow_uuid, status FROM workflow_status ORDER BY 1")
    assert states == [("deliver-dlv-1-1", "DELAYED"), ("deliver-dlv-2-1", "ENQUEUED")]


def test_only_queues_that_were_needed_are_open() -> None:
    assert _rows("SELECT name FROM queues") == [(BATCH_QUEUE,)]
    enqueue_tries([_try(1, queue=WEBHOOK)])
    assert sorted(_rows("SELECT name FROM queues")) == [(BATCH_QUEUE,), (WEBHOOK,)]


def test_a_queue_that_is_there_gets_the_limits_of_this_version(monkeypatch: pytest.MonkeyPatch) -> None:
    enqueue_tries([_try(1)])
    engine.shut_down()
    monkeypatch.setitem(queues.QUEUES, JIRA, queues.QueueLimits(concurrency=3))
    engine.launch(listen=())
    assert _rows(f"SELECT worker_concurrency FROM queues WHERE name = '{JIRA}'") == [(3,)]


def test_a_queue_s_name_says_whose_deliveries_wait_in_it() -> None:
    others = (BATCH_QUEUE, INTERACTION_QUEUE)
    names = {integration_of(name) for name in queues.QUEUES if name not in others}
    assert names == set(KINDS)
