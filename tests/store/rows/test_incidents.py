"""Incidents as they are written, moved, listed and counted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from soc.domain.actor import AT_A_PAGE, AT_THE_SHELL
from soc.domain.classification import Classification
from soc.domain.incident import Incident, IncidentStatus, Reason, Sample
from soc.domain.severity import Severity
from soc.errors import NotFound
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.incidents.incident_counts import IncidentCount, count_by_hour, count_by_kind
from soc.store.nouns.incidents.incident_writing import add_incidents
from soc.store.nouns.incidents.incidents import (
    IncidentFilter,
    count_incidents,
    get_incident,
    list_incidents,
    list_latest,
    page_incidents,
    set_status,
    to_incident,
)
from soc.store.nouns.tickets.ticket_lists import list_batch_tickets
from tests.rows import NIGHT, add_batch, add_incident, add_ticket

HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
REASONS = (Reason(signature="r", title="t", words="Failed", start=0, end=6, weight=2),)
SAMPLES = (Sample(file="auth.log", line_no=1, offset=0, text="Failed password"),)


@pytest.fixture(autouse=True)
def _store() -> None:
    migrate()


def incident(incident_id: str) -> Incident:
    return Incident(
        id=incident_id, batch_id="b", title="Failed logins", source="auth.log", classification=Classification.SECURITY_ALERT,
        score=8, confidence=0.75, rule_id="r", template_id="t1", template="Failed <*>", entity="10.0.0.1", count=3,
        first_seen=NIGHT, last_seen=None, message="Failed password", reasons=REASONS, samples=SAMPLES,
    )  # fmt: skip


def test_an_incident_comes_back_as_it_went_in_and_once() -> None:
    with write_session() as session:
        add_batch(session, "b")
        assert add_incidents(session, [incident("i1"), incident("i2")], eligible={"i1"}, now=NIGHT) == 2
        assert add_incidents(session, [incident("i2"), incident("i3")], eligible=set(), now=NIGHT + HOUR) == 1
    with read_session() as session:
        rows = {row.id: row for row in list_incidents(session, IncidentFilter())}
    assert to_incident(rows["i1"]) == incident("i1")
    assert {name: (row.eligible, row.created_at) for name, row in rows.items()} == {
        "i1": (True, NIGHT), "i2": (False, NIGHT), "i3": (False, NIGHT + HOUR),
    }  # fmt: skip
    assert {(row.status, row.severity, row.changed_by) for row in rows.values()} == {("open", "high", "")}


def test_who_moves_an_incident_is_kept_and_who_moves_it_nowhere_is_not() -> None:
    with write_session() as session:
        add_incident(session, "i1")
        add_incident(session, "i2")
        set_status(session, "i1", IncidentStatus.RESOLVED, actor=AT_A_PAGE)
        set_status(session, "i1", IncidentStatus.RESOLVED, actor=AT_THE_SHELL)
    with read_session() as session:
        moved, other = get_incident(session, "i1"), get_incident(session, "i2")
        with pytest.raises(NotFound, match="no incident i9"):
            get_incident(session, "i9")
    assert (moved.status, moved.changed_by) == ("resolved", str(AT_A_PAGE))
    assert (other.status, other.changed_by) == ("open", "")


def test_incidents_are_listed_by_gravity_then_the_newest_then_those_of_most_lines() -> None:
    with write_session() as session:
        add_incident(session, "light", score=3, created_at=NIGHT + HOUR)
        add_incident(session, "few", count=1)
        add_incident(session, "many", count=5)
        add_incident(session, "new", created_at=NIGHT + HOUR)
    with read_session() as session:
        for chosen, expected in (
            (IncidentFilter(), ["new", "many", "few", "light"]),
            (IncidentFilter(severities=("critical",), until=NIGHT + HOUR), ["many", "few"]),
        ):
            assert [row.id for row in list_incidents(session, chosen)] == expected
            assert count_incidents(session, chosen) == len(expected)
        some = list_incidents(session, IncidentFilter(), offset=1, limit=2)
        assert [row.id for row in some] == ["many", "few"]


@pytest.mark.parametrize("column", ["title", "message", "source"])
def test_text_is_looked_for_in_all_that_is_read_and_its_signs_mean_themselves(column: str) -> None:
    with write_session() as session:
        add_incident(session, "i1", **{column: r"disk_1 at 90% of C:\logs"})
        add_incident(session, "i2", **{column: "diskx1 at 90 of C:logs"})
    with read_session() as session:
        for text in ("DISK_1", "90%", "c:\\L", "s"):
            found = {row.id for row in page_incidents(session, IncidentFilter(text=text)).rows}
            assert found == ({"i1", "i2"} if text == "s" else {"i1"}), text


def test_the_latest_of_a_severity_are_the_newest_and_of_a_moment_the_gravest() -> None:
    with write_session() as session:
        add_incident(session, "ten", score=10)
        add_incident(session, "nine-a", score=9)
        add_incident(session, "nine-b", score=9)
        add_incident(session, "new", score=9, created_at=NIGHT + TICK)
        add_incident(session, "high", score=8, created_at=NIGHT + HOUR)
    with read_session() as session:
        newest = [row.id for row in list_latest(session, severity=Severity.CRITICAL)]
        assert newest == ["new", "ten", "nine-b", "nine-a"]
        assert [row.id for row in list_latest(session, severity=Severity.CRITICAL, limit=2)] == newest[:2]
        since = list_latest(session, severity=Severity.CRITICAL, since=NIGHT + TICK)
        assert [row.id for row in since] == ["new"]
        assert [row.id for row in list_latest(session, severity=Severity.HIGH)] == ["high"]


def test_incidents_are_counted_by_kind_and_by_the_hour_that_they_were_found_in() -> None:
    with write_session() as session:
        add_incident(session, "old", created_at=NIGHT - TICK)
        add_incident(session, "i1", eligible=True)
        add_incident(session, "i2", created_at=NIGHT + HOUR - TICK)
        add_incident(session, "i3", created_at=NIGHT + HOUR)
        add_incident(session, "i4", created_at=NIGHT + HOUR, score=1, classification="Unknown")
    with read_session() as session:
        kinds = set(count_by_kind(session, since=NIGHT))
        hours = count_by_hour(session, since=NIGHT)
        light = get_incident(session, "i4").severity
    assert kinds == {
        IncidentCount("critical", "Error", True, 1), IncidentCount("critical", "Error", False, 2),
        IncidentCount(light, "Unknown", False, 1),
    }  # fmt: skip
    assert hours == [(NIGHT, "critical", 2), (NIGHT + HOUR, "critical", 1), (NIGHT + HOUR, light, 1)]


def test_a_batch_s_tickets_come_with_their_incidents_the_most_urgent_and_oldest_first() -> None:
    with write_session() as session:
        add_incident(session, "grave", score=10)
        for key, incident_id in (("SOC-1", "inc-1"), ("SOC-2", "inc-2"), ("SOC-3", "grave")):
            add_ticket(session, key, incident_id=incident_id)
        add_incident(session, "elsewhere", batch_id="other")
        add_ticket(session, "SOC-4", incident_id="elsewhere")
    with read_session() as session:
        found = [(ticket.key, row.id) for ticket, row in list_batch_tickets(session, "b")]
        assert found == [("SOC-3", "grave"), ("SOC-1", "inc-1"), ("SOC-2", "inc-2")]
        assert len(list_batch_tickets(session, "b", limit=1)) == 1
