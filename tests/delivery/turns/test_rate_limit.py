"""A vendor's rate limit: never more than it allows as the vendor sees it, nobody spins, and the ledger tells no lie."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soc import clock
from soc.delivery import breaker, ledger, queues
from soc.delivery.ledger import Intent
from soc.delivery.rate_limit import ALLOWANCE, LONGEST_PERMIT, Window
from soc.delivery.replay import resume
from soc.domain.actor import AT_A_PAGE
from soc.domain.message import CallAction
from soc.errors import FailureReason, TransientDeliveryError, UnknownOutcome
from soc.integrations.kit.kind import QueueLimits
from soc.settings import Settings
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.attempts import list_attempts
from soc.store.nouns.deliveries.deliveries import list_deliveries
from soc.store.nouns.vendors.rate_limits import RateLimitRow, limit_to_change

pytestmark = pytest.mark.long

QUEUE = "deliver-jira"
REFUSED = TransientDeliveryError("refused", reason=FailureReason.NETWORK)
LOST = UnknownOutcome("no answer", reason=FailureReason.TIMEOUT)


def most_in_a_period(moments: list[float], period: float) -> int:
    moments = sorted(moments)
    return max(sum(start <= one < start + period for one in moments) for start in moments)


def ask(window: Window, holder: str, now: float, *, booked: bool = False) -> float | None:
    """Of a limit of three in ten seconds."""
    return window.ask(holder, sends=3, period=10.0, booked=booked, now=now)


# -- the window ----------------------------------------------------------------------------------------------


def test_what_the_limit_allows_goes_at_once_and_the_next_one_when_a_permit_is_free_again() -> None:
    window = Window()
    for number in range(3):
        assert ask(window, str(number), 100.0 + number) is None
        window.end(str(number), now=100.5 + number)
    assert ask(window, "late", 103.0) == pytest.approx(100.0 + 10.0 * ALLOWANCE - 103.0)
    assert ask(window, "late", 110.4, booked=True) is not None
    assert ask(window, "late", 110.5, booked=True) is None


def test_a_permit_is_held_for_the_period_after_its_send_has_ended_not_after_it_began() -> None:
    window = Window()
    for number in range(3):
        ask(window, str(number), 100.0)
    assert ask(window, "late", 130.0, booked=True) == 10.0
    window.end("1", now=140.0)
    assert ask(window, "late", 149.9, booked=True) is not None
    assert ask(window, "late", 150.0, booked=True) is None


def test_a_permit_whose_holder_died_is_free_after_the_longest_send_and_the_period() -> None:
    window, longest = Window(), LONGEST_PERMIT.total_seconds()
    for number in range(3):
        ask(window, str(number), 100.0)
    assert ask(window, "late", 109.9 + longest, booked=True) is not None
    assert ask(window, "late", 110.0 + longest, booked=True) is None


def test_a_permit_that_was_given_back_is_the_next_one_s() -> None:
    window = Window()
    for number in range(3):
        ask(window, str(number), 100.0)
    window.give_back("1")
    assert ask(window, "late", 100.0, booked=True) is None


def test_a_thousand_planned_together_have_a_time_each_and_no_period_has_more_than_the_limit() -> None:
    waits = Window().book(1000, sends=20, period=15.0, now=100.0)
    assert waits[:20] == [0.0] * 20
    assert waits == sorted(waits)
    assert most_in_a_period(waits, 15.0) == 20
    assert most_in_a_period(waits[20:], 1.5) <= 2  # one send apart: they do not all come at the same moment
    assert waits[-1] < 1000 / 20 * 15.0 * ALLOWANCE


def test_a_newcomer_queues_behind_the_times_that_were_named() -> None:
    window = Window()
    window.book(5, sends=3, period=10.0, now=100.0)
    assert (ask(window, "newcomer", 100.0) or 0.0) > 10.0
    assert ask(window, "first", 100.0, booked=True) is None


def test_a_newcomer_that_finds_nobody_waiting_goes_at_once_and_counts_for_the_next_times() -> None:
    window = Window()
    assert [ask(window, str(number), 100.0) for number in range(3)] == [None] * 3
    assert min(window.book(2, sends=3, period=10.0, now=101.0)) > 9.0


def test_those_whose_named_time_brought_no_permit_have_one_each_again() -> None:
    window = Window()
    for number in range(3):
        ask(window, str(number), 100.0)
    waits = [ask(window, f"late-{number}", 115.0, booked=True) for number in range(50)]
    assert waits == sorted(set(waits))
    assert waits[-1] - waits[0] >= 49 * 10.0 / 3


def test_a_newcomer_queues_behind_those_that_are_late_too() -> None:
    window = Window()
    for number in range(3):
        ask(window, str(number), 100.0)
    late = ask(window, "late", 100.0, booked=True)
    for number in range(3):
        window.give_back(str(number))
    newcomer = ask(window, "newcomer", 101.0)
    assert late is not None
    assert newcomer is not None
    assert 101.0 + newcomer >= 100.0 + late


def test_a_clock_that_was_set_back_holds_nobody_up_longer_than_a_period() -> None:
    window = Window()
    window.book(100, sends=3, period=10.0, now=100_000.0)
    for number in range(3):
        ask(window, str(number), 100_000.0, booked=True)
        window.end(str(number), now=100_000.1)
    assert 0.0 < (ask(window, "late", 50_000.0) or 0.0) <= 10.0
    assert ask(window, "late", 50_010.0, booked=True) is None


PAUSES = st.sampled_from([0.0, 0.001, 0.4, 3.0, 9.999, 10.0, 25.0])
#: After which pause what happens (an end, where some send is under way), and how late in its send the bytes arrive.
EVENTS = st.lists(st.tuples(PAUSES, st.booleans(), st.floats(0, 1), st.booleans()), max_size=50)


@given(sends=st.integers(1, 5), events=EVENTS)
@settings(max_examples=60, deadline=None)
def test_the_vendor_never_receives_more_than_the_limit_in_any_period(
    sends: int, events: list[tuple[float, bool, float, bool]]
) -> None:
    """Sends last as long as they like, their bytes leave whenever they like, and tries come when they like."""
    window, now, period = Window(), 1000.0, 10.0
    under_way: list[tuple[str, float]] = []
    received: list[float] = []
    for number, (pause, ends, share, booked) in enumerate(events):
        now += pause
        if under_way and ends:
            holder, taken = under_way.pop(int(share * (len(under_way) - 1)))
            received.append(taken + share * (now - taken))
            window.end(holder, now=now)
        elif window.ask(str(number), sends=sends, period=period, booked=booked, now=now) is None:
            under_way.append((str(number), now))
    received += [now for _ in under_way]
    assert not received or most_in_a_period(received, period) <= sends


# -- the ledger ----------------------------------------------------------------------------------------------


@pytest.fixture
def one_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(queues.QUEUES, QUEUE, QueueLimits(concurrency=4, starts=1, period=60.0))


def _use_up() -> None:
    """Somebody else sends now, and is answered now."""
    with write_session() as session:
        row = limit_to_change(session, QUEUE)
        window = Window()
        window.ask("another", sends=1, period=60.0, booked=False, now=clock.now().timestamp())
        window.end("another", now=clock.now().timestamp())
        row.window = {**vars(window)}
        session.add(row)


def _attempts(delivery: str) -> int:
    with read_session() as session:
        return len(list_attempts(session, delivery))


@pytest.mark.usefixtures("one_a_minute")
def test_a_try_without_a_permit_leaves_no_intent_and_comes_again_at_the_named_time(outbox: Any) -> None:
    delivery = outbox.plan()
    _use_up()
    outbox.work()
    row = outbox.row(delivery)
    assert (row.state, row.sends, row.failures, _attempts(delivery)) == ("pending", 0, 0, 0)
    assert outbox.tries[0].at == row.booked_at == row.next_try_at == clock.now() + timedelta(seconds=60)
    assert "no more" in row.hint
    outbox.work()
    row = outbox.row(delivery)
    assert (row.state, row.sends, row.booked_at, row.hint) == ("delivered", 1, None, "")


@pytest.mark.usefixtures("one_a_minute")
def test_a_failed_send_used_its_permit_and_is_not_repeated_within_the_period(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.vendor.failures = [(REFUSED, False)]
    outbox.work()
    failed = clock.now()
    outbox.work_to_the_end()
    assert outbox.row(delivery).state == "delivered"
    assert clock.now() - failed >= timedelta(seconds=60)


@pytest.mark.usefixtures("one_a_minute")
def test_a_try_that_the_breaker_bars_gives_its_permit_back(outbox: Any) -> None:
    outbox.plan()
    with write_session() as session:
        for _ in range(breaker.FAILURES_TO_OPEN):
            breaker.record_failure(session, "jira", REFUSED, now=clock.now())
    outbox.work()
    assert outbox.tries[0].at == clock.now() + breaker.FIRST_COOL_DOWN
    with read_session() as session:
        stored = session.get(RateLimitRow, QUEUE)
    assert stored is not None
    assert stored.window["permits"] == {}


@pytest.mark.usefixtures("one_a_minute")
def test_what_was_looked_up_in_vain_needs_a_permit_before_it_is_sent_again(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.vendor.failures = [(LOST, False)]
    outbox.work()
    outbox.work()
    outbox.travel.move_to(outbox.tries[0].at)
    _use_up()
    outbox.work()
    row = outbox.row(delivery)
    assert (row.state, row.sends, row.reconciled) == ("unknown", 1, 1)
    assert outbox.tries[0].at == row.booked_at >= clock.now() + timedelta(seconds=60)
    outbox.work_to_the_end()
    assert (outbox.row(delivery).state, outbox.vendor.kept, outbox.vendor.look_ups) == (
        "delivered",
        [delivery],
        3,
    )


@pytest.mark.usefixtures("one_a_minute")
def test_what_was_cut_off_holds_its_permit_from_when_that_was_noticed(outbox: Any) -> None:
    outbox.plan()
    one = outbox.tries[0]
    outbox.vendor.deliver = lambda *_args, **_kwargs: (_ for _ in ()).throw(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        outbox.work()
    outbox.travel.shift(timedelta(seconds=30))
    outbox.tries = [one]
    outbox.work()
    with read_session() as session:
        stored = session.get(RateLimitRow, QUEUE)
    assert stored is not None
    [(taken, ended)] = stored.window["permits"].values()
    assert ended - taken == 30


@pytest.mark.usefixtures("one_a_minute")
def test_what_is_brought_forward_keeps_its_time(outbox: Any) -> None:
    delivery = outbox.plan()
    _use_up()
    outbox.work()
    booked = outbox.row(delivery).booked_at
    with write_session() as session:
        session.get_one(type(outbox.row(delivery)), delivery).next_try_at = None
    assert resume("jira", actor=AT_A_PAGE) == 1
    outbox.tries = [
        one._replace(number=outbox.row(delivery).try_number, at=clock.now()) for one in outbox.tries
    ]
    outbox.work()
    assert outbox.tries[0].at == booked


def _plan_calls(*names: str, suppressed: str = "") -> list[Any]:
    intents = [
        Intent(
            key=name,
            integration="jira",
            message=CallAction(name=name),
            actor=AT_A_PAGE,
            suppressed=suppressed,
        )
        for name in names
    ]
    with write_session() as session:
        return ledger.plan(session, intents, now=clock.now())


@pytest.mark.usefixtures("one_a_minute")
def test_what_is_planned_together_has_its_times_from_the_start(outbox: Any) -> None:
    outbox.plan()
    tries = _plan_calls("a", "b")
    waits = [(one.at - clock.now()).total_seconds() for one in tries]
    assert waits == [60 * ALLOWANCE, 2 * 60 * ALLOWANCE]
    assert [outbox.row(one.delivery_id).booked_at for one in tries] == [one.at for one in tries]


@pytest.mark.usefixtures("one_a_minute")
def test_what_is_planned_again_or_suppressed_takes_nobody_s_time(outbox: Any) -> None:
    outbox.plan()
    for _ in range(3):
        _plan_calls("a")
    assert _plan_calls("quiet", suppressed="switched off") == []
    [after] = _plan_calls("b")
    assert (after.at - clock.now()).total_seconds() == 2 * 60 * ALLOWANCE
    with read_session() as session:
        quiet = list_deliveries(session, states=("suppressed",))
    assert [(row.booked_at, row.next_try_at) for row in quiet] == [(None, None)]


def test_each_send_of_the_same_delivery_has_a_permit_of_its_own(
    outbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(queues.QUEUES, QUEUE, QueueLimits(concurrency=4, starts=2, period=60.0))
    outbox.plan()
    outbox.vendor.failures = [(REFUSED, False)] * 2
    began = clock.now()
    outbox.work()
    outbox.work()
    with read_session() as session:
        assert len(session.get_one(RateLimitRow, QUEUE).window["permits"]) == 2
    outbox.work_to_the_end()
    assert clock.now() - began >= timedelta(seconds=60)


def test_a_vendor_without_a_limit_has_no_row_of_it(outbox: Any) -> None:
    outbox.plan()
    outbox.work_to_the_end()
    with read_session() as session:
        assert session.get(RateLimitRow, QUEUE) is None


def test_of_thirty_threads_as_many_pass_as_the_limit_allows() -> None:
    migrate()
    start, passed = threading.Barrier(30), []

    def take(number: int) -> None:
        start.wait()
        with write_session() as session:
            row = limit_to_change(session, QUEUE)
            window = Window(**row.window)
            if (
                window.ask(str(number), sends=7, period=60.0, booked=True, now=clock.now().timestamp())
                is None
            ):
                passed.append(number)
            row.window = {**vars(window)}
            session.add(row)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(passed) == 7


# -- processes on a busy machine -----------------------------------------------------------------------------


@pytest.fixture
def busy_machine() -> Iterator[None]:
    """Beside the two processes themselves, and whatever else runs."""
    loop = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    yield
    loop.kill()
    loop.wait()


@pytest.mark.usefixtures("busy_machine")
def test_two_processes_on_a_busy_machine_never_exceed_the_limit_as_the_vendor_sees_it(
    settings: Settings, tmp_path: Path
) -> None:
    migrate()
    received = tmp_path / "received"
    script = Path(__file__).parents[1] / "rate_limited_process.py"
    environment = {
        **os.environ,
        "SOC_DATA_DIR": str(settings.data_dir),
        "PYTHONPATH": str(script.parents[2]),
    }
    processes = [
        subprocess.Popen([sys.executable, str(script), name, str(received)], env=environment)
        for name in ("one", "two")
    ]
    assert [process.wait(timeout=100) for process in processes] == [0, 0]
    moments = [float(line) for line in received.read_text().splitlines()]
    assert len(moments) == 18
    assert most_in_a_period(moments, 1.0) <= 4
