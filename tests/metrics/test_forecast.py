"""The forecast as page, API and `/metrics` have it: from the tickets' own clocks, and only where there are enough."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from prometheus_client.parser import text_string_to_metric_families
from sqlmodel import Session

from soc.api.routes.sla.forecast import read_forecast
from soc.domain.actor import Actor
from soc.domain.sla.event import ClockKind
from soc.handover.reading import read_handover
from soc.metrics.board import read_board
from soc.metrics.exposition import render
from soc.metrics.forecast import STALE, read_memory
from soc.sla import ledger
from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.tickets.tickets import TicketRow, find_by_key
from tests.rows import NIGHT, add_incident, add_person, add_ticket

pytestmark = pytest.mark.long

KIM = Actor.said("per-kim")


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    migrate()
    with time_machine.travel(NIGHT, tick=False):
        yield


def close(session: Session, number: int, opened: datetime, answer: float, done: float) -> None:
    """`SOC-<number>` of priority High (4 h, 24 h), answered and resolved after so many hours."""
    key = f"SOC-{number}"
    add_incident(session, f"inc-{key}", created_at=opened)
    row = add_ticket(session, key, remote_id=str(number), priority="High", created_at=opened)
    ledger.opened(session, row, at=opened, actor=KIM)
    at = opened + timedelta(hours=answer)
    ledger.person_acted(session, row, at=at, actor=KIM, act="assigned it")
    row.resolved_at = at = opened + timedelta(hours=done)
    ledger.status_changed(
        session, row, status="Done", category="done", before_category="new", at=at, actor=KIM
    )  # fmt: skip


def close_many(number: int) -> None:
    """One in five answered too late; each takes two hours from its answer."""
    dice = random.Random(11)
    with write_session() as session:
        for n in range(1, number + 1):
            answer = 5.0 if n % 5 == 0 else dice.choice((0.5, 1.0, 2.5))
            close(session, n, NIGHT - timedelta(days=number - n + 2), answer, answer + 2.0)


def open_one(hours_ago: float) -> None:
    opened = NIGHT - timedelta(hours=hours_ago)
    with write_session() as session:
        add_incident(session, "inc-now", created_at=opened)
        row = add_ticket(session, "SOC-999", incident_id="inc-now", priority="High", created_at=opened)
        ledger.opened(session, row, at=opened, actor=KIM)


def _samples(name: str) -> dict[tuple[str, ...], float]:
    return {
        tuple(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(render().decode())
        for sample in family.samples
        if sample.name == name
    }


def test_with_fewer_than_fifty_closed_tickets_it_is_said_and_nothing_is_forecast() -> None:
    close_many(49)
    open_one(3)
    found = read_forecast()
    assert found.clocks[ClockKind.RESPONSE].said == "No forecast yet: it takes 50 closed tickets, and 49 are."
    assert found.clocks[ClockKind.RESPONSE].expected_breaches is None
    assert [one.chance for one in found.at_risk] == [None]
    assert _samples("soc_sla_expected_breaches") == {}


def test_from_fifty_on_each_clock_has_a_chance_and_the_forecast_a_score_beside_the_base_rate() -> None:
    close_many(60)
    with write_session() as session:
        add_person(session, "per-lea")
    open_one(3)
    found = read_forecast()
    response = found.clocks[ClockKind.RESPONSE]
    assert (response.closed, response.said, response.base_rate, response.running) == (60, "", 0.2, 1)
    [one] = found.at_risk
    # too few lasted three of their four hours: all that did ran out
    assert one.chance == pytest.approx(12.5 / 13)
    assert response.expected_breaches == pytest.approx(one.chance)
    assert response.brier is not None
    assert response.base_brier is not None
    assert response.scored > 0
    assert _samples("soc_sla_expected_breaches")["response",] == pytest.approx(one.chance)
    assert _samples("soc_sla_forecast_brier")["response", "base rate"] == pytest.approx(response.base_brier)
    assert (one.can_be_saved, one.free) == (True, ["Lea"])
    assert one.words == "can still be saved: 1 h left to answer; Lea is free"


def test_board_and_hand_over_say_what_can_still_be_saved() -> None:
    open_one(3)
    [at_risk] = read_board("").saving.values()
    assert at_risk.saving.words == "can still be saved: 1 h left to answer; nobody is in the roster"
    section = next(one for one in read_handover().sections if one.title.startswith("At risk"))
    assert [line.words for line in section.lines] == [f"High: {at_risk.saving.words}"]


def test_an_answered_ticket_is_judged_by_what_the_work_still_takes() -> None:
    close_many(60)
    open_one(13)
    with write_session() as session:
        row = ledger_row(session)
        ledger.person_acted(session, row, at=NIGHT - timedelta(hours=1), actor=KIM, act="assigned it")
    [one] = read_forecast().at_risk
    assert (one.clock, one.left_seconds, one.typical_seconds) == (ClockKind.RESOLUTION, 11 * 3600, 3600)
    assert one.fits


def ledger_row(session: Session) -> TicketRow:
    return find_by_key(session, "SOC-999")[0]


def test_what_was_learnt_is_kept_for_a_minute_though_something_is_written() -> None:
    with time_machine.travel(NIGHT, tick=False) as travel:
        before = read_memory()
        close_many(1)
        assert read_memory() is before
        travel.shift(STALE)
        assert read_memory().learnt[ClockKind.RESOLUTION].closed == 1
