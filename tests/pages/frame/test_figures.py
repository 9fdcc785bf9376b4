"""The Metrics page: its numbers are the figures', the API and the command say the same, and its links lead to as many rows."""

from __future__ import annotations

import json
import random
import re
from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from soc import clock
from soc.api.application import api
from soc.cli.commands import app
from soc.domain.sla.event import ClockKind
from soc.metrics.figures import read_figures
from soc.settings import Settings
from soc.store.db import write_session
from soc.store.nouns.combined.figures import FigureFilter
from soc.ui.figures import charts, drawing
from tests.metrics.test_figures import _ticket
from tests.pages.conftest import OpenPage, read
from tests.rows import add_batch, add_person, add_ticket


def _fill() -> None:
    dice = random.Random(5)
    with write_session() as session:
        for name in ("kim", "amira"):
            add_person(session, f"per-{name}")
        for n in range(10):
            add_batch(session, f"bat-{n}")
        for n in range(60):
            _ticket(session, n, dice)


def test_page_api_and_command_say_the_same_and_numbers_lead_to_their_rows(open_page: OpenPage) -> None:
    _fill()
    found = read_figures(FigureFilter())
    page = open_page("figures", span="All")
    tiles = {metric.label: metric.value for metric in page.metric}
    assert tiles["Tickets"] == "60"
    assert tiles["Escalated"] == str(found.escalated)
    assert tiles["Resolved within SLA"] == drawing.percent(found.kept_in_all(ClockKind.RESOLUTION).within)
    said = TestClient(api).get("/metrics").json()
    assert said["tickets"] == 60
    assert said["creation_success"] == found.creation_success
    done = CliRunner().invoke(app, ["metrics", "--json"])
    assert {**json.loads(done.stdout), "apis": 0} == {**said, "apis": 0}
    missed = found.kept_in_all(ClockKind.RESPONSE).missed
    label = next(one.label for one in page.get("page_link") if one.label.endswith(" missed"))
    assert label == f"{missed:,} missed"
    shown = read(open_page("tickets", clock="response missed"))
    assert "Only tickets with the clock response missed." in shown
    assert re.search(r"\d+ tickets", shown)


def test_narrowed_down_it_counts_the_part(open_page: OpenPage) -> None:
    _fill()
    part = read_figures(FigureFilter(source="sshd", priorities=("High",)))
    page = open_page("figures", span="All", source="sshd", priority="High")
    assert {metric.label: metric.value for metric in page.metric}["Tickets"] == str(part.tickets)
    said = TestClient(api).get("/metrics", params={"source": "sshd", "priority": "High"}).json()
    assert said["tickets"] == part.tickets
    assert TestClient(api).get("/metrics", params={"zone": "No/Where"}).status_code == 422


def test_days_without_a_ticket_are_columns_too_and_years_are_weeks(store: Settings) -> None:
    _fill()
    found = read_figures(FigureFilter())
    days = drawing.days_of(found)
    assert sum(sum(numbers.values()) for _, numbers in days) == 60
    assert len(days) == (max(found.per_day) - min(found.per_day)).days + 1
    long = charts.MOST_DAYS
    charts.MOST_DAYS = 2
    try:
        weeks = drawing.days_of(found)
    finally:
        charts.MOST_DAYS = long
    assert sum(sum(numbers.values()) for _, numbers in weeks) == 60
    assert {day.weekday() for day, _ in weeks} == {0}


def test_a_single_day_stands_in_a_week_and_a_longer_time_fills_the_chart() -> None:
    day = date(2026, 1, 14)
    one, _ = charts._opened_per_day([(day, (("High", 3),))])
    assert one.layout.xaxis.range == ("2026-01-07T12:00:00", "2026-01-14T12:00:00")
    many, _ = charts._opened_per_day([(day + timedelta(days=n), ()) for n in range(30)])
    assert many.layout.xaxis.range == ("2026-01-13T12:00:00", "2026-02-12T12:00:00")
    assert charts._opened_per_day([])[0].layout.xaxis.range is None


def test_a_column_that_is_clicked_leads_to_its_tickets(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with write_session() as session:
        add_ticket(session, created_at=clock.now(), priority="High")
    monkeypatch.setattr(charts, "opened_per_day", lambda days, **_about: (days[0][0], "High"))
    page = open_page("figures")
    assert "This could not be shown." not in read(page)
    assert [one.value for one in page.title] == ["Tickets"]
