"""Several clocks at once: each step is told once, and a recipient gets one notice for what an outage left."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine

from soc.escalation import tick as clocks
from soc.store.db import read_session, write_session
from soc.store.nouns.escalation.escalations import EscalationPlanRow, find_plan
from tests.escalation.world import deliveries, make_world, open_tickets, steps, told
from tests.rows import NIGHT


def _tick_at_once(number: int = 3) -> None:
    """So many clocks tick at the same moment; raises what one of them raised."""
    together, raised = threading.Barrier(number), list[BaseException]()

    def work() -> None:
        try:
            together.wait()
            clocks.tick()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=work) for _ in range(number)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert raised == []


def test_three_clocks_tell_each_step_once_and_each_recipient_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "PORTION", 3)
    with time_machine.travel(NIGHT, tick=False) as travel:
        make_world()
        tickets = open_tickets(10)
        with write_session() as session:  # two lost their plan: whoever makes it anew, it is made once
            for ticket in tickets[:2]:
                session.get_one(EscalationPlanRow, find_plan(session, ticket.id or 0).id).priority = ""  # type: ignore[union-attr]
        travel.shift(timedelta(hours=26))  # over three thresholds
        _tick_at_once()
        once = told()
        assert [(who, len(said) + len(folded)) for who, said, folded in once] == [("Eva", 10)]
        for ticket in tickets:
            assert [state for _, state in steps(ticket.id or 0)] == ["skipped", "skipped", "told"]
        travel.shift(timedelta(hours=-3))
        _tick_at_once()
        travel.shift(timedelta(hours=3))
        _tick_at_once()
        assert (told(), len({row.key for row in deliveries()})) == (once, 1)
        with read_session() as session:
            assert all(find_plan(session, ticket.id or 0) for ticket in tickets)
