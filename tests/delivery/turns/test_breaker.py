"""The circuit breaker: it opens for a vendor that is away, and lets one probe at a time find out whether it is back."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from soc import clock
from soc.configuration.save import save_configuration
from soc.delivery import breaker
from soc.delivery.breaker import FIRST_COOL_DOWN, LONGEST_COOL_DOWN, LONGEST_PROBE, BreakerState
from soc.domain.actor import AT_A_PAGE
from soc.errors import (
    DeliveryError,
    FailureReason,
    PermanentDeliveryError,
    TransientDeliveryError,
    UnknownOutcome,
)
from soc.settings import Settings
from soc.store.db import dispose_engines, read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.vendors.health import IntegrationHealthRow, read_health, record_check, record_success

pytestmark = pytest.mark.long

NOW = datetime(2026, 1, 14, 22, 0, tzinfo=UTC)
REFUSED = TransientDeliveryError("refused", reason=FailureReason.NETWORK)
AWAY: list[DeliveryError] = [
    REFUSED,
    TransientDeliveryError("certificate", reason=FailureReason.TLS, slow=True),
    UnknownOutcome("no answer", reason=FailureReason.TIMEOUT),
    UnknownOutcome("503", reason=FailureReason.SERVER, status=503),
    UnknownOutcome("half an answer", reason=FailureReason.BAD_RESPONSE, status=200),
]
ANSWERED: list[DeliveryError] = [
    TransientDeliveryError("429", reason=FailureReason.THROTTLED, status=429),
    PermanentDeliveryError("401", reason=FailureReason.AUTH, status=401),
    PermanentDeliveryError("403", reason=FailureReason.AUTH, status=403),
    PermanentDeliveryError("400", reason=FailureReason.CLIENT, status=400),
]
NEVER_ASKED: list[DeliveryError] = [
    PermanentDeliveryError("private address", reason=FailureReason.ADDRESS),
    PermanentDeliveryError("cannot be made", reason=FailureReason.CLIENT),
]
SOON = timedelta(milliseconds=1)


@pytest.fixture(autouse=True)
def _store() -> Iterator[None]:
    migrate()
    yield
    dispose_engines()


def _fail(error: DeliveryError = REFUSED, *, at: datetime = NOW, times: int = 1) -> None:
    for _ in range(times):
        with write_session() as session:
            breaker.record_failure(session, "jira", error, now=at)


def _succeed() -> None:
    with write_session() as session:
        record_success(session, "jira", now=NOW)


def _ask(claimant: str = "dlv-1", *, at: datetime = NOW, kind: str = "jira") -> datetime | None:
    with write_session() as session:
        return breaker.pass_or_wait(session, kind, claimant=claimant, now=at)


def _health() -> IntegrationHealthRow:
    with read_session() as session:
        return read_health(session, "jira")


def _open_and_cool() -> datetime:
    """Open it; returns a moment after its cool-down."""
    _fail(times=5)
    return NOW + FIRST_COOL_DOWN + SOON


def test_a_breaker_of_which_nothing_is_known_lets_everything_through() -> None:
    assert _ask() is None
    assert _health().breaker == BreakerState.CLOSED


def test_four_failures_leave_it_closed_and_the_fifth_opens_it() -> None:
    _fail(times=4)
    assert (_health().breaker, _ask()) == (BreakerState.CLOSED, None)
    _fail()
    assert _health().breaker == BreakerState.OPEN
    assert _ask() == NOW + FIRST_COOL_DOWN


def test_only_failures_in_a_row_count() -> None:
    _fail(times=4)
    _succeed()
    _fail(times=4)
    assert _health().breaker == BreakerState.CLOSED


def test_another_integration_is_not_held_back() -> None:
    _fail(times=5)
    assert _ask(kind="slack") is None


@pytest.mark.parametrize("error", AWAY, ids=lambda error: str(error.reason))
def test_what_means_that_the_vendor_is_away_is_a_failure(error: DeliveryError) -> None:
    _fail(error, times=5)
    assert _health().breaker == BreakerState.OPEN


@pytest.mark.parametrize("error", [*ANSWERED, *NEVER_ASKED], ids=lambda error: error.message)
def test_throttling_and_refusals_are_no_failures(error: DeliveryError) -> None:
    _fail(error, times=20)
    assert _health().breaker == BreakerState.CLOSED


@pytest.mark.parametrize("error", ANSWERED, ids=lambda error: error.message)
def test_a_refusal_is_an_answer_and_ends_the_row_of_failures(error: DeliveryError) -> None:
    _fail(times=4)
    _fail(error)
    _fail(times=4)
    assert _health().breaker == BreakerState.CLOSED


def test_what_was_never_sent_says_nothing_about_the_vendor() -> None:
    _fail(times=4)
    _fail(NEVER_ASKED[0])
    _fail()
    assert _health().breaker == BreakerState.OPEN


def test_failures_that_were_under_way_when_it_opened_do_not_prolong_the_cool_down() -> None:
    _fail(times=5)
    _fail(times=10, at=NOW + timedelta(seconds=20))
    assert _ask(at=NOW + timedelta(seconds=20)) == NOW + FIRST_COOL_DOWN


def test_after_the_cool_down_one_probe_goes_and_the_others_wait_a_little() -> None:
    later = _open_and_cool()
    assert _ask("dlv-probe", at=later) is None
    assert _health().breaker == BreakerState.HALF_OPEN
    waits = [_ask(f"dlv-{number}", at=later) for number in range(5)]
    assert all(wait is not None and later < wait <= later + timedelta(seconds=5) for wait in waits)


def test_each_failed_probe_doubles_the_cool_down_up_to_ten_minutes() -> None:
    _fail(times=5)
    at, waits = NOW, []
    for _ in range(8):
        until = _ask(at=at)
        assert until is not None
        waits.append(until - at)
        at = until
        assert _ask("dlv-probe", at=at) is None
        _fail(at=at)
    seconds = [wait.total_seconds() for wait in waits]
    assert seconds == [30, 60, 120, 240, 480, 600, 600, 600]
    assert waits[-1] == LONGEST_COOL_DOWN


def test_a_successful_probe_closes_it_and_the_next_trouble_begins_with_the_short_cool_down() -> None:
    at = _open_and_cool()
    _ask("dlv-probe", at=at)
    _fail(at=at)  # doubled by now
    _succeed()
    health = _health()
    assert (health.breaker, health.failures_in_row, health.probe) == (BreakerState.CLOSED, 0, "")
    _fail(times=5)
    assert _ask() == NOW + FIRST_COOL_DOWN


def test_a_probe_that_is_refused_has_been_answered_and_closes_it() -> None:
    _ask("dlv-probe", at=_open_and_cool())
    _fail(ANSWERED[3])
    assert _health().breaker == BreakerState.CLOSED


def test_the_probe_itself_may_ask_again() -> None:
    later = _open_and_cool()
    assert [_ask("dlv-probe", at=later) for _ in range(3)] == [None] * 3


def test_a_probe_whose_process_died_is_given_up_after_two_minutes() -> None:
    later = _open_and_cool()
    _ask("dlv-lost", at=later)
    assert _ask("dlv-2", at=later + LONGEST_PROBE - SOON) is not None
    assert _ask("dlv-2", at=later + LONGEST_PROBE) is None
    assert _ask("dlv-lost", at=later + LONGEST_PROBE) is not None


def test_saved_settings_close_it() -> None:
    _fail(times=5)
    save_configuration(
        "jira",
        {"base_url": "https://jira.example.com", "username": "a@b.c", "api_token": "t"},
        actor=AT_A_PAGE,
    )
    assert _health().breaker == BreakerState.CLOSED
    assert _ask() is None


def test_a_passed_connection_test_closes_it_and_a_failed_one_does_not() -> None:
    _fail(times=5)
    for ok, state in ((False, BreakerState.OPEN), (True, BreakerState.CLOSED)):
        with write_session() as session:
            record_check(session, "jira", {"ok": ok}, now=NOW, actor=AT_A_PAGE)
        assert _health().breaker == state


@pytest.mark.parametrize("round_", range(3))
def test_of_twenty_at_once_exactly_one_probes(round_: int) -> None:
    later = _open_and_cool()
    start = threading.Barrier(20)
    passed: list[str] = []
    waited: list[datetime] = []

    def claim(name: str) -> None:
        start.wait()
        wait = _ask(name, at=later)
        if wait is None:
            passed.append(name)
        else:
            waited.append(wait)

    threads = [threading.Thread(target=claim, args=(f"dlv-{n}",)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(passed), len(waited)) == (1, 19)
    assert _health().probe == passed[0]


_CLAIM = """
import sys, threading
from datetime import datetime
from soc.delivery import breaker
from soc.store.db import write_session

