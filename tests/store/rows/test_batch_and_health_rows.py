"""Batches and the health of what messages go to: listed, taken over, fenced off, paused and let go on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import Session

from soc.domain.actor import AT_A_PAGE
from soc.store.nouns.batches.batches import (
    BatchFilter,
    BatchState,
    arm,
    begin_try,
    count_batches,
    get_batch,
    list_batches,
    page_batches,
    still_owned,
    update_fenced,
)
from soc.store.nouns.vendors.health import (
    clear_pause,
    close_breaker,
    health_to_change,
    list_health,
    read_health,
    record_check,
    record_success,
)
from tests.rows import NIGHT, add_batch

MINUTE = timedelta(minutes=1)


def test_batches_are_listed_without_those_that_no_upload_brought(session: Session) -> None:
    for name, values in {
        "a": {}, "b": {"state": "failed", "created_at": NIGHT + MINUTE}, "c": {"practice": True}, "api": {}, "api-practice": {},
    }.items():  # fmt: skip
        add_batch(session, name, **values)
    for expected, chosen in (
        ("bca", {}), ("b", {"states": ("failed",)}), ("c", {"practice": True}), ("ba", {"practice": False}),
        ("b", {"since": NIGHT + MINUTE}), ("ca", {"until": NIGHT + MINUTE}),
    ):  # fmt: skip
        page = page_batches(session, BatchFilter(**chosen))
        assert ("".join(row.id for row in page.rows), page.total) == (expected, len(expected)), chosen
    assert [row.id for row in list_batches(session, offset=1, limit=1)] == ["c"]
    assert (count_batches(session), count_batches(session, states=["failed"])) == (3, 1)


def test_a_batch_s_next_try_fences_off_the_one_that_runs(session: Session) -> None:
    add_batch(
        session,
        "bat",
        state="queued",
        try_number=2,
        attempt=5,
        finished_at=NIGHT,
        error="e",
        lines_done=7,
        bytes_done=7,
    )
    assert begin_try(session, "bat", 1, now=NIGHT) is None  # another try has taken its place
    assert begin_try(session, "bat", 2, now=NIGHT) == 6
    row = get_batch(session, "bat")
    assert (row.state, row.error, row.stage, row.next_try_at) == ("running", "", "reading", None)
    assert (row.started_at, row.heartbeat_at, row.lines_done, row.bytes_done) == (NIGHT, NIGHT, 0, 0)
    session.flush()
    assert (still_owned(session, "bat", 6), still_owned(session, "bat", 5)) == (True, False)
    assert update_fenced(session, "bat", 6, lines_in=3)
    assert not update_fenced(session, "bat", 5, lines_in=4)
    assert arm(session, "bat", number=1, state=BatchState.RETRY, now=NIGHT) is None
    assert arm(session, "bat", number=2, state=BatchState.RETRY, now=NIGHT + MINUTE) == 3
    assert (row.state, row.attempt, row.next_try_at, row.finished_at) == ("retry", 7, NIGHT + MINUTE, None)
    session.flush()
    assert (update_fenced(session, "bat", 7, lines_in=4), still_owned(session, "bat", 7)) == (False, False)
    assert begin_try(session, "bat", 0, now=NIGHT + 2 * MINUTE) == 8
    assert (row.started_at, row.heartbeat_at) == (NIGHT, NIGHT + 2 * MINUTE)
    row.state = "held"
    assert begin_try(session, "bat", 0, now=NIGHT) is None


def test_a_success_closes_the_breaker_and_is_noted_to_the_second(session: Session) -> None:
    record_success(session, "jira", now=NIGHT)
    row = health_to_change(session, "jira")
    assert row.last_success_at == NIGHT
    for seconds, noted in ((0.5, NIGHT), (1.0, NIGHT), (1.5, NIGHT + timedelta(seconds=1.5))):
        record_success(session, "jira", now=NIGHT + timedelta(seconds=seconds))
        assert health_to_change(session, "jira").last_success_at == noted
    now = NIGHT + timedelta(seconds=1.6)
    for trouble in (
        {"failures_in_row": 1},
        {"breaker": "open", "breaker_until": NIGHT, "cool_downs": 2, "probe": "d"},
        {"probes": 2},
    ):
        health_to_change(session, "jira").sqlmodel_update(trouble)
        session.flush()
        record_success(session, "jira", now=now)
        row = health_to_change(session, "jira")
        assert (row.breaker, row.breaker_until, row.failures_in_row, row.cool_downs, row.probe, row.probes) == (
            "closed", None, 0, 0, "", 0,
        )  # fmt: skip
        assert row.last_success_at == now


def test_a_pause_ends_with_all_that_held_it_and_looks_go_on_where_nobody_mended_it(session: Session) -> None:
    held: dict[str, Any] = {
        "paused": True, "paused_at": NIGHT, "paused_reason": "401", "throttled_until": NIGHT, "breaker": "open", "failures_in_row": 5,
        "breaker_until": NIGHT, "cool_downs": 3, "probe": "d", "probes": 2, "next_probe_at": NIGHT,
    }  # fmt: skip
    for probing, probes in ((True, 2), (False, 0)):
        health_to_change(session, "jira").sqlmodel_update(held)
        session.flush()
        clear_pause(session, "jira", actor=AT_A_PAGE, probing=probing)
        row = read_health(session, "jira")
        assert (row.paused, row.paused_at, row.paused_reason, row.throttled_until) == (False, None, "", None)
        assert (row.breaker, row.breaker_until, row.failures_in_row, row.cool_downs, row.probe) == (
            "closed",
            None,
            0,
            0,
            "",
        )
        assert (row.probes, row.next_probe_at, row.changed_by) == (probes, None, str(AT_A_PAGE))
    clear_pause(session, "slack", actor=AT_A_PAGE)
    assert [one.kind for one in list_health(session)] == ["jira"]
    health_to_change(session, "jira").sqlmodel_update(held)
    record_check(session, "jira", {"ok": False, "why": "401"}, actor=AT_A_PAGE, now=NIGHT + MINUTE)
    row = read_health(session, "jira")
    assert (row.paused, row.last_check, row.last_check_at) == (
        True,
        {"ok": False, "why": "401"},
        NIGHT + MINUTE,
    )
    record_check(session, "jira", {"ok": True}, actor=AT_A_PAGE, now=NIGHT + MINUTE, probing=True)
    assert (row.paused, row.probes) == (False, 2)
    row.sqlmodel_update(held)
    session.flush()
    close_breaker(session, "jira")
    row = health_to_change(session, "jira")
    assert (row.breaker, row.failures_in_row, row.paused) == ("closed", 0, True)
