"""A batch is run without an engine where nobody is told and nothing waits; what is left of it says that it needs one."""

from __future__ import annotations

import time
from typing import Any

import pytest

from soc import clock
from soc.analysis import analyse
from soc.batches.control import stop_batch
from soc.batches.intake import keep_paste, submit_batch
from soc.cli.process import alone
from soc.cli.process.alone import RunAlone, needs_engine
from soc.delivery.ledger import Try
from soc.domain.actor import AT_A_PAGE
from soc.logs.layout import ReadOptions
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchState, get_batch
from soc.store.nouns.deliveries.deliveries import DeliveryRow

NIGHT = "source,message\nSecuritySystem,CRITICAL: Multiple failed root login attempts - potential breach\n"


@pytest.fixture(autouse=True)
def _store() -> None:
    migrate()


def submit() -> str:
    return submit_batch([(keep_paste(NIGHT), ReadOptions())], idempotency_key="k", actor=AT_A_PAGE)


def state(batch_id: str) -> str:
    with read_session() as session:
        return get_batch(session, batch_id).state


def test_an_installation_that_tells_nobody_needs_no_engine() -> None:
    assert not needs_engine()


def test_a_configured_integration_needs_one_and_so_does_a_wrong_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_URL", "https://receiver.example/in")
    assert needs_engine()
    monkeypatch.setenv("WEBHOOK_URL", "no address")
    assert needs_engine()


def test_a_batch_that_has_not_ended_needs_one_until_it_is_stopped() -> None:
    batch_id = submit()
    assert needs_engine()
    stop_batch(batch_id, actor=AT_A_PAGE)
    assert not needs_engine()


@pytest.mark.parametrize(("kept", "needed"), [("pending", True), ("dead", False)])
def test_a_message_on_its_way_needs_one_and_one_that_was_given_up_does_not(kept: str, needed: bool) -> None:
    with write_session() as session:
        session.add(
            DeliveryRow(
                id="dlv-1", key="k", integration="slack", action="send_alert", state=kept, payload={}, subject="s",
                made_by="person:a", created_at=clock.now(), updated_at=clock.now(),
            )
        )  # fmt: skip
    assert needs_engine() is needed


def ended(run: RunAlone) -> RunAlone:
    for _ in range(60):
        if run.wait(1.0):
            return run
    raise AssertionError("the run has not ended")


def test_a_batch_that_was_run_alone_is_finished_and_leaves_nothing() -> None:
    run = ended(RunAlone(submit()))
    assert state(run.batch_id) == BatchState.FINISHED
    assert not run.leaves_work(state(run.batch_id))


@pytest.mark.parametrize(("lines", "of_the_pool"), [(5_000, False), (40_000, True)])
def test_only_what_takes_longer_to_read_than_to_start_it_is_read_in_the_pool(
    lines: int, of_the_pool: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Started(Exception):
        pass

    def refuse(*_: object) -> None:
        raise Started

    monkeypatch.setattr(analyse, "Lane", refuse)
    text = "Jan 15 10:30:00 web-1 app: request 17 served for somebody\n" * lines
    batch_id = submit_batch([(keep_paste(text), ReadOptions())], idempotency_key="k", actor=AT_A_PAGE)
    ended(RunAlone(batch_id))
    assert (state(batch_id) != BatchState.FINISHED) is of_the_pool


@pytest.mark.parametrize("how", ["broken off", "lost with an error", "told of somebody"])
def test_what_the_first_try_leaves_is_the_engine_s(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = [Try("deliver-slack", "dlv-1", 1, clock.now())] if how == "told of somebody" else []

    def run_batch(_batch_id: str, **_: int) -> list[Try]:
        if how == "lost with an error":
            raise RuntimeError("the store is away")
        return tries

    monkeypatch.setattr(alone, "run_batch", run_batch)
    run = ended(RunAlone("bat-1"))
    assert run.leaves_work(BatchState.RETRY if how == "broken off" else BatchState.FINISHED)
    assert run.tries == tries


def test_nothing_is_left_to_an_engine_while_the_batch_is_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    until: list[Any] = []

    def run_batch(_batch_id: str, **_: int) -> list[Try]:
        while not until:
            time.sleep(0.01)
        return []

    monkeypatch.setattr(alone, "run_batch", run_batch)
    run = RunAlone("bat-1")
    assert not run.wait(0)
    assert not run.leaves_work(BatchState.RUNNING)
    until.append(True)
    assert ended(run).leaves_work(BatchState.RUNNING)


def test_a_run_that_is_told_to_end_gives_its_batch_back() -> None:
    batch_id = submit()
    run = RunAlone(batch_id)
    run.end()
    assert run.wait(0)
    assert state(batch_id) in (BatchState.QUEUED, BatchState.RETRY, BatchState.FINISHED)
