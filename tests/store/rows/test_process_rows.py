"""Who is at work, who holds what, and what waits to be worked on: rows by which processes know of one another."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from soc.domain.actor import AT_A_PAGE
from soc.errors import NotFound
from soc.store.nouns.deliveries.attempts import open_attempt
from soc.store.nouns.deliveries.outbox_due import list_orphans
from soc.store.nouns.installation.executors import (
    ExecutorRow,
    Process,
    beat,
    forget_executors,
    is_at_work,
    is_elsewhere,
    list_executors,
    mark_gone,
    mark_recovered,
    mark_stopped,
    register,
    who_configures,
)
from soc.store.nouns.vendors.health import PROBE_WAITS, claim_probe, list_paused, pause, read_health
from soc.store.nouns.vendors.hook_events import HookEventRow, finish_events, keep_events, list_waiting
from soc.store.nouns.vendors.interactions import (
    InteractionRow,
    forget_interactions,
    keep_interactions,
    list_due,
    list_of_incident,
    lock_interaction,
    read_interaction,
)
from soc.store.nouns.vendors.listeners import ListenerRow, leave_places, take_place
from tests.rows import NIGHT, add_delivery

MINUTE, TICK = timedelta(minutes=1), timedelta(microseconds=1)


def _register(session: Session, name: str, configured: tuple[str, ...] = ()) -> int:
    process = Process(name, host=f"host-{name}", pid=7, version="1", role="worker", configured=configured)
    run = register(session, process, now=NIGHT)
    session.flush()
    return run


def _executor(session: Session, name: str) -> ExecutorRow:
    session.expire_all()
    return session.get_one(ExecutorRow, name)


def test_a_name_that_is_taken_again_is_another_run_of_which_nothing_is_wrong(session: Session) -> None:
    assert _register(session, "a") == 1
    assert beat(session, "a", 1, trouble="the disk is full", now=NIGHT + MINUTE)
    row = _executor(session, "a")
    assert (row.beats, row.seen_at, row.trouble) == (2, NIGHT + MINUTE, "the disk is full")
    assert mark_gone(session, "a", 1, 2, now=NIGHT)
    assert _register(session, "a", ("jira",)) == 2
    row = _executor(session, "a")
    assert (row.beats, row.trouble, row.gone_at, row.stopped_at, row.recovered) == (3, "", None, None, False)
    assert (row.host, row.pid, row.version, row.role, row.configured) == (
        "host-a",
        7,
        "1",
        "worker",
        ["jira"],
    )
    assert not beat(session, "a", 1, trouble="", now=NIGHT)  # its earlier run
    assert _executor(session, "a").beats == 3


def test_only_a_silent_run_is_taken_for_gone_and_it_hears_of_it(session: Session) -> None:
    run = _register(session, "a")
    beat(session, "a", run, trouble="", now=NIGHT)
    assert not mark_gone(session, "a", run, 1, now=NIGHT)  # it has moved since
    assert not mark_gone(session, "a", run + 1, 2, now=NIGHT)
    assert mark_gone(session, "a", run, 2, now=NIGHT)
    assert not mark_gone(session, "a", run, 2, now=NIGHT + MINUTE)
    assert not beat(session, "a", run, trouble="", now=NIGHT)
    mark_recovered(session, "a", run + 1)
    assert (_executor(session, "a").gone_at, _executor(session, "a").recovered) == (NIGHT, False)
    mark_recovered(session, "a", run)
    assert _executor(session, "a").recovered


def test_at_work_is_the_run_that_neither_ended_nor_fell_silent(session: Session) -> None:
    for name in ("works", "stopped", "gone"):
        _register(session, name, ("jira",))
    mark_stopped(session, "stopped", 2, now=NIGHT)  # another run's end
    assert is_at_work(session, "stopped", 1)
    mark_stopped(session, "stopped", 1, now=NIGHT + MINUTE)
    mark_gone(session, "gone", 1, 1, now=NIGHT)
    session.expire_all()
    assert [is_at_work(session, row.name, 1) for row in list_executors(session)] == [False, False, True]
    assert (is_at_work(session, "works", 2), is_at_work(session, "nobody", 1)) == (False, False)
    assert (who_configures(session, "jira"), who_configures(session, "slack")) == (["works"], [])
    assert (is_elsewhere(session, "here"), is_elsewhere(session, "host-works")) == (True, False)
    assert _executor(session, "stopped").seen_at == NIGHT + MINUTE


def test_who_ended_before_the_moment_is_forgotten_and_a_silent_one_once_its_work_was_handed_on(
    session: Session,
) -> None:
    for name in ("works", "stopped", "silent", "handed", "late"):
        _register(session, name)
    mark_stopped(session, "stopped", 1, now=NIGHT)
    mark_stopped(session, "late", 1, now=NIGHT + MINUTE)
    for name in ("silent", "handed"):
        mark_gone(session, name, 1, 1, now=NIGHT)
    mark_recovered(session, "handed", 1)
    assert forget_executors(session, before=NIGHT) == 0
    assert forget_executors(session, before=NIGHT + MINUTE) == 2
    session.expire_all()
    assert [row.name for row in list_executors(session)] == ["late", "silent", "works"]


def test_a_send_is_an_orphan_when_its_process_ended_or_was_never_heard(session: Session) -> None:
    for name in ("works", "stopped", "gone", "again"):
        _register(session, name)
    mark_stopped(session, "stopped", 1, now=NIGHT)
    mark_gone(session, "gone", 1, 1, now=NIGHT)
    _register(session, "again")
    for name in ("works", "stopped", "gone", "again", "script", "fresh"):
        row = add_delivery(session, name, state="sending", try_number=3)
        executor = "caller" if name in ("script", "fresh") else name
        began = NIGHT if name != "fresh" else NIGHT + MINUTE
        open_attempt(session, row, "send", executor=executor, run=1, now=began)
    for name, kind, values in (
        ("looks", "reconcile", {"state": "sending"}),
        ("waits", "send", {"state": "unknown"}),
    ):
        open_attempt(session, add_delivery(session, name, **values), kind, executor="gone", run=1, now=NIGHT)
    orphans = list_orphans(session, unheard=NIGHT + MINUTE)
    assert sorted(orphans) == [("again", 3), ("gone", 3), ("script", 3), ("stopped", 3)]
    assert len(list_orphans(session, unheard=NIGHT, limit=2)) == 2


def test_places_that_are_left_are_free_at_that_vendor_alone(session: Session) -> None:
    run = _register(session, "a")
    for kind in ("slack", "teams"):
        assert take_place(session, kind, places=1, executor="a", run=run, now=NIGHT)
    other = _register(session, "b")
    assert not take_place(session, "slack", places=1, executor="b", run=other, now=NIGHT)
    leave_places(session, "slack", executor="b")
    assert session.get_one(ListenerRow, ("slack", 0)).executor == "a"
    leave_places(session, "slack", executor="a")
    row, kept = session.get_one(ListenerRow, ("slack", 0)), session.get_one(ListenerRow, ("teams", 0))
    assert (row.executor, row.run, row.taken_at) == ("", 0, None)
    assert (kept.executor, kept.run, kept.taken_at) == ("a", run, NIGHT)
    assert take_place(session, "slack", places=1, executor="b", run=other, now=NIGHT)


def test_a_pause_is_looked_into_by_one_at_its_time_and_then_ever_more_rarely(session: Session) -> None:
    assert not claim_probe(session, "jira", now=NIGHT)
    pause(session, "jira", reason="401", actor=AT_A_PAGE, now=NIGHT)
    pause(session, "slack", reason="403", actor=AT_A_PAGE, now=NIGHT, probed=False)
    assert sorted(list_paused(session)) == ["jira", "slack"]
    at = NIGHT + PROBE_WAITS[0]
    for number, wait in enumerate([*PROBE_WAITS[1:], PROBE_WAITS[-1]], start=1):
        assert not claim_probe(session, "jira", now=at - TICK)
        assert claim_probe(session, "jira", now=at)
        assert not claim_probe(session, "jira", now=at)
        row = read_health(session, "jira")
        assert (row.probes, row.next_probe_at) == (number, at + wait)
        at += wait
    assert not claim_probe(session, "slack", now=at)


def test_a_call_of_a_vendor_s_is_kept_once_and_waits_until_it_was_worked_on(session: Session) -> None:
    def event(name: str, minutes: int, **values: str) -> HookEventRow:
        known = {"integration": "jira", "event": "changed", "about": "1", "made_by": "x", **values}
        return HookEventRow(id=name, received_at=NIGHT + minutes * MINUTE, **known)

    keep_events(session, [event("b", 2), event("a", 1), event("c", 0, integration="servicenow")])
    keep_events(session, [event("a", 9, about="another"), event("d", 3)])
    assert [(row.id, row.about) for row in list_waiting(session, integration="jira")] == [
        ("a", "1"),
        ("b", "1"),
        ("d", "1"),
    ]
    assert [row.id for row in list_waiting(session, integration="jira", limit=1)] == ["a"]
    finish_events(session, ["a", "d"], now=NIGHT)
    session.expire_all()
    assert [row.id for row in list_waiting(session, integration="jira")] == ["b"]
    assert session.get_one(HookEventRow, "a").done_at == NIGHT


def test_what_a_person_pressed_is_heard_once_worked_on_when_due_and_forgotten_after_its_end(
    session: Session,
) -> None:
    def pressed(name: str, minutes: int, **values: object) -> InteractionRow:
        known = {"integration": "slack", "key": name, "wish": "acknowledge", "incident_id": "inc-1", "who": "U1", "made_by": "x",
                 "received_at": NIGHT + minutes * MINUTE, "next_try_at": NIGHT + minutes * MINUTE, **values}  # fmt: skip
        return InteractionRow(id=name, **known)

    rows = [pressed("late", 2), pressed("early", 1), pressed("done", 0, state="ended", ended_at=NIGHT)]
    assert keep_interactions(session, rows) == ["late", "early", "done"]
    assert keep_interactions(
        session, [pressed("again", 5, key="early"), pressed("other", 3, incident_id="inc-2")]
    ) == ["other"]
    due = [row.id for row in list_due(session, before=NIGHT + 2 * MINUTE + TICK)]
    assert due == ["early", "late"]
    assert [row.id for row in list_due(session, before=NIGHT + 2 * MINUTE)] == ["early"]
    assert [row.id for row in list_due(session, before=NIGHT + 9 * MINUTE, limit=1)] == ["early"]
    assert [row.id for row in list_of_incident(session, "inc-1")] == ["late", "early", "done"]
    assert [row.id for row in list_of_incident(session, "inc-1", limit=1)] == ["late"]
    assert lock_interaction(session, "late") is read_interaction(session, "late")
    assert forget_interactions(session, before=NIGHT) == 0
    assert forget_interactions(session, before=NIGHT + TICK) == 1
    session.expire_all()
    for read in (read_interaction, lock_interaction):
        with pytest.raises(NotFound, match="no interaction done"):
            read(session, "done")
