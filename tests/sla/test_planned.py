"""The day and the moment that a ticket is given when it is asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from soc.domain.actor import AT_A_PAGE
from soc.domain.incident import Incident
from soc.domain.sla.policy import GUIDE_POLICY, Start, WorkingTime
from soc.ids import new_id
from soc.sla.planned import answer_by, planned_by
from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.incidents.incidents import to_incident
from soc.store.nouns.sla.sla_policies import put_version
from tests.rows import NIGHT, add_incident

HOUR = timedelta(hours=1)


def planned(change: dict[str, object], *, now: datetime = NIGHT) -> tuple[datetime, date]:
    migrate()
    with write_session() as session:
        put_version(session, GUIDE_POLICY.model_copy(update=change), actor=AT_A_PAGE)
        incident: Incident = to_incident(add_incident(session, new_id("inc"), first_seen=NIGHT - HOUR / 2))
        known = planned_by(session)
        ends = known.response_ends(incident, now=now)
        return ends, known.day_of(incident, ends)


def test_the_due_day_is_that_of_the_policys_zone() -> None:
    assert planned({}) == (NIGHT + HOUR, date(2026, 1, 14))
    assert planned({"time": WorkingTime(zone="Europe/Berlin")}) == (NIGHT + HOUR, date(2026, 1, 15))


def test_it_counts_from_where_the_policy_starts_and_in_its_hours() -> None:
    assert planned({"start": Start.FIRST_EVENT})[0] == NIGHT + HOUR / 2
    friday = WorkingTime(zone="Europe/Berlin", week={"friday": ("09:00-17:00",)})
    assert planned({"time": friday})[0] == datetime(2026, 1, 16, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_every_zone_has_a_day(zone: str) -> None:
    assert abs((planned({"time": WorkingTime(zone=zone)})[1] - NIGHT.date()).days) <= 1


def test_a_ticket_that_is_not_there_yet_is_to_be_answered_by_the_policies() -> None:
    migrate()
    with write_session() as session:
        incident = to_incident(add_incident(session, new_id("inc"), first_seen=NIGHT))
        told = answer_by(session, incident, integration="jira", now=NIGHT, zone="Asia/Tokyo")
        assert told == ("2026-01-15", "2026-01-14T23:00:00Z")
        assert answer_by(session, incident, integration="jira", now=NIGHT).due == "2026-01-14"
