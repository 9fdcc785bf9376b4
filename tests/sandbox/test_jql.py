"""The practice search understands the JQL that a ticketing client writes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from soc.sandbox.jira.memory import Issue
from soc.sandbox.jira.query import jql
from soc.sandbox.jira.query.jql_fields import JqlError

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


def issue(number: int, **more: object) -> Issue:
    at = f"2026-01-15T0{number}:30:00+00:00"
    fields = {
        "summary": f"Alert {number}",
        "issue_type": "10006",
        "created": at,
        "updated": at,
        "reporter": "bot",
        "status": "1",
        "priority": "3",
    }
    return Issue(id=str(10000 + number), key=f"SOC-{number}", **{**fields, **more})  # type: ignore[arg-type]


ISSUES = [
    issue(1, labels=["soc-incident-a", "soc-automated"], priority="1", duedate="2026-01-14"),
    issue(
        2, labels=["soc-incident-b"], status="3", components=["10100"], assignee="712020:5a0c-practice-ana"
    ),
    issue(
        3, status="6", resolution="10000", resolved="2026-01-15T11:00:00+00:00", description="disk is full"
    ),
]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('project = SOC AND labels = "soc-incident-a"', [1]),
        ("project in (SOC) and labels in (soc-incident-a, 'soc-incident-b') order by key asc", [1, 2]),
        ("project = SOC AND statusCategory != Done ORDER BY created DESC", [2, 1]),
        ("statusCategory = done", [3]),
        ('status in (Open, "In Progress") AND NOT labels = soc-incident-b', [1]),
        ("key in (SOC-1, soc-3) ORDER BY key", [1, 3]),
        ("issuekey = SOC-2", [2]),
        ('created >= "2026-01-15 02:30"', [3, 2]),
        ("created >= 2026/01/15 AND updated < '2026-01-15 02:30'", [1]),
        ("created >= -10h", [3, 2]),
        ("due < startOfDay() AND resolution = Unresolved", [1]),
        ("resolution = EMPTY ORDER BY priority DESC", [1, 2]),
        ("assignee is not EMPTY OR labels is empty", [3, 2]),
        ("(priority = Highest OR component = Security) AND issuetype = 'Security Incident'", [2, 1]),
        ('text ~ "disk"', [3]),
        ('labels not in ("soc-incident-a") and project = "Security Operations Center (practice)"', [3, 2]),
    ],
)
def test_a_query_finds_what_jira_would_find(query: str, found: list[int]) -> None:
    assert [int(i.key[4:]) for i in jql.parse(query, NOW).search(ISSUES)] == found


@pytest.mark.parametrize(
    "query",
    [
        "project = NONE",
        "status = Sleeping",
        "colour = red",
        "project",
        "project =",
        "project = SOC AND",
        "project = SOC labels = x",
        "labels in ()",
        "labels in (a",
        "(project = SOC",
        "created >= yesterday",
        "labels > a",
        'summary = "x"',
        'labels = "unclosed',
        "project = SOC ORDER BY colour",
    ],
)
def test_a_query_that_jira_refuses_is_refused(query: str) -> None:
    with pytest.raises(JqlError):
        jql.parse(query, NOW)
