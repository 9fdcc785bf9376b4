"""What acts do to the clocks of the incident's tickets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import select

from soc.domain.actor import Actor
from soc.domain.acts import Verdict
from soc.domain.incident import IncidentStatus
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.sla_clocks import SlaClockRow, SlaEventRow
from soc.tickets import acts
from soc.tickets.acts import Asked, Outcome
from tests.rows import NIGHT, add_person, add_ticket

KIM, KEY = Actor.said("per-kim"), Actor.key("key-1")
INCIDENT = "inc-SOC-1"
SOON = NIGHT + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _ticket() -> Iterator[None]:
    with time_machine.travel(SOON, tick=False):
        migrate()
        with write_session() as session:
            add_ticket(session, "SOC-1")
            add_person(session, "per-kim")
        yield


def do(work: Callable[..., Outcome], *args: Any, who: Actor = KIM, **named: Any) -> None:
    asked = Asked(who, f"{work.__name__}-{args}", at=SOON)
    acts.perform(lambda session: work(session, INCIDENT, *args, asked, **named))


def ends() -> dict[str, tuple[str, str]]:
    """By clock: how it ended, and the reason that the ledger has."""
    with read_session() as session:
        reasons = {
            one.clock: one.reason for one in session.exec(select(SlaEventRow)) if one.kind != "activate"
        }
        return {
            one.clock: (one.state, reasons.get(one.clock, "")) for one in session.exec(select(SlaClockRow))
        }


def test_what_a_key_does_answers_nothing() -> None:
    do(acts.acknowledge, who=KEY)
    do(acts.assign, "per-kim", who=KEY)
    do(acts.set_status, IncidentStatus.IN_PROGRESS, who=KEY)
    assert ends()["response"][0] == ""


@pytest.mark.parametrize(
    ("work", "args", "reason"),
    [
        (acts.acknowledge, (), "acknowledged it"),
        (acts.assign, ("per-kim",), "assigned it"),
        (acts.add_note, ("Seen.",), "wrote a note"),
        (acts.set_status, (IncidentStatus.IN_PROGRESS,), "moved it to In Progress"),
    ],
)
def test_the_first_act_of_a_person_ends_the_response_and_says_which(
    work: Any, args: tuple[Any, ...], reason: str
) -> None:
    do(work, *args)
    assert ends() == {"response": ("met", reason), "resolution": ("", "")}


def test_closing_ends_both_clocks() -> None:
    do(acts.close, Verdict.BENIGN)
    assert {clock: state for clock, (state, _) in ends().items()} == {"response": "met", "resolution": "met"}
