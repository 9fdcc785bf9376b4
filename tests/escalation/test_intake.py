"""A batch of old logs: its tickets are breached at intake, nobody is woken, each metric counts them apart, one line says it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from soc.batches.report import build_report
from soc.domain.actor import AT_A_PAGE
from soc.domain.sla import SlaState
from soc.domain.sla.event import ClockKind
from soc.domain.sla.policy import GUIDE_POLICY, Start
from soc.escalation.planning import plan_ticket
from soc.escalation.tick import tick
from soc.handover.reading import read_handover
from soc.metrics.board import read_board
from soc.metrics.figures import read_figures
from soc.metrics.forecast import read_expected
from soc.metrics.overview import read_overview
from soc.metrics.sla import read_sla
from soc.sla.clocks import watch
from soc.sla.ledger import opened
from soc.store.db import read_session, write_session
from soc.store.nouns.combined.figures import FigureFilter
from soc.store.nouns.escalation.escalations import EscalationStepRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.sla.sla_intake import count_intake_of, list_late_batches
from soc.store.nouns.sla.sla_policies import put_version
from soc.store.nouns.tickets.tickets import find_by_key
from tests.escalation.world import deliveries, make_world
from tests.rows import NIGHT, add_batch, add_incident, add_ticket

LATE, IN_TIME = 8, 2


@pytest.fixture(autouse=True)
def old_batch() -> Iterator[time_machine.Traveller]:
    """Three days old, but for the last few, of priority Highest; the policy counts from the first event."""
    with time_machine.travel(NIGHT, tick=False) as travel:
        make_world()
        with write_session() as session:
            put_version(
                session, GUIDE_POLICY.model_copy(update={"start": Start.FIRST_EVENT}), actor=AT_A_PAGE
            )
            add_batch(session, "old", name="three-days-old.log")
            for n in range(1, LATE + IN_TIME + 1):
                first = NIGHT - timedelta(days=3) if n <= LATE else NIGHT
                add_incident(session, f"inc-{n}", batch_id="old", first_seen=first, score=7)
                ticket = add_ticket(session, f"SOC-{n}", incident_id=f"inc-{n}", remote_id=str(n))
                opened(session, ticket, at=NIGHT, actor=AT_A_PAGE)
                plan_ticket(session, ticket, now=NIGHT)
        yield travel


def test_nobody_is_told_of_what_was_late_at_intake_and_of_the_others_everybody_is(
    old_batch: time_machine.Traveller,
) -> None:
    for minutes in (1, 61, 2 * 24 * 60):
        old_batch.move_to(NIGHT + timedelta(minutes=minutes))
        watch()
        tick()
    told = {one["key"] for row in deliveries() for one in row.payload["tickets"]}
    assert told == {f"SOC-{n}" for n in range(LATE + 1, LATE + IN_TIME + 1)}
    with read_session() as session:
        late = {find_by_key(session, f"SOC-{n}")[0].id for n in range(1, LATE + 1)}
        steps = session.exec(select(EscalationStepRow)).all()
        priorities = {row.severity for row in session.exec(select(IncidentRow))}
    assert not [one for one in steps if one.ticket_id in late and one.state in ("told", "planned")]
    assert len(priorities) == 1, "nothing was raised"


def test_each_metric_counts_them_apart() -> None:
    with time_machine.travel(NIGHT + timedelta(hours=9), tick=False):
        watch()
        summary, figures = read_sla(), read_figures(FigureFilter())
        assert summary.all.states == {SlaState.INTAKE: LATE, SlaState.VIOLATED: IN_TIME}
        assert (summary.all.within, summary.all.open) == (0.0, LATE + IN_TIME)
        for kind in ClockKind:
            kept = figures.kept_in_all(kind)
            assert (kept.intake, kept.violated, kept.running) == (LATE, IN_TIME, 0)
            assert read_expected()[kind].running == 0
        assert read_overview(NIGHT).sla_overdue == IN_TIME
        board = read_board("")
        assert {one.key for one in board.fire} == {f"SOC-{n}" for n in range(LATE + 1, LATE + IN_TIME + 1)}
        with write_session() as session:
            row = find_by_key(session, "SOC-1")[0]
            row.resolved_at = NIGHT + timedelta(hours=9)
            session.add(row)
        assert read_sla().all.resolution is None, "no mean is made of what was late at intake"
        assert read_figures(FigureFilter()).resolve_in_all["Highest"].number == 0


def test_one_line_says_it_in_the_batch_the_hand_over_and_the_escalation() -> None:
    with read_session() as session:
        assert count_intake_of(session, "old") == LATE
        [line] = list_late_batches(session, open_only=True)
    assert (line.name, line.tickets, line.open) == ("three-days-old.log", LATE, LATE)
    said = [one for one in build_report("old").lines if "breached at intake" in one]
    assert said == [f"⏱️ {LATE} tickets were breached at intake: counted apart, never escalated"]
    section = next(one for one in read_handover().sections if one.title == "Breached at intake")
    assert (section.total, [one.title for one in section.lines]) == (LATE, ["three-days-old.log"])
