"""What an act called off goes on when the act is taken back at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from soc.domain.acts import ActKind, Verdict
from soc.store.db import read_session
from soc.store.nouns.escalation.escalation_acks import find_open_ack
from soc.tickets.acts import Asked, bulk
from soc.tickets.acts.bulk import Wish
from tests.escalation.world import ANA, at, make_world, open_tickets, steps, told
from tests.rows import NIGHT


@pytest.fixture
def travel() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NIGHT, tick=False) as traveller:
        make_world()
        yield traveller


@pytest.mark.parametrize(
    "wish",
    [
        Wish(ActKind.ACKNOWLEDGE),
        Wish(ActKind.CLOSE, verdict=Verdict.BENIGN),
        Wish(ActKind.ADD_NOTE, note="Seen."),
    ],
)
def test_steps_that_an_undone_act_called_off_are_told_when_they_are_due(
    travel: time_machine.Traveller, wish: Wish
) -> None:
    (ticket,) = open_tickets()
    at(travel, 10)
    before = steps(ticket.id or 0)
    done = bulk.do_many([ticket.incident_id], wish, Asked(ANA, "oops"))
    assert steps(ticket.id or 0) != before
    travel.shift(5)
    bulk.undo(done.group, actor=ANA)
    with read_session() as session:
        assert find_open_ack(session, ticket.incident_id) is None
    assert steps(ticket.id or 0) == before
    at(travel, 30)
    assert told() == [("Mia", ["SOC-1 Manager notification"], [])]
