"""Many tickets that run out of time at once cost the database a bounded number of questions each."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
import time_machine

from soc.escalation.tick import tick
from soc.store.db import get_engine
from tests.escalation.world import make_world, open_tickets
from tests.rows import NIGHT

#: Of one violation: its priority raised, given to somebody else, told. It was 73 before what stays was read once.
MOST_QUESTIONS = 60


def test_a_violation_among_many_asks_the_database_a_bounded_number_of_times() -> None:
    with time_machine.travel(NIGHT, tick=False) as travel:
        make_world()
        open_tickets(12, priority="High")
        travel.move_to(NIGHT + timedelta(hours=5))
        asked = 0

        def count(*_: object) -> None:
            nonlocal asked
            asked += 1

        sa.event.listen(get_engine(), "before_cursor_execute", count)
        try:
            assert tick() == 12
        finally:
            sa.event.remove(get_engine(), "before_cursor_execute", count)
    assert asked / 12 < MOST_QUESTIONS, asked / 12
