"""The end of a ticket's response target, as its vendor shows it: the day in the project's zone, and the exact moment."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from soc import clock
from soc.domain.acts import Visibility
from soc.domain.severity import Priority
from soc.integrations.registry import validate
from soc.store.db import write_session
from soc.tickets.acts import Asked, add_note, set_priority
from soc.tickets.sync import ending
from soc.tickets.sync.ending import tell_ends
from tests.tickets.both_sides import ANA, START, BothSides

HOUR = timedelta(hours=1)


def _zone(both: BothSides, monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    config = validate("jira", {**both.config.model_dump(), "api_token": "t", "project_zone": zone})
    monkeypatch.setattr(ending, "load_usable", lambda _kind, _session: config)


def _priority(priority: Priority, key: str) -> None:
    with write_session() as session:
        set_priority(session, "inc-1", priority, Asked(ANA, key))


def _told(both: BothSides) -> tuple[str | None, datetime]:
    tell_ends()
    both.settle()
    issue = both.issue("SOC-1")
    kept = issue.properties["soc.sla"]
    assert kept["due"] == issue.duedate
    return issue.duedate, clock.parse(kept["response_ends"])


def test_a_clock_that_is_aimed_anew_moves_the_due_date_and_the_exact_moment(
    both: BothSides, monkeypatch: pytest.MonkeyPatch
) -> None:
    _zone(both, monkeypatch, "Pacific/Kiritimati")  # 14 hours ahead: another day
    _priority(Priority.HIGH, "a")
    assert _told(both) == ("2026-01-16", START + 4 * HOUR)
    _priority(Priority.MEDIUM, "b")
    assert _told(both) == ("2026-01-16", START + 24 * HOUR)  # the same day there, another moment
    _priority(Priority.HIGH, "c")  # an end that comes back is told again
    assert _told(both) == ("2026-01-16", START + 4 * HOUR)
    sent = len(both.deliveries())
    assert (tell_ends(), len(both.deliveries())) == (0, sent)


def test_an_answered_ticket_keeps_its_due_date(cloud: BothSides, monkeypatch: pytest.MonkeyPatch) -> None:
    _zone(cloud, monkeypatch, "")
    _priority(Priority.HIGH, "a")
    _told(cloud)
    with write_session() as session:
        add_note(session, "inc-1", "mine", Asked(ANA, "n"), visibility=Visibility.INTERNAL)
    _priority(Priority.LOW, "b")
    assert _told(cloud)[0] == "2026-01-15"


def test_a_due_date_that_somebody_set_there_meanwhile_waits_for_a_person(
    cloud: BothSides, monkeypatch: pytest.MonkeyPatch
) -> None:
    _zone(cloud, monkeypatch, "UTC")
    cloud.minute()
    cloud.ask("PUT", "issue/SOC-1", "lead", {"fields": {"duedate": "2026-02-01"}})
    _priority(Priority.LOW, "a")
    tell_ends()
    cloud.settle()
    cloud.minute()
    issue = cloud.issue("SOC-1")
    assert (issue.duedate, "soc.sla" in issue.properties) == ("2026-02-01", False)
