"""What the people at the desk do with an incident: who takes it, what they note, and when it is over."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

from soc import clock
from soc.demo import people
from soc.demo.people import People, words_about
from soc.demo.stage import Stage
from soc.domain.incident import IncidentStatus
from soc.domain.roster.handover import Outlook
from soc.handover.giving import write_outlook
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.tickets import acts
from soc.tickets.acts import Asked, Outcome

Act = Callable[[Session, str, Asked], Outcome]


def work_on(
    stage: Stage, dice: random.Random, team: People, row: IncidentRow, *, now: datetime, waits: bool = False
) -> None:
    """Plan what becomes of it. What met no rule is looked at now and then; what did is worked on, mostly in time.

    `waits`: for somebody outside, and is not over yet.
    """
    if row.joined_to or (not row.eligible and dice.random() > 0.35):
        return
    who, hours = team.somebody(dice), _hours(dice, row)
    said = words_about(row.classification, row.title)
    begun = now + timedelta(
        minutes=dice.choices((dice.uniform(3, 12), dice.uniform(14, 26), dice.uniform(45, 150)), (74, 18, 8))[
            0
        ]
    )
    _plan(stage, begun, row, who, acts.acknowledge)
    if dice.random() < 0.25:
        _plan(
            stage, begun + timedelta(minutes=2), row, who, lambda s, i, asked: acts.assign(s, i, who, asked)
        )
    moving = begun + timedelta(hours=0.1 * hours)
    if dice.random() < 0.5:
        _plan(
            stage,
            moving,
            row,
            who,
            lambda s, i, asked: acts.set_status(s, i, IncidentStatus.IN_PROGRESS, asked),
        )
    for n in range(dice.choices((0, 1, 2), (50, 38, 12))[0]):
        text = dice.choice(said.findings)
        at = moving + timedelta(hours=hours * dice.uniform(0.05, 0.4) * (n + 1))
        _plan(stage, at, row, who, lambda s, i, asked, text=text: acts.add_note(s, i, text, asked))  # type: ignore[misc]
    if waits or dice.random() < 0.3:
        outlook = Outlook(dice.choice(said.thoughts), dice.choice(said.next_steps), now + timedelta(days=2))
        stage.at(begun + timedelta(minutes=6), partial(_foresee, row.id, who, outlook))
    judged = people.verdict(dice)
    if not waits:
        _plan(
            stage,
            begun + timedelta(hours=hours),
            row,
            who,
            lambda s, i, asked: acts.close(s, i, judged, asked),
        )


def _hours(dice: random.Random, row: IncidentRow) -> float:
    """How long it takes: most are done well within their time (eight hours, a day), some are not."""
    within = 7.5 if row.score >= 9 else 22.0
    return within * dice.choices((dice.uniform(0.3, 0.85), dice.uniform(1.2, 3.0)), (86, 14))[0]


def _plan(stage: Stage, at: datetime, row: IncidentRow, who: str, act: Act) -> None:
    stage.at(at, partial(_do, row.id, who, act, f"demo-{row.id}-{at.timestamp():.0f}"))


def _do(incident_id: str, who: str, act: Act, key: str) -> None:
    """Somebody may have been faster, as in life: the product refuses then."""
    asked = Asked(people.named(who), key, at=clock.now())
    acts.perform(lambda session: act(session, incident_id, asked))


def _foresee(incident_id: str, who: str, outlook: Outlook) -> None:
    write_outlook(incident_id, outlook, based_on=0, actor=people.named(who))
