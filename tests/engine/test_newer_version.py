"""Beside a newer version, which enqueues what this one does not know: nothing is held up, nothing is taken in vain."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dbos import DBOS

from soc import engine
from soc.delivery import queues
from soc.delivery.queues import INTERACTION_QUEUE, QUEUES, WORK_INTERACTION, Job
from tests.waiting import wait_for

LATER = "queue-of-a-later-version"


@pytest.fixture
def running() -> Iterator[None]:
    engine.launch(listen=(INTERACTION_QUEUE, LATER))
    yield
    engine.shut_down(patience_seconds=0)


def _state(workflow_id: str) -> str:
    [found] = DBOS.list_workflows(workflow_ids=[workflow_id], load_input=False, load_output=False)
    return str(found.status)


def test_work_that_this_version_does_not_know_takes_no_place_and_its_queues_are_left_alone(
    running: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = queues._enqueue
    assert jobs is not None
    most = QUEUES[INTERACTION_QUEUE].concurrency
    monkeypatch.setitem(QUEUES, LATER, QUEUES[INTERACTION_QUEUE])  # the newer version's own list
    jobs([Job(LATER, WORK_INTERACTION, "later", ("itx-1", 1))])
    monkeypatch.delitem(QUEUES, LATER)
    jobs([Job(INTERACTION_QUEUE, "of_a_later_version", f"unknown-{n}", ("itx-1",)) for n in range(2 * most)])
    jobs([Job(INTERACTION_QUEUE, WORK_INTERACTION, "known", ("itx-1", 1))])
    wait_for(lambda: _state("known") == "SUCCESS", seconds=60, what="what this version knows")
    assert _state("later") == "ENQUEUED"
    assert _state("unknown-0") in ("PENDING", "ENQUEUED"), "kept for whoever knows it"
