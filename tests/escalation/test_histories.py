"""Random histories of priority, pauses, acknowledgements, answers and clock jumps: each step at most once, in order, and never
while it is acknowledged. SOC_ESCALATION_HISTORIES says how many, SOC_ESCALATION_SEED which.
"""

from __future__ import annotations

import os
import random
from datetime import timedelta

import pytest
import time_machine

from soc import clock
from soc.domain.actor import Actor
from soc.domain.severity import Priority
from soc.errors import ConfigurationError
from soc.escalation.tick import tick
from soc.sla.ledger import paused, resumed
from soc.store.db import read_session, write_session
from soc.store.nouns.escalation.escalation_lines import list_lines
from soc.store.nouns.tickets.tickets import get_ticket
from soc.tickets import acts
from soc.tickets.acts import Asked
from tests.escalation.world import ANA, make_world, open_ticket, step_rows
from tests.rows import NIGHT

HISTORIES = int(os.environ.get("SOC_ESCALATION_HISTORIES", "4"))
SEED = int(os.environ.get("SOC_ESCALATION_SEED", "0"))
RULE = Actor.rule("r")


def _step(dice: random.Random, ticket_id: int, incident: str, name: str) -> None:
    """Something happens to the ticket; what cannot be is left."""
    now = dice.choice(("priority", "priority", "pause", "resume", "acknowledge", "note", "assign", "rule"))
    key = f"{name}-{dice.random()}"
    try:
        if now == "priority":
            wanted = dice.choice(list(Priority))
            acts.perform(lambda s: acts.set_priority(s, incident, wanted, Asked(RULE, key)))
        elif now == "acknowledge":
            acts.perform(lambda s: acts.acknowledge(s, incident, Asked(ANA, key)))
        elif now == "note" and dice.random() < 0.2:
            acts.perform(lambda s: acts.add_note(s, incident, "n", Asked(ANA, key)))
        elif now == "assign" and dice.random() < 0.2:
            acts.perform(lambda s: acts.assign(s, incident, "per-ana", Asked(ANA, key)))
        elif now == "rule":
            acts.perform(lambda s: acts.assign(s, incident, "per-lea", Asked(RULE, key)))
        elif now in ("pause", "resume"):
            with write_session() as session:
                row = get_ticket(session, ticket_id)
                at = clock.now()
                if now == "pause":
                    paused(session, row, at=at, actor=ANA, reason="r", until=at + timedelta(minutes=40))
                else:
                    resumed(session, row, at=at, actor=ANA)
    except ConfigurationError:
        pass


@pytest.mark.timeout(max(120, 5 * HISTORIES))
def test_in_any_history_each_step_is_told_at_most_once_and_in_order() -> None:
    with time_machine.travel(NIGHT, tick=False) as travel:
        make_world()
        told_in_all = 0
        for number in range(1, HISTORIES + 1):
            dice = random.Random(SEED + number)
            start = NIGHT + timedelta(days=5 * number)
            travel.move_to(start)
            ticket = open_ticket(number, start, priority=dice.choice(list(Priority)).value)
            incident, moment = f"inc-SOC-{number}", start
            for turn in range(14):
                # mostly on, sometimes three hours back, sometimes over several thresholds at once
                moment += timedelta(minutes=dice.choice((3, 11, 29, 47, 200, 1500, -180)))
                travel.move_to(max(moment, start))
                if dice.random() < 0.6:
                    _step(dice, ticket.id or 0, incident, f"{number}-{turn}")
                tick()
            told_in_all += _check(ticket.id or 0, incident)
        assert told_in_all >= HISTORIES / 4


def _check(ticket_id: int, incident: str) -> int:
    rows = step_rows(ticket_id)
    places = [(row.cycle, row.step, row.loop) for row in rows]
    assert len(places) == len(set(places)), incident
    told = sorted((row for row in rows if row.state == "told"), key=lambda row: row.id or 0)
    settled = [(row.settled_at, row.step) for row in told]
    # in order: by when they became known to the ledger of lines, never a lower step after a higher one
    with read_session() as session:
        lines = [line.step_id for line in list_lines(session, ticket_id)]
    order = {row.id: row.step for row in rows}
    steps = [order[one] for one in lines]
    assert steps == sorted(steps), (incident, steps, settled)
    return len(told)
