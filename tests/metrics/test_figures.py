"""The guide's figures are what the plain SQL of docs/metrics.md says, on the page's reading and in `/metrics`."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from prometheus_client.parser import text_string_to_metric_families

from soc.domain.severity import Priority
from soc.domain.sla.event import ClockKind
from soc.metrics.exposition import render
from soc.metrics.figures import Figures, read_figures
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.combined.figures import FigureFilter
from soc.store.nouns.escalation.escalations import EscalationStepRow
from soc.store.nouns.sla.sla_clocks import SlaClockRow
from soc.store.nouns.tickets.tickets import TicketFilter, count_tickets
from tests.rows import NIGHT, add_batch, add_delivery, add_incident, add_person, add_ticket

pytestmark = pytest.mark.sqlite("the documentation's statements are SQLite's")
DOCS = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"
STATES = ("met", "missed", "", "paused", "breached at intake", "cancelled")


def _sql(name: str) -> str:
    found = re.search(rf"```sql\n-- {name}\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert found is not None, name
    return found[1]


def _asked(name: str) -> list[tuple[Any, ...]]:
    with read_session() as session:
        told = {"now": LATER.strftime("%Y-%m-%d %H:%M:%S.%f")} if ":now" in _sql(name) else {}
        return [tuple(row) for row in session.connection().exec_driver_sql(_sql(name), told)]


#: Half of what lasts until its `next_at` is over by then.
LATER = NIGHT + timedelta(days=30)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture(autouse=True)
def _life(_now: None) -> None:
    """A hundred tickets with clocks in every state, told and planned steps, people, creations that failed."""
    migrate()
    dice = random.Random(7)
    with write_session() as session:
        for name in ("kim", "amira"):
            add_person(session, f"per-{name}")
        for n in range(10):
            add_batch(session, f"bat-{n}", created_at=NIGHT - timedelta(minutes=n))
        for n in range(100):
            _ticket(session, n, dice)


def _ticket(session: Any, n: int, dice: random.Random) -> None:
    made = NIGHT + timedelta(minutes=dice.randrange(6_000), microseconds=dice.randrange(10**6))
    add_incident(
        session, f"inc-SOC-{n}", batch_id=f"bat-{n % 10}", source=dice.choice(("sshd", "nginx")),
        origin=dice.choice(("log", "log", "api")),
    )  # fmt: skip
    ticket = add_ticket(
        session, f"SOC-{n}", priority=dice.choice(list(Priority)).value, created_at=made,
        owner=dice.choice(("", "per-kim", "per-amira")),
        resolved_at=made + timedelta(seconds=dice.randrange(90_000)) if dice.random() < 0.6 else None,
    )  # fmt: skip
    state = dice.choice(("delivered", "delivered", "dead", "retry"))
    add_delivery(
        session,
        f"dlv-{n}",
        state=state,
        incident_id=f"inc-SOC-{n}",
        integration=dice.choice(("jira", "webhook")),
    )
    for clock in ClockKind:
        for cycle in range(1, dice.randrange(2, 4)):
            _cycle(session, ticket.id or 0, clock, cycle, made, dice)
    for step in range(dice.randrange(3)):
        row = EscalationStepRow(
            ticket_id=ticket.id or 0, cycle=1, chain_id="c", chain_version=1, step=step, loop=0, title=f"step {step}",
            state=dice.choice(("told", "planned", "cancelled")), made_by="system:x@schedule",
        )  # fmt: skip
        session.add(row)


def _cycle(
    session: Any, ticket_id: int, clock: ClockKind, cycle: int, made: Any, dice: random.Random
) -> None:
    state, late = dice.choice(STATES), dice.random() < 0.5
    ended = state not in ("", "paused") and (state != "breached at intake" or late)
    session.add(
        SlaClockRow(
            ticket_id=ticket_id, clock=clock.value, cycle=cycle, policy="p", version=1, target=1, state=state,
            runs=not ended and state != "paused", intake=state == "breached at intake",
            next_at=LATER + timedelta(hours=dice.randrange(-90, 90)) if state == "paused" and late else None,
            priority=dice.choice(list(Priority)).value, started_at=made, due_at=made, at_risk_at=made, position=made + timedelta(seconds=dice.randrange(900)),
            breached_at=made if state == "missed" or late else None, used=dice.randrange(10**9), paused_for=dice.randrange(10**9),
            ended_at=made + timedelta(seconds=dice.randrange(9_000)) if ended else None,
        )
    )  # fmt: skip


def _found() -> Figures:
    return read_figures(FigureFilter())


def test_tickets_a_day_and_the_creations_are_what_sql_counts() -> None:
    found, days = _found(), _asked("tickets a day")
    assert {(str(day), name): n for day, by in found.per_day.items() for name, n in by.items()} == {
        (day, priority): number for day, priority, number in days
    }
    assert found.tickets == sum(number for *_, number in days) == 100
    creations = _asked("creations")
    assert dict(found.creations) == {kind: (opened, dead) for kind, opened, dead in creations}
    opened, dead = (sum(row[at] for row in creations) for at in (1, 2))
    assert found.creation_success == opened / (opened + dead)


def test_lengths_are_what_sql_averages() -> None:
    found = _found()
    ((number, mean),) = _asked("log to ticket")
    assert found.log_to_ticket.mean is not None
    assert (found.log_to_ticket.number, found.log_to_ticket.mean.total_seconds()) == (
        number,
        pytest.approx(mean, abs=0.01),
    )
    for name, every in (
        ("acknowledge", found.acknowledge), ("resolve", found.resolve), ("resolve in all", found.resolve_in_all),
    ):  # fmt: skip
        asked = {priority: (number, mean) for priority, number, mean in _asked(name)}
        assert asked
        for priority, one in every.items():
            number, mean = asked.get(priority, (0, None))
            assert one.number == number
            assert (
                (one.mean is None)
                if mean is None
                else (one.mean.total_seconds() == pytest.approx(mean, abs=0.01))
            )


def test_the_share_within_sla_and_every_state_are_what_sql_counts() -> None:
    found = _found()
    for clock, priority, met, missed, violated, intake in _asked("cycles"):
        kept = found.kept[ClockKind(clock)][priority]
        assert (kept.met, kept.missed, kept.violated, kept.intake) == (met, missed, violated, intake)
        decided = met + missed + violated
        assert kept.within == (met / decided if decided else None)


def test_escalations_and_paused_shares_are_what_sql_counts() -> None:
    found = _found()
    assert sorted(tuple(one) for one in found.escalations) == sorted(_asked("escalations"))
    with read_session() as session:
        told = "SELECT count(DISTINCT ticket_id) FROM escalation_steps WHERE state = 'told'"
        assert found.escalated == session.connection().exec_driver_sql(told).scalar()
    names = {"": "", "per-kim": "Kim", "per-amira": "Amira"}
    assert dict(found.paused) == {names[owner]: pytest.approx(share) for owner, share in _asked("paused")}


def test_what_a_point_leads_to_has_as_many_rows_as_it_says() -> None:
    found = _found()
    zone = ZoneInfo("Asia/Kathmandu")  # its days begin at a quarter to
    local = read_figures(FigureFilter(), zone=zone)
    day, numbers = next(iter(local.per_day.items()))
    begin = _midnight(day, zone)
    with read_session() as session:
        for priority, number in numbers.items():
            chosen = TicketFilter(since=begin, until=begin + timedelta(days=1), priorities=(priority,))
            assert count_tickets(session, chosen) == number
        for one in found.escalations:
            assert count_tickets(session, TicketFilter(escalated=one.title)) == one.tickets
        for state in ("missed", "violated", "breached at intake"):
            sql = {
                "violated": "state = '' AND ended_at IS NULL AND breached_at IS NOT NULL",
            }.get(state, f"state = '{state}'")
            plain = f"SELECT count(DISTINCT ticket_id) FROM sla_clocks WHERE clock = 'response' AND {sql}"
            number = session.connection().exec_driver_sql(plain).scalar()
            assert count_tickets(session, TicketFilter(clock=f"response {state}")) == number > 0


def _midnight(day: date, zone: ZoneInfo) -> Any:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def test_filters_take_parts_that_add_up() -> None:
    whole = _found()
    parts = [read_figures(FigureFilter(source=source)) for source in ("sshd", "nginx")]
    assert sum(one.tickets for one in parts) == whole.tickets
    assert sum(one.escalated for one in parts) == whole.escalated
    cut = NIGHT + timedelta(minutes=3_000)
    spans = [read_figures(FigureFilter(until=cut)), read_figures(FigureFilter(since=cut))]
    assert sum(one.log_to_ticket.number for one in spans) == whole.log_to_ticket.number
    owners = [read_figures(FigureFilter(owners=one)) for one in (("",), ("per-kim", "per-amira"))]
    assert (
        sum(one.kept_in_all(ClockKind.RESPONSE).met for one in owners)
        == whole.kept_in_all(ClockKind.RESPONSE).met
    )
    assert {len(one.per_day) > 0 for one in (*parts, *spans, *owners)} == {True}


def test_metrics_say_the_same() -> None:
    found = _found()
    samples = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(render().decode())
        for sample in family.samples
    }
    for clock, every in found.kept.items():
        for priority, kept in every.items():
            assert samples["soc_sla_cycles", *sorted((clock.value, priority, "missed"))] == kept.missed
            if kept.within is not None:
                assert samples["soc_sla_within_ratio", *sorted((clock.value, priority))] == kept.within
    for priority, times in found.resolve.items():
        if times.mean is not None:
            assert samples["soc_ticket_resolve_seconds_count", priority] == times.number
            assert (
                samples["soc_ticket_resolve_seconds_sum", priority]
                == times.mean.total_seconds() * times.number
            )
    assert samples["soc_tickets_escalated",] == found.escalated
    assert {one.title: samples["soc_escalations_total", one.title] for one in found.escalations} == {
        one.title: one.steps for one in found.escalations
    }
    assert sum(value for (name, *_), value in samples.items() if name == "soc_tickets_opened_total") == 100


def test_percentiles_are_nearest_rank() -> None:
    apart = NIGHT + timedelta(days=365)
    with write_session() as session:
        for second in range(1, 101):
            resolved = apart + timedelta(seconds=second)
            add_ticket(session, f"NEW-{second}", priority="High", created_at=apart, resolved_at=resolved)
    times = read_figures(FigureFilter(since=apart)).resolve_in_all
    assert (times["High"].median, times["High"].p95, times["High"].mean) == (
        timedelta(seconds=50),
        timedelta(seconds=95),
        timedelta(seconds=50.5),
    )
    assert (times["Low"].number, times["Low"].mean) == (0, None)
