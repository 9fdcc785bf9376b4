"""The numbers of the charts are those of the rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from soc.domain.actor import AT_A_PAGE
from soc.domain.sla import SlaState
from soc.metrics.deliveries import count_deliveries, read_deliveries
from soc.metrics.overview import incidents_per_hour, latest_critical, read_installation, read_overview
from soc.metrics.sla import read_policies, read_sla
from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.vendors.integrations import save_integration
from tests.pages.night import BATCH, add_night

NOW = datetime(2026, 1, 15, 22, 30, tzinfo=UTC)


@pytest.fixture
def night() -> None:
    add_night(now=NOW)


@pytest.mark.usefixtures("night")
def test_lines_in_are_parsed_or_rejected() -> None:
    today = read_overview(NOW - timedelta(hours=22), now=NOW)
    assert today.lines_in == today.parsed + today.rejected == 48_210


@pytest.mark.usefixtures("night")
def test_incidents_are_counted_by_severity_and_class() -> None:
    today = read_overview(NOW - timedelta(hours=22), now=NOW)
    assert today.by_severity == {"critical": 2, "high": 2, "medium": 2, "low": 0, "info": 0}
    assert sum(today.by_class.values()) == today.incidents == 6
    assert today.eligible == 4


@pytest.mark.usefixtures("night")
def test_clocks_and_deliveries_are_those_of_now() -> None:
    today = read_overview(NOW - timedelta(hours=22), now=NOW)
    assert (today.open_tickets, today.sla_at_risk, today.sla_overdue) == (3, 1, 1)
    assert (today.trouble, today.dead) == (3, 1)


@pytest.mark.usefixtures("night")
def test_yesterday_is_not_today() -> None:
    later = read_overview(NOW + timedelta(hours=2), now=NOW)
    assert (later.lines_in, later.incidents, later.tickets) == (0, 0, 0)
    assert later.open_tickets == 3


@pytest.mark.usefixtures("night")
def test_incidents_fall_into_the_hour_they_were_found_in() -> None:
    assert incidents_per_hour(NOW - timedelta(hours=22)) == {
        band: [(NOW.replace(minute=0), 2)] for band in ("critical", "high", "medium")
    }


@pytest.mark.usefixtures("night")
def test_the_latest_critical_incidents_are_critical() -> None:
    assert {row.severity for row in latest_critical()} == {"critical"}
    assert len(latest_critical(limit=1)) == 1


def test_an_untouched_installation_is_fresh() -> None:
    migrate()
    installation = read_installation()
    assert installation.fresh
    assert not installation.practice


def test_a_practice_integration_makes_it_practice() -> None:
    migrate()
    with write_session() as session:
        save_integration(session, "jira", {}, {}, practice=True, now=NOW, actor=AT_A_PAGE)
    installation = read_installation()
    assert installation.practice
    assert installation.configured == ("jira",)


@pytest.mark.usefixtures("night")
def test_practice_rows_make_it_practice_without_any_integration() -> None:
    installation = read_installation()
    assert installation.practice_rows
    assert not installation.practice_configured
    assert (installation.batches, installation.running) == (2, 1)


@pytest.mark.usefixtures("night")
def test_within_sla_counts_only_clocks_that_were_decided() -> None:
    summary = read_sla(now=NOW)
    assert summary.all.within == 0.5
    assert summary.by_priority["High"].within == 1.0
    assert summary.by_priority["Low"].within is None


@pytest.mark.usefixtures("night")
def test_resolution_is_the_average_of_resolved_tickets() -> None:
    summary = read_sla(now=NOW)
    assert summary.by_priority["High"].resolution == timedelta(hours=3)
    assert summary.by_priority["Highest"].resolution is None


@pytest.mark.usefixtures("night")
def test_the_most_urgent_clock_comes_first() -> None:
    assert [one.state for one in read_sla(now=NOW).urgent] == [
        SlaState.VIOLATED,
        SlaState.ON_TRACK,
        SlaState.AT_RISK,
    ]


@pytest.mark.usefixtures("night")
def test_a_span_leaves_older_tickets_out() -> None:
    assert read_sla(since=NOW - timedelta(hours=1), now=NOW).all.total == 1


def test_the_policy_begins_with_the_most_urgent() -> None:
    migrate()
    assert [row.priority for row in read_policies()] == ["Highest", "High", "Medium", "Low", "Lowest"]


@pytest.mark.usefixtures("night")
def test_every_delivery_is_in_exactly_one_state() -> None:
    jira, slack = read_deliveries()
    assert (jira.total, slack.total) == (3, 4)
    assert (jira.held, slack.held) == (1, 0)
    assert (jira.success, slack.success) == (1.0, 0.5)


@pytest.mark.usefixtures("night")
def test_deliveries_are_counted_as_they_are_filtered() -> None:
    assert count_deliveries() == count_deliveries(batch_id=BATCH) == 7
    assert count_deliveries(states=("dead", "unknown"), integration="slack") == 2
    assert count_deliveries(batch_id="bat-other") == 0
