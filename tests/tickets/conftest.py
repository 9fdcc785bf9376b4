from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from soc.tickets.sync import poll
from tests.tickets.both_sides import START, BothSides


def _of(both: BothSides, monkeypatch: pytest.MonkeyPatch) -> BothSides:
    """Polls speak to its practice Jira."""
    monkeypatch.setattr(poll, "borrow", both.borrow)
    monkeypatch.setattr(poll, "takers", lambda _message: ("jira",))
    return both


@pytest.fixture(params=["cloud", "on_premise"])
def both(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[BothSides]:
    """One ticket, at a practice Jira of each kind."""
    with time_machine.travel(START, tick=False) as travel:
        yield _of(BothSides(travel, request.param), monkeypatch)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[BothSides]:
    with time_machine.travel(START, tick=False) as travel:
        yield _of(BothSides(travel), monkeypatch)
