"""The search route: what it answers, page by page, and what it does with any text."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from soc.store.db import write_session
from soc.store.nouns.incidents.incident_writing import add_incidents
from tests.integrations.examples import an_incident
from tests.rows import NIGHT, add_batch, add_ticket

URL = "/api/v1/search"


@pytest.fixture
def stored(client: TestClient) -> TestClient:
    with write_session() as session:
        add_batch(session, "bat-3f8h2j5n6p")
        add_incidents(
            session, [an_incident(id=f"inc-{n}", score=9 - n) for n in range(3)], eligible=set(), now=NIGHT
        )
        add_ticket(session, "SOC-7", incident_id="inc-1")
    return client


def test_it_says_what_was_found_with_its_tickets(stored: TestClient) -> None:
    [found] = stored.get(URL, params={"q": "soc-7"}).json()["items"]
    assert (found["id"], found["severity"], found["url"]) == ("inc-1", "high", "")
    assert found["tickets"] == [{"key": "SOC-7", "url": "https://jira.example.com/browse/SOC-7"}]


def test_a_walk_by_cursor_meets_every_one_once(stored: TestClient) -> None:
    met, cursor = [], ""
    while True:
        page = stored.get(URL, params={"q": "multiple", "limit": 2, "cursor": cursor}).json()
        met += [one["id"] for one in page["items"]]
        assert page["total"] == 3
        if (cursor := page["next"] or "") == "":
            break
    assert met == ["inc-0", "inc-1", "inc-2"]


@pytest.mark.parametrize("query", ["", " ", "%", "_", "'", '"', "\\", "nothing", "ü" * 200])
def test_any_other_text_finds_nothing(stored: TestClient, query: str) -> None:
    assert stored.get(URL, params={"q": query}).json() == {"items": [], "total": 0, "next": None}


@pytest.mark.parametrize("params", [{}, {"q": "a" * 201}, {"q": "a\x00b"}])
def test_no_query_and_one_beyond_the_bounds_are_refused(stored: TestClient, params: dict[str, str]) -> None:
    assert stored.get(URL, params=params).status_code == 422
