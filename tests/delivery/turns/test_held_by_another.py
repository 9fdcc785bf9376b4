"""One try, two processes that hold it: never do both send. What this process alone is to blame for is given back."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from soc import clock
from soc.delivery import ledger
from soc.delivery.attempt import attempt
from soc.delivery.local.faults import give_back
from soc.errors import FailureReason, LeaseLost, LocalFault, UnknownOutcome
from soc.integrations.kit.lease import Lease, under, use_lease
from soc.store.db import read_session, write_session
from soc.store.nouns.deliveries.attempts import list_attempts
from soc.store.nouns.deliveries.outbox import lock_delivery
from soc.store.nouns.installation import executors
from soc.store.nouns.installation.executors import Process
from soc.store.nouns.vendors.health import read_health
from soc.tickets.opening import follow_delivery


def _register(name: str, host: str = "there", configured: tuple[str, ...] = ()) -> int:
    process = Process(name, host=host, pid=1, version="1", role="worker", configured=configured)
    with write_session() as session:
        return executors.register(session, process, now=clock.now())


def _attempt(outbox: Any, delivery: str, number: int, **more: Any) -> list[Any]:
    options = {"executor": "mine", "follow": follow_delivery, "connectors": outbox.vendor.borrow, **more}
    return attempt(delivery, number, "jira", **options)


def _in_the_middle(outbox: Any, then: Any) -> None:
    """The vendor does this while it is being told."""
    deliver = outbox.vendor.deliver

    def telling(message: Any, *, delivery_id: str) -> Any:
        outbox.vendor.deliver = deliver
        then()
        return deliver(message, delivery_id=delivery_id)

    outbox.vendor.deliver = telling


def test_a_try_that_a_living_process_sends_is_left_to_it(outbox: Any) -> None:
    delivery, run = outbox.plan(), _register("other-0")
    found: list[Any] = []
    _in_the_middle(outbox, lambda: found.append(_attempt(outbox, delivery, 1, executor="mine")))
    _attempt(outbox, delivery, 1, executor="other-0", run=run)
    # the second one came from another thread of the same process as well as from another process
    assert found == [[]]
    assert (outbox.row(delivery).state, outbox.vendor.kept) == ("delivered", [delivery])


def test_the_store_says_whose_a_send_is_and_only_its_own_process_may_doubt_it(outbox: Any) -> None:
    delivery, run = outbox.plan(), _register("other-0")
    found: list[tuple[ledger.Step, str]] = []

    def is_begun(by: str, of: int) -> None:
        with write_session() as session:
            step = ledger.begin(
                session, delivery, 1, executor=by, run=of, settle=timedelta(seconds=60), now=clock.now()
            )
        found.append((step, outbox.row(delivery).state))

    def is_asked_for() -> None:
        is_begun("mine", 0)
        is_begun("other-0", run)  # it would know if it were at work on it: this one was cut off

    _in_the_middle(outbox, is_asked_for)
    _attempt(outbox, delivery, 1, executor="other-0", run=run)
    (left, still), (doubted, unknown) = found
    assert (left, still, unknown) == (ledger.Skip(), "sending", "unknown")
    assert isinstance(doubted, ledger.Skip)
    assert doubted.then is not None
    assert doubted.then.number == 2


@pytest.mark.parametrize("end", ["gone", "another run"])
def test_a_send_of_a_process_that_is_gone_is_looked_up(outbox: Any, end: str) -> None:
    delivery, run = outbox.plan(), _register("other-0")

    def dies() -> None:
        with write_session() as session:
            executors.mark_gone(session, "other-0", run, 1, now=clock.now())
        if end == "another run":
            _register("other-0")
        raise KeyboardInterrupt  # nothing of it is written down

    _in_the_middle(outbox, dies)
    with pytest.raises(KeyboardInterrupt):
        _attempt(outbox, delivery, 1, executor="other-0", run=run)
    [again] = _attempt(outbox, delivery, 1, executor="mine")
    assert (outbox.row(delivery).state, again.number) == ("unknown", 2)


def test_a_store_that_goes_away_before_the_intent_leaves_the_try_to_the_engine(outbox: Any) -> None:
    delivery = outbox.plan()

    def away(_kind: str, _session: Session) -> Any:
        raise OperationalError("select", {}, Exception("gone"))

    with pytest.raises(OperationalError):
        _attempt(outbox, delivery, 1, connectors=away)
    assert (outbox.row(delivery).state, outbox.vendor.kept) == ("pending", [])


def test_what_a_woken_process_had_begun_sends_nothing(outbox: Any) -> None:
    delivery = outbox.plan()
    [again] = _attempt(outbox, delivery, 1, holds=lambda: False)
    row = outbox.row(delivery)
    assert (row.state, row.failures, outbox.vendor.kept) == ("retry", 0, [])
    assert again.at > clock.now()


def test_an_answer_that_came_after_the_try_was_taken_over_still_counts(outbox: Any) -> None:
    delivery, run = outbox.plan(), _register("other-0")

    def is_taken_over() -> None:
        with write_session() as session:
            executors.mark_gone(session, "other-0", run, 1, now=clock.now())
        with write_session() as session:
            ledger.begin(session, delivery, 1, executor="mine", settle=timedelta(seconds=60), now=clock.now())

    _in_the_middle(outbox, is_taken_over)
    _attempt(outbox, delivery, 1, executor="other-0", run=run)
    assert (outbox.row(delivery).state, outbox.vendor.kept) == ("delivered", [delivery])
    assert _attempt(outbox, delivery, 2) == []
    assert outbox.vendor.kept == [delivery]


def test_bytes_leave_only_under_a_lease_that_holds() -> None:
    lost = Lease(lambda: False)
    with under(lost), pytest.raises(LeaseLost):
        use_lease()
    assert not lost.used
    with under(Lease()) as held:
        use_lease()
    assert held.used
    use_lease()  # nobody asks where there is none


@pytest.mark.parametrize("fault", [OSError("disk full"), KeyError("our own code"), LocalFault("no file")])
def test_a_fault_of_this_process_kills_nothing_and_pauses_nothing(outbox: Any, fault: Exception) -> None:
    delivery = outbox.plan()

    def breaks() -> None:
        raise fault

    send = outbox.vendor.deliver
    outbox.vendor.deliver = lambda *_args, **_kwargs: breaks()
    for _ in range(30):
        outbox.work()
    outbox.vendor.deliver = send
    row = outbox.row(delivery)
    with read_session() as session:
        assert not read_health(session, "jira").paused
        endings = {one.outcome for one in list_attempts(session, delivery) if one.kind == "send"}
    assert row.failures == 0
    assert row.sends > 8, "more often than failures of the vendor would be forgiven"
    assert row.state in ("retry", "unknown")
    assert endings == {"given back"}
    outbox.work_to_the_end()
    assert outbox.row(delivery).state == "delivered"


def test_a_key_or_file_that_only_this_machine_lacks_gives_the_try_back(outbox: Any) -> None:
    delivery = outbox.plan()

    def borrow(_kind: str, _session: Any = None) -> Any:
        raise LocalFault("The key of this process is another.")

    [again] = _attempt(outbox, delivery, 1, connectors=borrow)
    row = outbox.row(delivery)
    with read_session() as session:
        assert not read_health(session, "jira").paused
    assert (row.state, row.failures, again.number) == ("pending", 0, 2)
    assert again.at - clock.now() >= timedelta(seconds=30)
    assert "key of this process" in row.error


def test_what_another_process_has_configured_is_left_to_it(outbox: Any) -> None:
    delivery = outbox.plan()
    _register("other-0", configured=("jira",))
    [again] = _attempt(outbox, delivery, 1, connectors=lambda *_: nullcontext(None))
    assert again.at > clock.now()
    assert outbox.row(delivery).next_try_at is not None


def test_an_unknown_outcome_is_the_vendor_s_and_counts(outbox: Any) -> None:
    delivery = outbox.plan()
    outbox.vendor.failures.append((UnknownOutcome("lost", reason=FailureReason.TIMEOUT), True))
    outbox.work()
    assert outbox.row(delivery).failures == 1


@pytest.mark.parametrize("state", ["sending", "delivered", "dead", "cancelled"])
def test_what_another_has_begun_or_ended_is_not_given_back(outbox: Any, state: str) -> None:
    delivery = outbox.plan()
    with write_session() as session:
        lock_delivery(session, delivery).state = state
    with write_session() as session:
        assert give_back(session, delivery, 1, fault="no key here", now=clock.now()) == []
    assert (outbox.row(delivery).state, outbox.row(delivery).error) == (state, "")


def test_a_try_that_was_superseded_is_not_given_back(outbox: Any) -> None:
    delivery = outbox.plan()
    with write_session() as session:
        lock_delivery(session, delivery).try_number = 2
    with write_session() as session:
        assert give_back(session, delivery, 1, fault="no key here", now=clock.now()) == []
        [again] = give_back(session, delivery, 2, fault="no key here", now=clock.now())
    assert again.number == 3
