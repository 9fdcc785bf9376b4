from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from tests.tickets.both_sides import START, BothSides


@pytest.fixture(params=["cloud", "on_premise"])
def both(request: pytest.FixtureRequest) -> Iterator[BothSides]:
    """One ticket, at a practice Jira of each kind."""
    with time_machine.travel(START, tick=False) as travel:
        yield BothSides(travel, request.param)


@pytest.fixture
def cloud() -> Iterator[BothSides]:
    with time_machine.travel(START, tick=False) as travel:
        yield BothSides(travel)
