"""Rarer things that move a ticket's clocks: no ledger before, another ticket in its place, the same told twice, a repair."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import Session

from soc.domain.actor import Actor, Known
from soc.domain.severity import Priority
from soc.domain.sla import SlaState
from soc.domain.sla.event import ClockKind
from soc.domain.sla.policy import GUIDE_POLICY, Reopening, Start
from soc.errors import ConfigurationError
from soc.sla import ledger
from soc.sla.book import priority_of, subject_of
from soc.sla.explain import explain_ticket, find_differences, recompute
from soc.sla.planned import answer_by
from soc.sla.reading import ClockView, newest, read_both, read_cycles, resolution_times
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.incidents.incidents import IncidentRow, to_incident
from soc.store.nouns.sla.sla_clocks import SlaClockRow
from soc.store.nouns.sla.sla_policies import put_version
from soc.store.nouns.tickets.tickets import TicketRow
from tests.rows import NIGHT, add_incident, add_ticket

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
KIM, BOT = Actor.person("kim", Known.SHELL), Actor.rule("night-shift")
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


def opened(session: Session, **values: Any) -> TicketRow:
    """High: 4 h to answer, 24 h to resolve."""
    row = add_ticket(session, **{"priority": "High", **values})
    ledger.opened(session, row, at=NIGHT, actor=BOT)
    return row


def views(session: Session, row: TicketRow, hours: float) -> list[ClockView]:
    session.expire_all()
    return read_cycles(session, [row.id or 0], now=NIGHT + hours * HOUR)[row.id or 0]


def move(session: Session, row: TicketRow, before: str, after: str, hours: float, **more: Any) -> None:
    ledger.status_changed(
        session, row, **{"status": after.title(), "category": after, "before_category": before,
        "at": NIGHT + hours * HOUR, "actor": KIM, **more},
    )  # fmt: skip


def brief(found: list[ClockView]) -> list[tuple[str, int, str, float]]:
    return [(str(one.clock), one.cycle, str(one.state), one.used / HOUR) for one in found]


def test_a_ticket_of_before_the_ledger_gets_the_clocks_of_its_row(session: Session) -> None:
    row = add_ticket(session, priority="High", due_at=NIGHT + 3 * HOUR)
    ledger.person_acted(session, row, at=NIGHT + HOUR, actor=KIM, act="assigned it")
    assert brief(views(session, row, 2)) == [("response", 1, "met", 1.0), ("resolution", 1, "on track", 2.0)]
    assert [one.target for one in views(session, row, 2)] == [3 * HOUR, 24 * HOUR]
    long = add_ticket(session, "SOC-2", priority="High", due_at=NIGHT + 99 * HOUR)
    ledger.person_acted(session, long, at=NIGHT, actor=KIM, act="assigned it")
    assert [one.target for one in views(session, long, 2)] == [99 * HOUR, 99 * HOUR]
    odd = add_ticket(session, "SOC-3", due_at=NIGHT - HOUR)
    ledger.person_acted(session, odd, at=NIGHT + MINUTE / 2, actor=KIM, act="assigned it")
    assert views(session, odd, 2)[0].target == MINUTE


def test_one_that_was_done_before_the_ledger_is_done_and_may_be_reopened(session: Session) -> None:
    row = add_ticket(session, priority="High", due_at=NIGHT + 4 * HOUR, resolved_at=NIGHT + HOUR)
    ledger.reopened(session, row, at=NIGHT + 5 * HOUR, actor=KIM)
    assert brief(views(session, row, 6)) == [
        ("response", 1, "met", 1.0), ("response", 2, "on track", 1.0), ("resolution", 1, "met", 1.0),
        ("resolution", 2, "on track", 1.0),
    ]  # fmt: skip
    open_row = add_ticket(session, "SOC-2", priority="High", resolved_at=NIGHT + 2 * HOUR)
    move(session, open_row, "new", "done", 2)
    assert [one.state for one in views(session, open_row, 3)][1] is SlaState.MET


def test_another_ticket_in_its_place_starts_anew_and_only_where_it_is_another(session: Session) -> None:
    row = opened(session)
    ledger.opened(session, row, at=NIGHT + HOUR, actor=BOT)
    assert len(views(session, row, 1)) == 2
    ledger.opened(session, row, at=NIGHT + 2 * HOUR, actor=BOT, anew=True)
    assert brief(views(session, row, 3)) == [
        ("response", 1, "cancelled", 2.0), ("response", 2, "on track", 1.0), ("resolution", 1, "cancelled", 2.0),
        ("resolution", 2, "on track", 1.0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "counts_from"),
    [(Start.DETECTED, -2.0), (Start.CREATED, 0.0), (Start.FIRST_EVENT, -3.0)],
)
def test_a_clock_counts_from_where_its_policy_says(
    session: Session, start: Start, counts_from: float
) -> None:
    put_version(session, GUIDE_POLICY.model_copy(update={"start": start}), actor=KIM)
    add_incident(session, "inc-1", created_at=NIGHT - 2 * HOUR, first_seen=NIGHT - 3 * HOUR)
    assert views(session, opened(session, incident_id="inc-1"), 0)[0].started_at == NIGHT + counts_from * HOUR


def test_without_a_first_event_it_counts_from_when_it_was_found_and_never_from_the_future(
    session: Session,
) -> None:
    put_version(session, GUIDE_POLICY.model_copy(update={"start": Start.FIRST_EVENT}), actor=KIM)
    add_incident(session, "inc-1", created_at=NIGHT - 2 * HOUR)
    assert views(session, opened(session, incident_id="inc-1"), 0)[0].started_at == NIGHT - 2 * HOUR
    add_incident(session, "inc-2", created_at=NIGHT + HOUR, first_seen=NIGHT + HOUR)
    assert views(session, opened(session, key="SOC-2", incident_id="inc-2"), 0)[0].started_at == NIGHT


def test_what_a_vendor_tells_twice_counts_once(session: Session) -> None:
    row = opened(session)
    for hours in (1.0, 2.0):
        ledger.paused(
            session, row, at=NIGHT + hours * HOUR, actor=KIM, reason=" later ", until=NIGHT + 9 * HOUR, source="p"
        )  # fmt: skip
    assert views(session, row, 3)[0].paused == 2 * HOUR
    assert ledger.resumed(session, row, at=NIGHT + 3 * HOUR, actor=KIM, source="r")
    assert not ledger.resumed(session, row, at=NIGHT + 4 * HOUR, actor=KIM, source="r")
    assert not ledger.resumed(session, row, at=NIGHT + 4 * HOUR, actor=KIM), "nothing is held"
    for _ in range(2):
        assert not ledger.person_acted(session, row, at=NIGHT + 4 * HOUR, actor=BOT, act="wrote", source="a")
    heard = [
        ledger.person_acted(session, row, at=NIGHT + 4 * HOUR, actor=KIM, act="wrote", source="a")
        for _ in range(2)
    ]
    assert heard == [True, False]
    move(session, row, "new", "done", 5, source="d")
    for source in ("o", "o", "o2"):
        move(session, row, "done", "new", 6, source=source)
    assert brief(views(session, row, 7)) == [
        ("response", 1, "met", 2.0), ("response", 2, "on track", 1.0), ("resolution", 1, "met", 3.0),
        ("resolution", 2, "on track", 1.0),
    ]  # fmt: skip


def test_a_pause_wants_an_open_ticket(session: Session) -> None:
    row = opened(session)
    move(session, row, "new", "done", 1)
    with pytest.raises(ConfigurationError, match="No clock of this ticket runs"):
        ledger.paused(session, row, at=NIGHT + HOUR, actor=KIM, reason="r", until=NIGHT + 2 * HOUR)


@pytest.mark.parametrize(("minutes", "cycles"), [(14, 1), (15, 1), (16, 2)])
def test_reopened_within_a_quarter_of_an_hour_its_cycle_goes_on_where_the_policy_says_so(
    session: Session, minutes: int, cycles: int
) -> None:
    put_version(session, GUIDE_POLICY.model_copy(update={"reopening": Reopening.AFTER_15_MIN}), actor=KIM)
    row = opened(session)
    move(session, row, "new", "done", 1)
    move(session, row, "done", "new", 1 + minutes / 60)
    assert len([one for one in views(session, row, 2) if one.clock is RESOLUTION]) == cycles


def test_a_person_who_moves_it_on_answers_and_who_moves_it_to_new_does_not(session: Session) -> None:
    row = opened(session)
    move(session, row, "indeterminate", "new", 1)
    assert views(session, row, 1)[0].state is SlaState.ON_TRACK
    move(session, row, "new", "indeterminate", 1.5, actor=BOT)
    assert views(session, row, 1.5)[0].state is SlaState.ON_TRACK
    move(session, row, "indeterminate", "indeterminate", 3)
    assert views(session, row, 3)[0].state is SlaState.MET


def test_what_is_read_of_both_clocks_and_how_long_it_took(session: Session) -> None:
    row = opened(session)
    assert resolution_times(views(session, row, 1)) == (None, None)
    move(session, row, "new", "done", 1)
    assert resolution_times(views(session, row, 1)) == (3600, 3600)
    move(session, row, "done", "new", 2)
    assert resolution_times(views(session, row, 2)) == (3600, None)
    move(session, row, "new", "done", 3)
    found = views(session, row, 3)
    assert resolution_times(found) == (3600, 3 * 3600)
    assert [(one.clock, one.cycle) for one in found if one is newest(found, RESOLUTION)] == [(RESOLUTION, 2)]
    assert newest([], RESPONSE) is None
    assert (found[0].target_seconds, found[0].used_seconds, found[0].paused_seconds) == (4 * 3600, 3600, 0)


def test_a_pause_is_measured_up_to_now_or_to_its_end(session: Session) -> None:
    row = opened(session)
    ledger.paused(session, row, at=NIGHT + HOUR, actor=KIM, reason="r", until=NIGHT + 3 * HOUR)
    seen = [views(session, row, hours)[0] for hours in (1, 2, 3, 4)]
    assert [(one.paused / HOUR, one.used / HOUR) for one in seen] == [(0, 1), (1, 1), (2, 1), (2, 1)]
    assert [one.paused_share for one in seen] == [0, 1 / 2, 2 / 3, 1 / 2]
    assert seen[0].paused_seconds == 0
    assert seen[1].paused_seconds == 3600


def test_both_clocks_are_read_for_many() -> None:
    with write_session() as session:
        first, second = opened(session).id, opened(session, key="SOC-2", priority="Low").id
    assert first is not None
    assert second is not None
    found = read_both([first, second], now=NIGHT + HOUR)
    assert [found[one][0].target for one in (first, second)] == [4 * HOUR, 72 * HOUR]  # type: ignore[union-attr]
    assert found[first][1].clock is RESOLUTION  # type: ignore[union-attr]


def test_the_end_that_a_vendor_shows_follows_the_priority_and_keeps_what_was_used(session: Session) -> None:
    row = opened(session, incident_id="inc-1")
    incident = to_incident(session.get_one(IncidentRow, "inc-1"))

    def ends(score: int, zone: str = "") -> tuple[str, str]:
        asked = incident.model_copy(update={"score": score})
        return answer_by(session, asked, integration="jira", now=NIGHT + 2 * HOUR, zone=zone)

    assert ends(7) == ("2026-01-15", "2026-01-15T02:00:00Z")
    assert ends(9)[1] == "2026-01-15T00:00:00Z", "its hour is over: now"
    assert ends(4)[1] == "2026-01-17T22:00:00Z"
    assert ends(7, "America/New_York")[0] == "2026-01-14"
    ledger.person_acted(session, row, at=NIGHT + HOUR, actor=KIM, act="assigned it")
    assert ends(7)[1] == "2026-01-15T04:00:00Z", "as if it were opened"


def test_what_was_tampered_with_is_found_told_and_mended() -> None:
    with write_session() as session:
        row = opened(session)
        number = row.id or 0
        kept = session.get_one(SlaClockRow, (number, "response", 1))
        kept.due_at, kept.priority = NIGHT, "Low"
        session.delete(session.get_one(SlaClockRow, (number, "resolution", 1)))
    with read_session() as session:
        found = [
            (one.clock, one.field, one.kept, one.folded, one.ledger) for one in find_differences(session)
        ]
    assert sorted(found) == [
        ("resolution", "row", "none", "there", False),
        ("response", "due_at", str(NIGHT), str(NIGHT + 4 * HOUR), False),
        ("response", "priority", "Low", "High", False),
    ]
    assert len(recompute(dry_run=True)) == 3
    assert len(recompute(dry_run=False)) == 3
    assert recompute(dry_run=True) == []


def test_a_breach_that_the_watch_has_not_noticed_for_minutes_is_missing_in_the_ledger() -> None:
    with write_session() as session:
        opened(session)
    seen = []
    for late in (timedelta(minutes=4), timedelta(minutes=6)):
        with time_machine.travel(NIGHT + 4 * HOUR + late, tick=False):
            seen.append([(one.field, one.ledger) for one in recompute(dry_run=True)])
    assert seen == [[], [("breach row", True)]]


def test_a_ticket_without_clocks_says_so(session: Session) -> None:
    row = add_ticket(session)
    assert explain_ticket(session, row) == ["No clock of this ticket has been started."]


def test_what_a_policy_is_chosen_by_is_read_off_the_ticket_and_its_incident(session: Session) -> None:
    incident = add_incident(session, "inc-1", classification="Security Alert", source="ids")
    row = add_ticket(session, "SOC-EU-17", incident_id="inc-1", priority="Urgent!")
    about = subject_of(row, incident, priority_of(row))
    assert about.model_dump() == {
        "priority": "Medium", "classification": "Security Alert", "source": "ids", "project": "SOC-EU", "team": "",
    }  # fmt: skip
    assert subject_of(row, None, Priority.LOW).source == ""


def test_the_ticket_shows_the_clock_that_runs_out_next_and_which_end_its_vendor_is_to_be_told(
    session: Session,
) -> None:
    row = opened(session)
    assert (row.due_at, row.at_risk_at, row.end_untold) == (
        NIGHT + 4 * HOUR,
        NIGHT + 2 * HOUR,
        NIGHT + 4 * HOUR,
    )
    ledger.person_acted(session, row, at=NIGHT + HOUR, actor=KIM, act="assigned it")
    assert (row.due_at, row.at_risk_at, row.end_untold) == (NIGHT + 24 * HOUR, NIGHT + 12 * HOUR, None)
    told = opened(session, key="SOC-2", end_told=NIGHT + 4 * HOUR)
    assert told.end_untold is None, "the vendor shows it already"
    move(session, told, "new", "done", 25)
    assert (told.due_at, told.sla_state, told.breached_at) == (NIGHT + 4 * HOUR, "missed", NIGHT + 4 * HOUR)


def test_an_answer_at_the_moment_of_the_one_before_adds_nothing(session: Session) -> None:
    row = opened(session)
    assert ledger.person_acted(session, row, at=NIGHT + HOUR, actor=KIM, act="assigned it")
    before = len(explain_ticket(session, row))
    assert not ledger.person_acted(session, row, at=NIGHT + HOUR, actor=KIM, act="wrote a comment")
    assert len(explain_ticket(session, row)) == before
    assert "wrote a comment" not in str(explain_ticket(session, row))


def test_a_done_ticket_whose_category_was_not_known_before_is_done(session: Session) -> None:
    row = opened(session)
    move(session, row, "", "done", 1)
    assert [one.state for one in views(session, row, 2)] == [SlaState.MET, SlaState.MET]