name, at = sys.argv[1], datetime.fromisoformat(sys.argv[2])
with write_session() as session:
    pass  # the connection is there before the race begins
start, passed = threading.Barrier(11), []

def claim(number):
    start.wait()
    with write_session() as session:
        if breaker.pass_or_wait(session, "jira", claimant=f"{name}-{number}", now=at) is None:
            passed.append(number)

threads = [threading.Thread(target=claim, args=(n,)) for n in range(10)]
[thread.start() for thread in threads]
print("ready", flush=True)
sys.stdin.readline()
start.wait()
[thread.join() for thread in threads]
print(len(passed), flush=True)
"""


def test_of_twenty_in_two_processes_exactly_one_probes(settings: Settings) -> None:
    later = _open_and_cool()
    environment = {**os.environ, "SOC_DATA_DIR": str(settings.data_dir)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _CLAIM, name, later.isoformat()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for name in ("one", "two")
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        answers = []
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in processes:
            out, _ = process.communicate(timeout=60)
            answers.append(int(out))
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert sum(answers) == 1
    assert _ask("dlv-third", at=later) is not None


def _elsewhere(session: Session, **values: object) -> None:
    """What another process committed while this one waited for the row's lock, as PostgreSQL then shows it."""
    session.connection().execute(
        sa.update(IntegrationHealthRow).where(col(IntegrationHealthRow.kind) == "jira").values(**values)
    )


