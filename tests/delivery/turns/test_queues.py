"""Work is handed to the engine by name: which queue, which workflow, which id, and not before when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy.exc import OperationalError

from soc.delivery import queues
from soc.delivery.ledger import Try
from soc.delivery.queues import BATCH_QUEUE, QUEUES, VENDOR_LIMITS, Job, delivery_queue, integration_of
from soc.integrations.registry import KINDS

NIGHT = datetime(2026, 1, 14, 22, 0, tzinfo=UTC)


@pytest.fixture
def jobs() -> Iterator[list[Job]]:
    found: list[Job] = []
    queues.open_queues(found.extend)
    with time_machine.travel(NIGHT, tick=False):
        yield found
    queues.close_queues()


def test_a_try_is_a_workflow_that_waits_for_its_time(jobs: list[Job]) -> None:
    queues.enqueue_tries([Try("deliver-jira", "dlv-1", 3, NIGHT + timedelta(minutes=2))])
    assert jobs == [
        Job("deliver-jira", "deliver", "deliver-dlv-1-3", ("dlv-1", 3, "jira"), timedelta(minutes=2))
    ]


def test_a_try_that_is_due_already_does_not_wait(jobs: list[Job]) -> None:
    queues.enqueue_tries([Try("deliver-jira", "dlv-1", 1, NIGHT - timedelta(minutes=2))])
    assert jobs[0].delay == timedelta(0)


def test_a_batch_has_a_workflow_of_its_own_name(jobs: list[Job]) -> None:
    queues.enqueue_batch("bat-1", 1)
    queues.enqueue_batch("bat-1", 2)
    assert [(job.queue, job.workflow, job.workflow_id, job.arguments, job.delay) for job in jobs] == [
        (BATCH_QUEUE, "run_batch", f"batch-bat-1-{number}", ("bat-1", number), timedelta(0))
        for number in (1, 2)
    ]


def test_a_batch_s_next_try_waits_for_its_time(jobs: list[Job]) -> None:
    with time_machine.travel(NIGHT, tick=False):
        queues.enqueue_batch("bat-1", 2, NIGHT + timedelta(seconds=30))
        queues.enqueue_batch("bat-1", 3, NIGHT - timedelta(seconds=30))
    assert [job.delay for job in jobs] == [timedelta(seconds=30), timedelta(0)]


def test_a_batch_is_submitted_though_the_engine_s_database_is_locked() -> None:
    def locked(_jobs: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    queues.open_queues(locked)
    queues.enqueue_batch("bat-1", 1)


def test_nothing_is_handed_over_where_there_is_nothing(jobs: list[Job]) -> None:
    calls: list[object] = []
    queues.open_queues(calls.append)
    queues.enqueue_tries([])
    assert calls == []


def test_without_an_engine_the_intent_is_left_to_the_sweep() -> None:
    queues.close_queues()
    queues.enqueue_tries([Try("deliver-jira", "dlv-1", 1, NIGHT)])
    queues.enqueue_batch("bat-1", 1)


def test_changes_of_sent_alerts_queue_apart_where_the_vendor_limits_them_apart() -> None:
    apart = {
        kind for kind in KINDS if delivery_queue(kind, "update_alert") != delivery_queue(kind, "send_alert")
    }
    assert apart == {name for name, kind in KINDS.items() if kind.update_limits is not None}
    assert all(integration_of(delivery_queue(kind, "update_alert")) == kind for kind in KINDS)
    assert delivery_queue("gone", "update_alert") == "deliver-gone"


def test_every_kind_s_queues_have_the_limits_that_it_declares() -> None:
    for name, kind in KINDS.items():
        assert QUEUES[delivery_queue(name, "send_alert")] == VENDOR_LIMITS[name] == kind.limits
        if kind.update_limits is not None:
            assert QUEUES[delivery_queue(name, "update_alert")] == kind.update_limits
    assert QUEUES[BATCH_QUEUE].concurrency == queues.BATCHES_AT_ONCE
