"""What this process is itself to blame for: how long the message waits, what it says, and whose the next try is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from soc.delivery.ledger import Try
from soc.delivery.local import faults, outcomes
from soc.delivery.local.faults import GIVEN_BACK, begin_again, break_off, give_back, settle_late
from soc.delivery.local.in_flight import at_vendor, count_at_vendor, working_on
from soc.delivery.local.outcomes import Which, is_kept, keep, write_kept
from soc.delivery.local.sender import UNHEARD, send_as, sender
from soc.domain.message import Receipt
from soc.errors import NotFound, StoreError
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.attempts import Holder, list_attempts, open_attempt
from tests.rows import NIGHT, add_delivery

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
MINE = Holder("here-0", 3)


def _sent(session: Session, name: str, kind: str = "send", **values: Any) -> Any:
    """A delivery in the middle of its second try."""
    row = add_delivery(
        session, name, **{"try_number": 2, "next_try_at": NIGHT + MINUTE, "reconciled": 1, **values}
    )
    open_attempt(session, row, kind, executor=MINE.executor, run=MINE.run, now=NIGHT)
    return row  # fmt: skip


def test_what_could_not_be_begun_waits_half_a_minute_doubled_with_each_send_up_to_an_hour(
    session: Session,
) -> None:
    for sends, minutes in ((0, 0.5), (1, 0.5), (2, 1), (3, 2), (7, 32), (8, 60), (50, 60)):
        row = add_delivery(session, f"dlv-{sends}", sends=sends, try_number=4, hint="old")
        at = NIGHT + minutes * MINUTE
        [then] = give_back(session, row.id, 4, fault="no key here", now=NIGHT + SECOND)
        assert then == Try("deliver-jira", row.id, 5, at + SECOND)
        assert (row.state, row.failures, row.updated_at) == ("pending", 0, NIGHT + SECOND)
        assert (row.reason, row.error, row.hint) == ("local", "no key here", GIVEN_BACK)


def test_a_send_that_was_broken_off_is_looked_up_first_where_bytes_may_have_left(session: Session) -> None:
    cases = {"none": ("send", False, "retry"), "some": ("send", True, "unknown")}
    for name, (kind, sent, state) in cases.items():
        row = _sent(session, name, kind, state="sending", sends=2)
        [then] = break_off(session, row.id, 2, kind, fault="disk full", sent=sent, now=NIGHT)
        assert (then.number, then.at, row.state) == (3, NIGHT + MINUTE, state)
        assert (row.reconciled, row.failures, row.reason) == (0, 0, "local")
        [attempt] = list_attempts(session, row.id)
        assert (attempt.outcome, attempt.reason, attempt.error) == ("given back", "local", "disk full")
    looked = _sent(session, "looked", "reconcile", state="unknown")
    [then] = break_off(session, looked.id, 2, "reconcile", fault="f", sent=False, now=NIGHT)
    assert (looked.state, looked.reconciled) == ("unknown", 0)
    assert break_off(session, looked.id, 2, "reconcile", fault="f", sent=True, now=NIGHT) == []


def _again(session: Session, row: Any, number: int = 2, now: datetime = NIGHT) -> list[Try]:
    return begin_again(session, row.id, number, MINE, now=now)


def test_a_begin_that_was_written_and_got_no_answer_is_begun_again_and_doubted_only_after_an_earlier_send(
    session: Session,
) -> None:
    first = _sent(session, "first", state="sending", sends=1)
    second = _sent(session, "second", state="sending", sends=2)
    for row, state in ((first, "retry"), (second, "unknown")):
        [then] = _again(session, row)
        assert (then.at, then.number, row.state, row.reconciled) == (NIGHT, 3, state, 0)
        [attempt] = list_attempts(session, row.id)
        assert (attempt.outcome, attempt.error) == ("given back", faults.STORE_WENT)
        assert _again(session, row) == []  # it is another try by now


def test_a_begin_that_was_not_written_comes_at_its_own_time(session: Session) -> None:
    row = _sent(session, "dlv-1", "reconcile", state="unknown")
    [then] = _again(session, row)
    assert (then.at, then.number, row.state, row.reconciled) == (NIGHT + MINUTE, 3, "unknown", 1)
    assert list_attempts(session, row.id)[0].outcome == "given back"
    [then] = _again(session, row, 3, NIGHT + 5 * MINUTE)
    assert then.at == NIGHT + 5 * MINUTE


def test_what_is_over_held_or_another_s_is_not_begun_again(session: Session) -> None:
    over = _sent(session, "over", state="cancelled")
    held = _sent(session, "held", state="retry", next_try_at=None)
    other = _sent(session, "other", state="sending")
    other_run = Holder(MINE.executor, MINE.run + 1)
    assert [_again(session, row) for row in (over, held)] == [[], []]
    assert begin_again(session, other.id, 2, other_run, now=NIGHT) == []
    assert [row.try_number for row in (over, held, other)] == [2, 2, 2]


def test_a_late_answer_counts_while_it_is_still_wondered_about(session: Session) -> None:
    came = Receipt(remote_id="7", key="SOC-7")
    same = add_delivery(session, "same", state="unknown", try_number=2)
    again = add_delivery(session, "again", state="sending", try_number=3)
    late = add_delivery(session, "late", state="unknown", try_number=3, next_try_at=NIGHT)
    assert [settle_late(session, row.id, 2, came, now=NIGHT) for row in (same, again)] == [None, None]
    assert (same.state, again.state) == ("unknown", "sending")
    assert settle_late(session, late.id, 2, came, now=NIGHT) is late
    assert (late.state, late.try_number, late.receipt["key"]) == ("delivered", 4, "SOC-7")


def test_who_is_at_the_vendor_is_counted_until_the_last_has_come_back() -> None:
    with at_vendor("jira"), at_vendor("slack"):
        with at_vendor("jira"):
            assert (count_at_vendor("jira"), count_at_vendor("slack")) == (2, 1)
        with pytest.raises(StoreError), at_vendor("jira"):
            raise StoreError("gone")
        assert count_at_vendor("jira") == 1
    assert (count_at_vendor("jira"), count_at_vendor("slack"), count_at_vendor("none")) == (0, 0, 0)


def test_a_try_is_one_thread_s_until_that_one_has_ended() -> None:
    with working_on("dlv-1", 1) as first, working_on("dlv-1", 2) as other:
        with working_on("dlv-1", 1) as second:
            assert (first, second, other) == (True, False, True)
        with working_on("dlv-1", 1) as third:
            assert not third
    with working_on("dlv-1", 1) as later:
        assert later


def test_an_outcome_is_kept_of_this_very_try_alone() -> None:
    keep(Which("dlv-5", 2, "send"), lambda _session: [])
    tries = [("dlv-5", 2), ("dlv-5", 1), ("dlv-5", 3), ("dlv-4", 2), ("dlv-4", 9), ("dlv-6", 2)]
    assert [is_kept(*one) for one in tries] == [True, *[False] * 5]


def test_an_outcome_that_cannot_be_written_at_all_keeps_no_other_waiting() -> None:
    migrate()
    then = Try("deliver-jira", "dlv-2", 2, NIGHT)

    def lost(_session: Session) -> list[Try]:
        raise NotFound("its delivery was deleted")

    keep(Which("dlv-1", 1, "send"), lost)
    keep(Which("dlv-2", 1, "send"), lambda _session: [then])
    assert write_kept() == [then]
    assert (outcomes.count_kept(), outcomes.waiting.is_set()) == (0, False)
    keep(Which("dlv-3", 1, "send"), lambda _session: _raise(OSError("disk full")))
    keep(
        Which("dlv-4", 1, "send"), lambda _session: _raise(AssertionError("asked, though the store is away"))
    )
    assert (write_kept(), outcomes.count_kept(), outcomes.waiting.is_set()) == ([], 2, True)


def _raise(error: Exception) -> list[Try]:
    raise error


def test_what_a_process_with_a_heart_begins_is_its_own_while_that_run_lasts() -> None:
    class Heart:
        name, run = "here-0", 3

        def holds(self, run: int) -> bool:
            return run == self.run

    heart = Heart()
    assert sender() is UNHEARD
    assert UNHEARD.holds()
    send_as(heart)
    try:
        mine = sender()
        assert (mine.executor, mine.run, mine.holds()) == ("here-0", 3, True)
        heart.run = 4
        assert (mine.holds(), sender().run, sender().holds()) == (False, 4, True)
    finally:
        send_as(None)
