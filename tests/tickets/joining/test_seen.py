"""What a ticket learns when its incident is seen again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from soc import clock
from soc.domain.actor import AT_A_PAGE
from soc.sla.ledger import opened
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.incidents.incidents import get_incident
from soc.store.nouns.incidents.investigation_notes import list_notes
from soc.tickets.joining import Seen, belongs_to, seen_again
from tests.rows import NIGHT, add_incident, add_ticket


@pytest.fixture(autouse=True)
def _one_ticket() -> Iterator[None]:
    with time_machine.travel(NIGHT, tick=False):
        migrate()
        with write_session() as session:
            add_incident(session, "inc-1", score=5)
            ticket = add_ticket(session, "SOC-1", incident_id="inc-1", priority="Medium", remote_id="1")
            opened(session, ticket, at=NIGHT, actor=AT_A_PAGE)
        yield


def _see(score: int, key: str) -> tuple[str, list[str]]:
    with write_session() as session:
        joining = belongs_to(session, "inc-1", now=clock.now())
        assert joining is not None
        seen_again(session, joining, Seen(f"batch {key}", score, key), now=clock.now())
    with read_session() as session:
        notes = [note.text for note in list_notes(session, "inc-1")]
        return get_incident(session, "inc-1").priority, notes


def test_a_graver_sight_makes_it_more_urgent_and_a_lighter_one_never_less() -> None:
    assert [_see(score, str(score))[0] for score in (9, 3, 5)] == ["Highest", "Highest", "Highest"]


def test_as_grave_as_before_changes_no_priority() -> None:
    assert _see(5, "a")[0] in ("", "Medium")


def test_many_sights_are_one_note_that_counts_them_and_the_same_event_counts_once() -> None:
    _see(5, "a")
    _see(5, "b")
    [note] = _see(5, "b")[1]
    assert ("2" in note, "3" in note) == (True, False), note