def test_a_probe_that_another_process_claimed_while_this_one_waited_for_the_lock_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    later = _open_and_cool()
    lock = breaker.health_to_change

    def waited(session: Session, kind: str) -> IntegrationHealthRow:
        _elsewhere(session, breaker="half-open", probe="dlv-other", breaker_until=later + LONGEST_PROBE)
        return lock(session, kind)

    monkeypatch.setattr(breaker, "health_to_change", waited)
    assert _ask("dlv-mine", at=later) is not None


def test_failures_that_another_process_counted_meanwhile_are_not_lost() -> None:
    _fail(times=1)
    with write_session() as session:
        seen = read_health(session, "jira")
        _elsewhere(session, failures_in_row=4)
        breaker.record_failure(session, "jira", REFUSED, now=NOW)
        assert seen.failures_in_row == 5
    assert _health().breaker == BreakerState.OPEN


# -- through the ledger --------------------------------------------------------------------------------------


def test_an_open_breaker_burns_no_attempts_and_loses_nothing(outbox: Any) -> None:
    delivery = outbox.plan()
    _fail(times=5, at=clock.now())
    outbox.work(wait=False)
    row = outbox.row(delivery)
    assert (row.state, row.sends, row.failures) == ("pending", 0, 0)
    assert outbox.tries[0].at == clock.now() + FIRST_COOL_DOWN
    outbox.work_to_the_end()
    assert outbox.row(delivery).state == "delivered"
    assert _health().breaker == BreakerState.CLOSED


def test_a_vendor_that_is_away_opens_the_breaker_by_its_deliveries(outbox: Any) -> None:
    outbox.plan()
    outbox.vendor.failures = [(REFUSED, False)] * 5
    for _ in range(5):
        outbox.work()
    assert _health().breaker == BreakerState.OPEN
