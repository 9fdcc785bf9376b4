"""What moves a ticket's clocks, told to the ledger as the parts of the product tell it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlmodel import Session, select

from soc.domain.actor import Actor, Known
from soc.domain.severity import Priority
from soc.domain.sla import SlaState
from soc.domain.sla.event import ClockKind
from soc.domain.sla.policy import GUIDE_POLICY, Policy, Reopening, Start
from soc.errors import ConfigurationError
from soc.sla import ledger
from soc.sla.clocks import watch
from soc.sla.reading import read_cycles
from soc.sla.tick import tick
from soc.sla.undoing import mark_rows, rows_since, undone
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.sla.sla_clocks import SlaClockRow, SlaEventRow
from soc.store.nouns.sla.sla_policies import put_version
from soc.store.nouns.tickets.tickets import TicketRow, find_ticket, read_state
from tests.rows import NIGHT, add_incident, add_ticket

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
KIM = Actor.person("kim", Known.SHELL)
BOT, JIRA = Actor.rule("night-shift"), Actor.vendor("jira")
RESPONSE, RESOLUTION = ClockKind.RESPONSE, ClockKind.RESOLUTION


@pytest.fixture(autouse=True)
def _store() -> Iterator[None]:
    with time_machine.travel(NIGHT, tick=False):
        migrate()
        yield


@pytest.fixture
def session() -> Iterator[Session]:
    with write_session() as opened:
        yield opened


def opened(session: Session, *, found: datetime = NIGHT, **values: object) -> TicketRow:
    """A ticket of the priority Medium (24 h, 72 h) for an incident that was found then."""
    add_incident(session, "inc-1", created_at=found)
    row = add_ticket(session, incident_id="inc-1", **{"priority": "Medium", **values})
    ledger.opened(session, row, at=NIGHT, actor=BOT)
    return row


def cycles(session: Session, kind: ClockKind) -> list[SlaClockRow]:
    row = SlaClockRow
    query = select(row).where(row.clock == kind.value).order_by(row.cycle)  # type: ignore[arg-type]
    return list(session.exec(query).all())


def move(session: Session, row: TicketRow, before: str, after: str, minutes: int, who: Actor = KIM) -> None:
    row.status_category = after
    ledger.status_changed(
        session, row, status=after.title(), category=after, before_category=before, at=NIGHT + minutes * MINUTE, actor=who
    )  # fmt: skip


def test_both_clocks_start_with_the_time_of_the_priority_and_are_stamped(session: Session) -> None:
    row = opened(session)
    [response], [resolution] = cycles(session, RESPONSE), cycles(session, RESOLUTION)
    assert (response.due_at, resolution.due_at) == (NIGHT + 24 * HOUR, NIGHT + 72 * HOUR)
    assert (response.policy, response.version, row.due_at) == ("default", 1, NIGHT + 24 * HOUR)
    ledger.opened(session, row, at=NIGHT + HOUR, actor=BOT)
    assert len(session.exec(select(SlaEventRow)).all()) == 2


def test_a_clock_is_read_as_what_it_is_at_that_moment(session: Session) -> None:
    row = opened(session)
    states = []
    for hours in (0, 19, 25):
        at = NIGHT + hours * HOUR
        with time_machine.travel(at, tick=False):
            tick(session, now=at)
            session.expire_all()
            [response, _] = read_cycles(session, [row.id or 0], now=at)[row.id or 0]
        states.append((response.state, response.left, response.share))
    assert states == [
        (SlaState.ON_TRACK, 24 * HOUR, 0.0), (SlaState.AT_RISK, 5 * HOUR, 19 / 24), (SlaState.VIOLATED, -HOUR, 25 / 24),
    ]  # fmt: skip


def test_a_breach_that_an_act_brought_goes_with_it_and_an_older_one_stays(session: Session) -> None:
    row = opened(session)
    tick(session, now=NIGHT + 25 * HOUR)  # the response has run out by itself
    before = mark_rows(session, [row])
    ledger.priority_changed(session, row, priority=Priority.HIGHEST, at=NIGHT + 25 * HOUR, actor=KIM)
    tick(session, now=NIGHT + 30 * HOUR)  # and now the resolution, of which there was little
    late = [cycles(session, kind)[0].breached_at is not None for kind in (RESPONSE, RESOLUTION)]
    undone(session, row, rows_since(session, [row], before), at=NIGHT + 31 * HOUR, actor=KIM, reason="a slip")
    session.expire_all()
    after = [cycles(session, kind)[0].breached_at is not None for kind in (RESPONSE, RESOLUTION)]
    assert (late, after) == ([True, True], [True, False])
    assert cycles(session, RESOLUTION)[0].due_at == NIGHT + 72 * HOUR


@pytest.mark.parametrize(
    ("who", "stops"), [(KIM, True), (BOT, False), (JIRA, False), (Actor.key("k"), False)]
)
def test_the_response_stops_for_a_person_alone(session: Session, who: Actor, stops: bool) -> None:
    row = opened(session)
    assert ledger.person_acted(session, row, at=NIGHT + HOUR, actor=who, act="wrote a comment") is stops
    assert (cycles(session, RESPONSE)[0].ended_at is not None) is stops
    assert not ledger.person_acted(session, row, at=NIGHT + 2 * HOUR, actor=KIM, act="again") or not stops


def test_what_the_product_did_with_a_persons_account_is_no_answer(session: Session) -> None:
    row = opened(session)
    assert not ledger.person_acted(session, row, at=NIGHT, actor=KIM, act="wrote a comment", by_product=True)
    ledger.status_changed(
        session, row, status="In Progress", category="indeterminate", before_category="new", at=NIGHT, actor=KIM,
        by_product=True,
    )  # fmt: skip
    assert cycles(session, RESPONSE)[0].ended_at is None


def test_an_earlier_answer_that_is_heard_of_later_counts(session: Session) -> None:
    row = opened(session)
    with time_machine.travel(NIGHT + 25 * HOUR, tick=False):
        ledger.person_acted(session, row, at=NIGHT + 25 * HOUR, actor=KIM, act="assigned it")
        assert cycles(session, RESPONSE)[0].state == "missed"
        ledger.person_acted(session, row, at=NIGHT + 23 * HOUR, actor=KIM, act="wrote a comment")
        session.expire_all()
    assert (cycles(session, RESPONSE)[0].state, cycles(session, RESPONSE)[0].ended_at) == (
        "met", NIGHT + 23 * HOUR,
    )  # fmt: skip


def test_a_ticket_that_a_machine_closed_was_not_answered(session: Session) -> None:
    row = opened(session)
    move(session, row, "new", "done", 60, BOT)
    assert (cycles(session, RESPONSE)[0].state, cycles(session, RESOLUTION)[0].state) == ("cancelled", "met")
    assert row.sla_state == "met"


def test_reopening_opens_a_cycle_and_leaves_the_earlier_one_as_it_was(session: Session) -> None:
    row = opened(session)
    with time_machine.travel(NIGHT + 100 * HOUR, tick=False):
        move(session, row, "new", "indeterminate", 60)
        move(session, row, "indeterminate", "done", 73 * 60)
        move(session, row, "done", "indeterminate", 80 * 60)
    first, second = cycles(session, RESOLUTION)
    assert (first.state, second.state, second.due_at) == ("missed", "", NIGHT + 152 * HOUR)
    assert [one.state for one in cycles(session, RESPONSE)] == ["met", "met"]
    with time_machine.travel(NIGHT + 101 * HOUR, tick=False):
        move(session, row, "indeterminate", "done", 100 * 60)
    session.expire_all()
    assert [one.state for one in cycles(session, RESOLUTION)] == ["missed", "met"]


@pytest.mark.parametrize(
    ("reopening", "after", "number", "due"),
    [
        (Reopening.NEW_TIME, 5, 2, 72 * HOUR + 125 * MINUTE),
        (Reopening.CONTINUE, 5, 2, 72 * HOUR + 5 * MINUTE),
        (Reopening.AFTER_15_MIN, 5, 1, 72 * HOUR + 5 * MINUTE),
        (Reopening.AFTER_15_MIN, 16, 2, 72 * HOUR + 136 * MINUTE),
    ],
)
def test_what_reopening_does_is_the_policys(
    session: Session, reopening: Reopening, after: int, number: int, due: timedelta
) -> None:
    put_version(session, GUIDE_POLICY.model_copy(update={"reopening": reopening}), actor=KIM)
    row = opened(session)
    with time_machine.travel(NIGHT + 3 * HOUR, tick=False):
        move(session, row, "new", "done", 120)
        move(session, row, "done", "indeterminate", 120 + after)
    newest = cycles(session, RESOLUTION)[-1]
    assert (newest.cycle, newest.due_at, newest.version) == (number, NIGHT + due, 2)


def test_a_priority_carries_what_was_used_and_an_escalations_moves_no_aim(session: Session) -> None:
    row = opened(session, priority="High")
    with time_machine.travel(NIGHT + HOUR, tick=False):
        ledger.priority_changed(session, row, priority=Priority.MEDIUM, at=NIGHT + HOUR, actor=KIM)
        assert cycles(session, RESPONSE)[0].due_at == NIGHT + 24 * HOUR
        ledger.priority_changed(
            session, row, priority=Priority.HIGHEST, at=NIGHT + HOUR, actor=BOT, by_escalation=True
        )
        session.expire_all()
    assert cycles(session, RESPONSE)[0].due_at == NIGHT + 24 * HOUR
    assert {one.priority for one in cycles(session, RESPONSE)} == {"Medium"}


def test_fifty_changes_of_priority_breach_once_and_nothing_takes_it_back(session: Session) -> None:
    row = opened(session, priority="High")
    for number in range(100):
        at = NIGHT + number * 6 * MINUTE
        priority = Priority.HIGH if number % 2 else Priority.LOW
        with time_machine.travel(at, tick=False):
            ledger.priority_changed(session, row, priority=priority, at=at, actor=KIM, source=str(number))
            ledger.priority_changed(session, row, priority=priority, at=at, actor=KIM, source=str(number))
    breaches = [one for one in session.exec(select(SlaEventRow)) if one.kind == "breach"]
    assert [(one.clock, one.at) for one in breaches] == [("response", NIGHT + 246 * MINUTE)]
    assert row.breached_at == NIGHT + 246 * MINUTE


def test_a_pause_by_hand_ends_by_itself_and_a_clock_that_ran_out_stays_so(session: Session) -> None:
    row = opened(session)
    with pytest.raises(ConfigurationError, match="needs a reason"):
        ledger.paused(session, row, at=NIGHT, actor=KIM, reason=" ", until=NIGHT + HOUR)
    ledger.paused(session, row, at=NIGHT, actor=KIM, reason="the bank answers tomorrow", until=NIGHT + HOUR)
    assert read_state(row, now=NIGHT) is SlaState.PAUSED
    with time_machine.travel(NIGHT + 2 * HOUR, tick=False):
        tick(session, now=NIGHT + 2 * HOUR)
        session.expire_all()
        assert read_state(row, now=NIGHT + 2 * HOUR) is SlaState.ON_TRACK
        assert cycles(session, RESPONSE)[0].due_at == NIGHT + 25 * HOUR
        resumes = [one for one in session.exec(select(SlaEventRow)) if one.kind == "resume"]
        assert [one.at for one in resumes] == 2 * [NIGHT + HOUR]
    with time_machine.travel(NIGHT + 26 * HOUR, tick=False):
        ledger.paused(session, row, at=NIGHT + 26 * HOUR, actor=KIM, reason="later", until=NIGHT + 30 * HOUR)
        assert read_state(row, now=NIGHT + 26 * HOUR) is SlaState.VIOLATED


def test_old_logs_are_breached_at_intake_and_late_tickets_are_not(session: Session) -> None:
    put_version(session, GUIDE_POLICY.model_copy(update={"start": Start.FIRST_EVENT}), actor=KIM)
    row = opened(session)
    incident = add_incident(session, "inc-2", first_seen=NIGHT - 96 * HOUR)
    old = add_ticket(session, "SOC-2", incident_id=incident.id, priority="Highest")
    ledger.opened(session, old, at=NIGHT, actor=BOT)
    assert (read_state(row, now=NIGHT), read_state(old, now=NIGHT)) == (SlaState.ON_TRACK, SlaState.INTAKE)
    assert old.breached_at is None
    late = add_ticket(session, "SOC-3", priority="Highest", incident_id="inc-3")
    ledger.opened(session, late, at=NIGHT + 5 * HOUR, actor=BOT, known_at=NIGHT)
    assert read_state(late, now=NIGHT + 5 * HOUR) is SlaState.VIOLATED


def test_a_deleted_tickets_clocks_are_cancelled(session: Session) -> None:
    row = opened(session)
    ledger.cancelled(session, row, at=NIGHT + HOUR, actor=JIRA, reason="it was deleted in Jira")
    assert (row.sla_state, {one.state for one in cycles(session, RESOLUTION)}) == ("cancelled", {"cancelled"})


@pytest.mark.parametrize(
    ("until", "words"),
    [
        (NIGHT, "over already"),
        (NIGHT - HOUR, "over already"),
        (NIGHT + timedelta(days=90, seconds=1), "90 days at most"),
    ],
)
def test_a_pause_that_is_over_or_endless_is_refused_and_nothing_waits(
    session: Session, until: datetime, words: str
) -> None:
    row = opened(session)
    with pytest.raises(ConfigurationError, match=words):
        ledger.paused(session, row, at=NIGHT, actor=KIM, reason="later", until=until)
    assert read_state(row, now=NIGHT) is SlaState.ON_TRACK


def test_after_a_pause_half_of_the_time_is_reached_so_much_later_and_as_much_is_left_as_before(
    session: Session,
) -> None:
    row = opened(session)
    assert row.id is not None
    ledger.paused(session, row, at=NIGHT + 6 * HOUR, actor=KIM, reason="later", until=NIGHT + 20 * HOUR)
    ledger.resumed(session, row, at=NIGHT + 8 * HOUR, actor=KIM)
    [response, _] = read_cycles(session, [row.id], now=NIGHT + 9 * HOUR)[row.id]
    assert (response.used, response.left, response.paused) == (7 * HOUR, 17 * HOUR, 2 * HOUR)
    assert response.at_risk_at == row.at_risk_at == NIGHT + 14 * HOUR


def test_statuses_pause_where_the_policy_says_so(session: Session) -> None:
    policy = GUIDE_POLICY.model_copy(update={"pauses_in": ("Waiting",)})
    put_version(session, Policy.model_validate(policy.model_dump()), actor=KIM)
    row = opened(session)
    for status, minutes in (("waiting", 60), ("In Progress", 180)):
        ledger.status_changed(
            session, row, status=status, category="new", before_category="new", at=NIGHT + minutes * MINUTE, actor=BOT
        )  # fmt: skip
        session.expire_all()
    [response] = cycles(session, RESPONSE)
    assert (response.due_at, response.paused_for) == (
        NIGHT + 26 * HOUR,
        2 * HOUR // timedelta(microseconds=1),
    )


def test_the_watch_writes_each_breach_once_whatever_the_time_does() -> None:
    with write_session() as session:
        opened(session, priority="Highest")
    for hours in (0.9, 2, 0.5, 3, 9, 9):
        with time_machine.travel(NIGHT + hours * HOUR, tick=False):
            watch()
    with read_session() as after:
        told = after.exec(select(SlaEventRow).order_by(SlaEventRow.id))
        breaches = [one for one in told if one.kind == "breach"]
        assert [(one.clock, one.at) for one in breaches] == [
            ("response", NIGHT + HOUR), ("resolution", NIGHT + 8 * HOUR),
        ]  # fmt: skip
        row = find_ticket(after, "inc-1")
        assert row is not None
        assert row.breached_at == NIGHT + HOUR
