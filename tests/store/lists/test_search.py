"""The search over stored incidents: what is found, in which order, and how many."""

from __future__ import annotations

from typing import Any

import pytest
from alembic import command

from soc.store.db import get_engine, read_session, write_session
from soc.store.migrate import _config, migrate
from soc.store.nouns.combined.search import Found, find_incidents
from soc.store.nouns.incidents.incident_writing import add_incidents
from tests.integrations.examples import an_incident
from tests.rows import NIGHT, add_batch, add_ticket


@pytest.fixture(autouse=True)
def _store() -> None:
    migrate()
    with write_session() as session:
        add_batch(session, "bat-3f8h2j5n6p")


def _add(*incidents: dict[str, Any]) -> None:
    with write_session() as session:
        add_incidents(session, [an_incident(**one) for one in incidents], eligible=set(), now=NIGHT)


def _find(query: str, **page: int) -> Found:
    with read_session() as session:
        return find_incidents(session, query, **page)


def _ids(query: str) -> list[str]:
    return [row.id for row in _find(query).incidents]


def test_the_last_found_come_first_and_of_those_together_the_gravest() -> None:
    _add({"id": "inc-a", "score": 9}, {"id": "inc-b", "score": 5})
    _add({"id": "inc-c", "score": 3})
    assert _ids("multiple") == ["inc-c", "inc-a", "inc-b"]


def test_every_word_must_be_found() -> None:
    _add({"id": "inc-a", "entity": "10.0.0.1"}, {"id": "inc-b", "entity": "10.0.0.2"})
    assert _ids("multiple 10.0.0.2") == ["inc-b"]
    assert _ids("multiple absent") == []


def test_what_is_meant_as_a_whole_is_not_taken_for_a_beginning() -> None:
    _add({"id": "inc-a", "entity": "10.0.0.1"}, {"id": "inc-b", "entity": "10.0.0.12"})
    assert _ids("10.0.0.1") == ["inc-a"]
    assert sorted(_ids("10.0.0.")) == ["inc-a", "inc-b"]


def test_an_incident_is_found_by_its_ticket_s_key_in_any_case() -> None:
    _add({"id": "inc-a"}, {"id": "inc-b"})
    with write_session() as session:
        add_ticket(session, "PROJ-1", incident_id="inc-a")
        add_ticket(session, "PROJ-12", incident_id="inc-b")
    assert _ids("proj-1") == ["inc-a"]
    assert _ids("PROJ-12 multiple") == ["inc-b"]
    assert sorted(_ids("proj-")) == ["inc-a", "inc-b"]
    assert _ids("pr_j-1") == []


def test_pages_follow_each_other_and_know_how_many_there_are() -> None:
    _add(*({"id": f"inc-{n}", "score": 5} for n in range(5)))
    pages = [_find("multiple", offset=offset, limit=2) for offset in (0, 2, 4, 6)]
    assert [page.total for page in pages] == [5, 5, 5, 5]
    met = [row.id for page in pages for row in page.incidents]
    assert len(met) == len(set(met)) == 5


def test_what_is_stored_again_is_found_once() -> None:
    _add({"id": "inc-a"})
    _add({"id": "inc-a"})
    assert _find("multiple").total == 1


@pytest.mark.parametrize("query", ["", "  ", "'; DROP TABLE incidents; --", '"', "a AND (", "NEAR(", "\x00"])
def test_no_text_breaks_it(query: str) -> None:
    _add({"id": "inc-a"})
    assert _find(query).total == 0
    assert _find("multiple").total == 1


def test_what_was_stored_before_there_was_a_search_is_found_after_the_upgrade() -> None:
    _add({"id": "inc-old", "entity": "10.0.0.1"}, {"id": "inc-older", "title": "Ünïcode"})
    with get_engine().begin() as connection:
        command.downgrade(_config(connection), "0013")
    migrate()
    assert _ids("10.0.0.1") == ["inc-old"]
    assert _ids("ünï") == ["inc-older"]


def test_a_word_that_begins_every_id_finds_all_and_none_is_taken_for_one_of_them() -> None:
    _add({"id": "inc-a", "score": 3}, {"id": "inc-b", "entity": "10.0.0.2"})
    assert [row.id for row in _find("inc", offset=1).incidents] == ["inc-a"]
    assert (_ids("inc"), _find("INC-", limit=1).total, _ids("inc 10.0.0.2")) == (
        ["inc-b", "inc-a"],
        2,
        ["inc-b"],
    )
    for other, found in (("INC-Z", 3), ("abc-1", 3), ("zzz-1", 3)):  # found by its term; not by it; not by it
        _add({"id": other, "entity": "10.0.0.9"})
        assert _find("inc").total == found
