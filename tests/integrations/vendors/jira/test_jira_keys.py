"""A ticket whose answer was lost and that the lagging search does not show is found by its key."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from soc import clock
from soc.domain.message import Receipt
from soc.errors import TransientDeliveryError
from soc.integrations.vendors.jira import JiraConnector
from soc.integrations.vendors.jira.looking import keys
from soc.integrations.vendors.jira.ticket import incident_label
from tests.integrations.everyone import BY_NAME
from tests.integrations.examples import OPEN
from tests.integrations.vendors.jira.example import jira_read

OURS = incident_label(OPEN.incident.id)


class Jira:
    """Its search shows `indexed` only; `issues` are the labels of each number. `asked` are the keys that were read."""

    def __init__(self, issues: dict[int, str], *, indexed: int = 0, status: int = 404) -> None:
        self.issues, self.indexed, self.status, self.asked = issues, indexed, status, list[int]()
        found = BY_NAME["jira cloud"].connector(self)
        assert isinstance(found, JiraConnector)
        self.connector = found

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if "/search" in request.url.path:
            ordered = b"DESC" in request.content and self.indexed
            return httpx.Response(
                200, json={"issues": [self._issue(self.indexed)] if ordered else [], "isLast": True}
            )
        if found := re.search(r"/issue/SOC-(\d+)$", request.url.path):
            number = int(found[1])
            self.asked.append(number)
            if number in self.issues:
                return httpx.Response(200, json=self._issue(number))
            return httpx.Response(self.status, json={"errorMessages": ["gone"], "errors": {}})
        return jira_read(request)

    def _issue(self, number: int) -> dict[str, Any]:
        return {
            "id": str(10000 + number),
            "key": f"SOC-{number}",
            "fields": {"labels": [self.issues.get(number, "")]},
        }

    def look(self, delivery_id: str = "dlv-1") -> Receipt | None:
        return self.connector.reconcile(OPEN, delivery_id=delivery_id, since=clock.now())


@pytest.fixture(autouse=True)
def _nobody_knows_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_known", {})


def test_it_is_found_between_other_people_s_tickets_and_gaps() -> None:
    jira = Jira({41: "x", 44: "y", 46: OURS}, indexed=40)
    found = jira.look()
    assert found is not None
    assert found.key == "SOC-46"
    assert len(jira.asked) <= 3 + keys.BACK + keys.MISSES


def test_nothing_there_is_no_ticket_and_costs_a_handful_of_requests() -> None:
    jira = Jira({41: "x"}, indexed=40)
    assert jira.look() is None
    assert len(jira.asked) <= 1 + keys.BACK + keys.MISSES
    again = len(jira.asked)
    assert jira.look("dlv-2") is None  # what is known to be another's is not asked for again
    assert len(jira.asked) - again < again


def test_what_was_known_before_the_send_is_where_it_begins_though_others_came_after() -> None:
    jira = Jira({9: "x", 10: OURS, **dict.fromkeys(range(11, 200), "y")}, indexed=199)
    known = jira.connector._keys
    known.note(9)
    known.sending("dlv-1")
    known.note(199)
    found = jira.look()
    assert found is not None
    assert (found.key, jira.asked) == ("SOC-10", [10])


def test_a_project_full_of_others_ends_at_its_bound() -> None:
    jira = Jira(dict.fromkeys(range(1, 500), "y"), indexed=100)
    assert jira.look() is None
    assert len(jira.asked) == keys.MOST


def test_a_refused_key_is_no_proof_and_no_trouble_while_a_jira_that_is_away_is() -> None:
    assert Jira({}, indexed=40, status=403).look() is None
    with pytest.raises(TransientDeliveryError):
        Jira({}, indexed=40, status=503).look()


def test_a_ticket_that_moved_away_answers_to_its_old_key_and_is_not_taken_for_ours() -> None:
    jira = Jira({41: OURS}, indexed=40)
    moved = jira._issue
    jira._issue = lambda number: {**moved(number), "key": "OPS-7"} if number == 41 else moved(number)  # type: ignore[method-assign]
    assert jira.look() is None
