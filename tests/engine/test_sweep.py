"""The sweep: what is due and has no living workflow gets one; what goes on by itself is left alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from soc import clock, engine
from soc.configuration.save import save_configuration
from soc.delivery import ledger
from soc.delivery.ledger import Intent, Try
from soc.delivery.queues import enqueue_tries
from soc.domain.actor import AT_A_PAGE
from soc.domain.message import CallAction
from soc.engine.sweep import OVERDUE, sweep
from soc.settings import get_settings
from soc.store.db import read_session, sqlite_engine, write_session
from soc.store.nouns.deliveries.attempts import AttemptRow
from soc.store.nouns.deliveries.deliveries import get_delivery
from soc.store.nouns.deliveries.outbox import lock_delivery
from soc.store.nouns.vendors.health import pause


@pytest.fixture(autouse=True)
def running() -> Iterator[None]:
    """An engine that takes jobs and runs none."""
    engine.launch(listen=())
    yield
    engine.shut_down()


def _engine(statement: str) -> list[tuple[object, ...]]:
    database = sqlite_engine(get_settings().data_dir / "engine.db", for_dbos=True)
    try:
        with database.begin() as connection:
            result = connection.execute(sa.text(statement))
            return [tuple(row) for row in result] if result.returns_rows else []
    finally:
        database.dispose()


def _plan(*, late: timedelta = OVERDUE + timedelta(seconds=5), integration: str = "jira") -> Try:
    """A delivery whose first try was due so long ago."""
    with write_session() as session:
        intent = Intent(key="k", integration=integration, message=CallAction(name="call"), actor=AT_A_PAGE)
        [one] = ledger.plan(session, [intent], now=clock.now() - late)
    return one


def _workflows() -> list[tuple[object, ...]]:
    return _engine(
        "SELECT workflow_uuid, status FROM workflow_status WHERE workflow_uuid LIKE 'deliver-%' ORDER BY 1"
    )


def test_what_was_never_enqueued_gets_the_workflow_of_its_own_try() -> None:
    one = _plan()
    assert sweep() == 1
    assert _workflows() == [(f"deliver-{one.delivery_id}-1", "ENQUEUED")]


@pytest.mark.parametrize("ended", ["SUCCESS", "ERROR", "CANCELLED"])
def test_what_lost_its_workflow_gets_another_try(ended: str) -> None:
    one = _plan()
    enqueue_tries([one])
    _engine(f"UPDATE workflow_status SET status = '{ended}'")
    assert sweep() == 1
    assert _workflows() == [
        (f"deliver-{one.delivery_id}-1", ended),
        (f"deliver-{one.delivery_id}-2", "ENQUEUED"),
    ]
    with read_session() as session:
        assert get_delivery(session, one.delivery_id).try_number == 2


@pytest.mark.parametrize("alive", ["PENDING", "ENQUEUED", "DELAYED"])
def test_what_has_a_living_workflow_is_left_alone(alive: str) -> None:
    one = _plan()
    enqueue_tries([one])
    _engine(f"UPDATE workflow_status SET status = '{alive}'")
    assert sweep() == 0
    assert len(_workflows()) == 1


def test_what_is_hardly_late_is_given_time() -> None:
    _plan(late=OVERDUE - timedelta(seconds=20))
    assert sweep() == 0


@pytest.mark.parametrize("state", ["delivered", "dead", "suppressed", "cancelled"])
def test_what_is_over_is_not_looked_after(state: str) -> None:
    one = _plan()
    with write_session() as session:
        lock_delivery(session, one.delivery_id).state = state
    assert sweep() == 0


def test_what_is_held_waits_for_its_integration() -> None:
    one = _plan()
    with write_session() as session:
        lock_delivery(session, one.delivery_id).next_try_at = None
    assert sweep() == 0


def _hold(one: Try) -> None:
    with write_session() as session:
        lock_delivery(session, one.delivery_id).next_try_at = None


def _configure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_URL", "https://hooks.example.com/soc")


def test_what_is_held_by_a_pause_that_is_over_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    one = _plan(integration="webhook")
    _hold(one)
    _configure(monkeypatch)
    assert sweep() == 1
    assert _workflows() == [(f"deliver-{one.delivery_id}-2", "ENQUEUED")]
    assert sweep() == 0


def test_what_is_held_by_a_pause_stays_held(monkeypatch: pytest.MonkeyPatch) -> None:
    _hold(_plan(integration="webhook"))
    _configure(monkeypatch)
    with write_session() as session:
        pause(session, "webhook", reason="refused", actor=AT_A_PAGE, now=clock.now())
    assert sweep() == 0


def test_what_is_held_for_an_integration_that_is_off_stays_held() -> None:
    off = {"url": "https://hooks.example.com/soc", "enabled": False}
    save_configuration("webhook", off, actor=AT_A_PAGE)
    _hold(_plan(integration="webhook"))
    assert sweep() == 0


def test_a_send_that_nobody_ends_is_looked_up() -> None:
    one = _plan()
    enqueue_tries([one])
    with write_session() as session:
        ledger.begin(session, one.delivery_id, 1, executor="gone", settle=timedelta(0), now=clock.now())
        lock_delivery(session, one.delivery_id).next_try_at = clock.now() - OVERDUE - timedelta(seconds=5)
    _engine("UPDATE workflow_status SET status = 'SUCCESS'")
    assert sweep() == 1
    with read_session() as session:
        assert get_delivery(session, one.delivery_id).state == "unknown"


def test_a_send_of_a_process_without_a_heart_is_looked_up_after_every_time_out_has_passed() -> None:
    one = _plan(late=timedelta(0))
    enqueue_tries([one])

    def begun(ago: timedelta) -> int:
        with write_session() as session:
            session.exec(sa.update(AttemptRow).values(started_at=clock.now() - ago))
        return sweep()

    with write_session() as session:
        ledger.begin(session, one.delivery_id, 1, executor="caller", settle=timedelta(0), now=clock.now())
    assert begun(timedelta(seconds=90)) == 0
    assert begun(timedelta(minutes=3)) == 1
    with read_session() as session:
        assert get_delivery(session, one.delivery_id).state == "unknown"


def test_a_part_that_breaks_holds_no_other_up_but_a_store_that_is_away_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, broken = _plan(), [ValueError("a row of a kind that nobody foresaw")]

    def link(**_: object) -> list[Try]:
        raise broken[0]

    monkeypatch.setattr(sys.modules["soc.engine.sweep"], "link_forgotten_alerts", link)
    assert sweep() == 1
    assert _workflows() == [(f"deliver-{one.delivery_id}-1", "ENQUEUED")]
    broken[0] = sa.exc.OperationalError("SELECT 1", {}, Exception("away"))
    with pytest.raises(sa.exc.OperationalError):
        sweep()
