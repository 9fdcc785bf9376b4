"""A ticket that was opened twice while the search lagged: the first stays, its twin is closed, and it is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import time_machine

from soc import clock
from soc.domain.message import Receipt
from soc.integrations.vendors.jira import JiraConnector
from soc.integrations.vendors.jira.again.twins import LOOKS
from tests.integrations.everyone import BY_NAME
from tests.integrations.examples import OPEN, sent_json
from tests.integrations.vendors.jira.example import jira_read

NIGHT = datetime(2026, 1, 15, 22, 0, tzinfo=UTC)
FIRST, SECOND = {"id": "10012", "key": "SOC-12"}, {"id": "10013", "key": "SOC-13"}
DONE = {"transitions": [{"id": "2", "name": "Schließen", "to": {"statusCategory": {"key": "done"}}}]}


class Jira:
    """Shows `shown` to a search, and keeps what was written."""

    def __init__(self, *shown: dict[str, str], writes: int = 204) -> None:
        self.shown, self.writes, self.status = list(shown), list[tuple[str, Any]](), writes
        found = BY_NAME["jira cloud"].connector(self)
        assert isinstance(found, JiraConnector)
        self.connector = found

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if "/search" in request.url.path:
            return httpx.Response(200, json={"issues": self.shown, "isLast": True})
        if request.method == "GET" and request.url.path.endswith("/transitions"):
            return httpx.Response(200, json=DONE)
        if request.method in ("POST", "PUT"):
            self.writes.append((request.url.path.partition("/3/")[2], sent_json(request)))
            return httpx.Response(self.status)
        return jira_read(request)

    def doubtful(self) -> Receipt:
        receipt = Receipt(remote_id="10013", key="SOC-13", url="https://soc.atlassian.net/browse/SOC-13")
        return self.connector.doubtful(receipt, sent=clock.now())


def after(settles: float) -> Any:
    return time_machine.travel(NIGHT + timedelta(seconds=60 * settles), tick=False)


def doubt(jira: Jira) -> Receipt:
    with after(0):
        return jira.doubtful()


def test_nothing_is_asked_before_it_is_time_and_nobody_looks_for_ever() -> None:
    jira = Jira(SECOND)
    receipt = doubt(jira)
    with after(LOOKS[0] - 1):
        assert jira.connector.follow_up(receipt, OPEN) == receipt
    for settles in LOOKS:
        assert receipt.open
        with after(settles):
            receipt = jira.connector.follow_up(receipt, OPEN)
    assert (receipt.open, receipt.key, receipt.extra, jira.writes) == (False, "SOC-13", {}, [])


@pytest.mark.parametrize("shown", [(FIRST,), (FIRST, SECOND)])
def test_the_first_stays_and_the_twin_is_closed_linked_commented_and_told(shown: Any) -> None:
    jira = Jira(*shown)
    with after(LOOKS[0]):
        receipt = jira.connector.follow_up(doubt(jira), OPEN)
    assert (receipt.key, receipt.url.endswith("/browse/SOC-12"), receipt.open) == ("SOC-12", True, True)
    assert "SOC-13 (closed)" in receipt.extra["note"]
    steps = dict(jira.writes)
    assert steps["issue/SOC-13/transitions"]["transition"] == {"id": "2"}
    assert steps["issueLink"]["outwardIssue"] == {"key": "SOC-12"}
    update = steps["issue/SOC-13"]["update"]
    assert update["labels"] == [{"add": "soc-duplicate"}, {"remove": "soc-incident-inc-7k2m9q4x1c"}]
    assert "SOC-12 is the ticket" in str(update["comment"])


def test_a_twin_that_may_not_be_closed_is_told_to_be_closed_by_hand() -> None:
    jira = Jira(FIRST, SECOND, writes=403)
    with after(LOOKS[0]):
        receipt = jira.connector.follow_up(doubt(jira), OPEN)
    assert "SOC-13 (still open: close it by hand)" in receipt.extra["note"]


def test_a_jira_that_is_away_is_asked_again_and_nothing_is_settled() -> None:
    jira = Jira(FIRST, SECOND, writes=503)
    receipt = doubt(jira)
    with after(LOOKS[0]):
        assert jira.connector.follow_up(receipt, OPEN) == receipt
