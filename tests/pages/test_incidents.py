"""Incidents: found by filter and by link, explained, and never obeyed when their text is hostile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from soc.settings import get_settings
from soc.store.db import write_session
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.tickets.ticket_fields import TicketFieldRow
from soc.store.nouns.tickets.tickets import find_ticket
from soc.ui.views.life.delivered import SHOWN
from tests.pages.conftest import OpenPage, grids, handed_over, read
from tests.pages.night import BATCH, BREAK_IN, HOSTILE, add_night
from tests.rows import NIGHT, add_delivery


def test_without_incidents_the_page_says_what_to_do_first(open_page: OpenPage) -> None:
    assert "There is no incident yet. Process some logs first." in read(open_page("incidents"))


def test_incidents_are_listed_most_severe_first(open_page: OpenPage) -> None:
    add_night()
    page = open_page("incidents")
    assert grids(page)[0].column("score") == list("998865")
    assert "6 incidents, most severe first" in read(page)


def test_a_link_can_carry_the_filter(open_page: OpenPage) -> None:
    add_night()
    page = open_page("incidents", rules="Met no rule")
    assert grids(page)[0].column("title") == ["Disk nearly full", "Deprecated TLS version"]


def test_a_filter_that_nothing_matches_says_so(open_page: OpenPage) -> None:
    add_night()
    assert "No incident matches this filter." in read(open_page("incidents", text="nothing like this"))


def test_the_reasons_add_up_to_the_score(open_page: OpenPage) -> None:
    add_night()
    page = open_page("incidents", incident=BREAK_IN)
    reasons = grids(page)[0]
    assert sum(map(int, reasons.column("weight"))) == 9
    assert "+7 +2 = 9" in read(page)
    assert reasons.column("words") == ["failed root login bytes 19–36", "CRITICAL bytes 0–8"]


def test_what_happened_is_told_step_by_step_with_who_takes_part(open_page: OpenPage) -> None:
    add_night()
    steps = [
        {
            "title": title,
            "score": score,
            "count": 3,
            "first": "2026-01-15T01:12:00Z",
            "last": None,
            "attack": "T1110",
        }
        for title, score in (("Repeated failed logins", 6), ("Brute force that succeeded", 10))
    ]
    with write_session() as session:
        row = session.get_one(IncidentRow, BREAK_IN)
        row.steps = steps
        row.entities = [{"type": "user", "value": f"user-{n}"} for n in range(14)]
        session.add(row)
    page = open_page("incidents", incident=BREAK_IN)
    assert grids(page)[0].column("title") == ["Repeated failed logins", "Brute force that succeeded"]
    assert "What happened: 2 steps" in read(page)
    assert "user-11 and 2 more" in read(page)


def test_the_matched_words_are_marked_in_the_line(open_page: OpenPage) -> None:
    add_night()
    html = open_page("incidents", incident=BREAK_IN).html[0].value
    assert ">failed root login</mark> attempts" in html


def test_every_rules_answer_is_there_with_what_would_have_changed_it(open_page: OpenPage) -> None:
    add_night()
    text = read(open_page("incidents", incident=HOSTILE))
    assert "score 8 is below 9" in text
    assert "class “Security Alert” contains “Security” →" in text


def test_an_incident_s_address_can_be_copied(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    add_night()
    monkeypatch.setenv("SOC_PUBLIC_URL", "https://soc.example/ops")
    get_settings.cache_clear()
    page = open_page("incidents", incident=BREAK_IN)
    assert f"https://soc.example/ops/incidents?incident={BREAK_IN}" in [one.value for one in page.code]


def test_an_incident_leads_to_its_ticket_and_deliveries(open_page: OpenPage) -> None:
    add_night()
    with write_session() as session:
        ticket = find_ticket(session, BREAK_IN)
        assert ticket is not None
        ticket.not_synced = "attachment [a](http://evil.example).pdf"
        marks = {"labels": ["soc-automated", "phishing"], "watchers": ["a-stranger"]}
        for field, members in marks.items():
            session.add(TicketFieldRow(ticket_id=ticket.id or 0, field=field, local={"value": members}))
    page = open_page("incidents", incident=BREAK_IN)
    text = read(page)
    assert "SOC-123" in text
    assert "Only at Jira: attachment [a](http://evil.example).pdf" in text
    assert "\\[a\\]" in handed_over(page)
    assert "phishing" in text
    assert "1 other" in text
    assert "soc-automated" not in text
    assert "Jira: open ticket" in text
    assert "Slack: send alert" in text


def test_of_many_deliveries_the_last_are_shown_and_all_that_is_in_trouble(open_page: OpenPage) -> None:
    add_night()
    with write_session() as session:
        for number in range(20):
            add_delivery(
                session, f"dlv-many-{number:02}", incident_id=BREAK_IN, integration="slack", action="update_alert",
                state="dead" if number in (0, 19) else "delivered", error=f"trouble {number}",
                updated_at=NIGHT + timedelta(days=4_000, minutes=number),
            )  # fmt: skip
    page = open_page("incidents", incident=BREAK_IN)
    text = read(page)
    assert text.count("Slack: update alert") == SHOWN + 1
    assert ("trouble 0" in text, "trouble 19" in text) == (True, True)
    assert any(one.label.endswith("earlier deliveries") for one in page.expander)


def test_hostile_text_reaches_the_browser_only_escaped(open_page: OpenPage) -> None:
    add_night()
    text = handed_over(open_page("incidents", incident=HOSTILE))
    assert "\u202e" not in text
    assert "\x1b" not in text
    html = "\n".join(line for line in text.splitlines() if "<pre" in line)
    assert "&lt;script&gt;" in html
    assert "<script>" not in html


def test_without_its_lines_an_incident_shows_the_samples_that_were_kept(open_page: OpenPage) -> None:
    add_night()
    page = open_page("incidents", incident=BREAK_IN)
    assert page.code[-1].value.startswith("CRITICAL: Multiple failed root login")


def test_an_incident_that_nobody_knows_is_answered(open_page: OpenPage) -> None:
    assert "There is no incident inc-nowhere." in read(open_page("incidents", incident="inc-nowhere"))


def test_a_link_can_ask_for_one_batch(open_page: OpenPage) -> None:
    add_night()
    assert "6 incidents" in read(open_page("incidents", batch=BATCH))
    assert "No incident matches this filter." in read(open_page("incidents", batch="bat-other"))


def test_what_merging_takes_is_drawn_once_it_is_opened(open_page: OpenPage) -> None:
    add_night()
    page = open_page("incidents", incident=BREAK_IN)
    assert "Which others" not in [one.label for one in page.text_input]
    page.session_state[f"merge-{BREAK_IN}"] = True
    page.run()
    assert "Which others" in [one.label for one in page.text_input]
