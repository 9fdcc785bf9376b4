"""Whatever keeps messages from going out stands on every page, without a click; a level is never better than the truth."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from soc import clock
from soc.batches.report import build_report
from soc.configuration.save import save_configuration
from soc.domain.actor import AT_A_PAGE
from soc.store.db import write_session
from soc.store.nouns.vendors.health import health_to_change, pause
from soc.ui.kit.outcome import Level
from soc.ui.kit.places import PLACES
from soc.ui.kit.words import count_of
from tests.pages.conftest import OpenPage, read
from tests.pages.night import BATCH, add_night

JIRA = {"base_url": "https://jira.example.com", "username": "soc@example.com", "api_token": "x" * 20}


def pause_jira() -> None:
    save_configuration("jira", JIRA, actor=AT_A_PAGE)
    with write_session() as session:
        row = health_to_change(session, "jira")
        row.last_check, row.last_check_at = {"ok": True, "kind": "jira", "summary": "Connected."}, clock.now()
        session.add(row)
        pause(session, "jira", reason="The token is refused.", actor=AT_A_PAGE, now=clock.now())


@pytest.mark.parametrize("name", [place.name for place in PLACES])
def test_a_pause_and_what_was_given_up_stand_on_every_page(open_page: OpenPage, name: str) -> None:
    add_night()
    pause_jira()
    text = read(open_page(name))
    assert "Jira paused since" in text
    assert "2 waiting → Mend" in text
    assert "1 Slack message given up → See it" in text


def test_no_strip_when_all_is_well(open_page: OpenPage) -> None:
    save_configuration("jira", JIRA, actor=AT_A_PAGE)
    assert "→ Mend" not in read(open_page("overview"))


def test_what_is_held_needs_a_person_on_the_overview(open_page: OpenPage) -> None:
    add_night()
    [tile] = [metric for metric in open_page("overview").metric if metric.label == "Deliveries in trouble"]
    assert tile.delta == "2 need a person"  # one dead, one held


def test_a_paused_integration_is_not_called_on_and_its_old_test_is_no_success(open_page: OpenPage) -> None:
    add_night()
    pause_jira()
    page = open_page("integrations")
    assert ":green-badge[:material/check: on]" not in read(page)
    assert "It worked when it was tested, and does not now" in str([one.proto.title for one in page.warning])
    assert [one for one in page.success if "Connected" in str(one.proto.title)] == []


def test_a_batch_is_green_only_when_everybody_was_told(open_page: OpenPage) -> None:
    add_night()
    report = build_report(BATCH)
    assert report.level is Level.WARNING  # a file could not be read, one message was given up
    fine = replace(report, dead=0, pending=0, files=(), not_available=(), paused={}, accounts=())
    assert fine.level is Level.GOOD
    assert replace(fine, pending=3).level is Level.NOTE
    for worse in (
        {"dead": 1},
        {"paused": {"jira": "x"}},
        {"not_available": ("jira",)},
        {"files": report.files},
    ):
        assert replace(fine, **worse).level is Level.WARNING
    assert ":red-badge[:material/error: Slack: 4 eligible" in read(open_page("process_logs", batch=BATCH))


def test_a_batch_shows_how_many_incidents_of_each_severity_it_found(open_page: OpenPage) -> None:
    add_night()
    text = read(open_page("process_logs", batch=BATCH))
    assert "What was found: 6 incidents" in text
    assert [one for one in ("2 critical", "2 high", "2 medium") if one not in text] == []
    assert "Multiple failed root logins, then a success" in text


def test_one_is_singular() -> None:
    assert [count_of(number, "delivery") for number in (0, 1, 1840)] == [
        "0 deliveries",
        "1 delivery",
        "1,840 deliveries",
    ]


def test_a_worker_that_is_gone_stands_on_every_page(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "No worker is at work → See" in read(open_page("tickets"))
    monkeypatch.setattr(
        "soc.ui.views.strip.read_workers",
        lambda: SimpleNamespace(live=[1], gone=[SimpleNamespace(name="host-2", gone_since=clock.now())]),
    )
    assert "Worker host-2 gone since" in read(open_page("tickets")).replace("\\", "")
