"""The engine's own tables: what ended long ago goes, what still works stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from dbos import DBOS

from soc import clock, engine
from soc.delivery import queues
from soc.delivery.ledger import Try
from soc.delivery.queues import enqueue_tries
from soc.engine.enqueue import Enqueuer


@pytest.fixture(autouse=True)
def running() -> Iterator[None]:
    engine.launch(listen=())
    enqueue_tries([Try("deliver-jira", f"dlv-{number}", 1, clock.now()) for number in range(3)])
    yield
    engine.shut_down()


def _jobs() -> Enqueuer:
    assert isinstance(queues._enqueue, Enqueuer)
    return queues._enqueue


def _end(workflow_id: str) -> None:
    DBOS.cancel_workflow(workflow_id)


def test_what_ended_before_the_moment_goes_and_the_rest_stays() -> None:
    _end("deliver-dlv-1-1")
    assert _jobs().forget_over(clock.now() - timedelta(minutes=5)) == 0
    assert _jobs().forget_over(clock.now() + timedelta(minutes=5)) == 1
    assert _jobs().count_rows()["enqueued"] == 2
    assert "cancelled" not in _jobs().count_rows()


def test_a_delayed_try_that_was_enqueued_ahead_of_now_waits_from_now_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    enqueue_tries([Try("deliver-jira", "dlv-9", 1, clock.now() + timedelta(seconds=50))])
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now - timedelta(hours=1))
    _jobs().forget_ticks_ahead()
    [status] = DBOS.list_workflows(workflow_ids=["deliver-dlv-9-1"])
    assert status.delay_until_epoch_ms is not None
    left = status.delay_until_epoch_ms / 1000 - (now - timedelta(hours=1)).timestamp()
    assert 45 < left < 60
