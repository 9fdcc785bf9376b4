"""What a batch came to, at a glance: how grave it is, in one line while it has not ended, and why somebody was not told."""

from __future__ import annotations

from typing import Any

import pytest

from soc.batches.report import BatchReport, ChannelAccount, awaiting_line, build_report, spoken
from soc.configuration.save import save_configuration
from soc.domain.actor import AT_A_PAGE
from soc.integrations.registry import KINDS
from soc.level import Level
from soc.sla.ledger import opened
from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchFileRow, get_batch
from soc.store.nouns.vendors.health import pause
from tests.rows import NIGHT, add_batch, add_delivery, add_incident, add_ticket

FINISHED: dict[str, Any] = {"state": "finished", "lines_in": 3, "parsed": 3}
JIRA = {"base_url": "https://jira.example.com", "username": "a@b.c", "api_token": "t", "enabled": True}
GUIDE = "JIRA integration not available"


@pytest.fixture(autouse=True)
def _batch() -> None:
    migrate()
    with write_session() as session:
        add_batch(session, "b", **FINISHED)


def report(**values: Any) -> BatchReport:
    """Of the batch with these values from now on."""
    with write_session() as session:
        get_batch(session, "b").sqlmodel_update(values)
    return build_report("b")


def delivery(number: int, state: str, *, channel: str = "jira", **values: Any) -> None:
    action = "open_ticket" if channel == "jira" else "send_alert"
    with write_session() as session:
        known = {"batch_id": "b", "integration": channel, "action": action, "state": state}
        add_delivery(session, f"dlv-{number}", **{**known, **values})


def file(name: str, error: str = "") -> None:
    with write_session() as session:
        session.add(BatchFileRow(batch_id="b", position=len(name), name=name, path=name, size=1, error=error))


def test_good_is_only_what_was_read_and_told_and_every_trouble_is_a_warning() -> None:
    assert report().level is Level.GOOD
    assert report(eligible=1).level is Level.WARNING  # an account that does not add up
    delivery(1, "pending")
    delivery(2, "suppressed", channel="slack", reason="hidden")
    assert report().level is Level.NOTE  # on its way
    with write_session() as session:
        pause(session, "jira", reason="No.", actor=AT_A_PAGE, now=NIGHT)
    assert report().level is Level.WARNING
    for state, level in (("queued", "NOTE"), ("running", "NOTE"), ("retry", "NOTE"), ("stopped", "NOTE"), ("held", "WARNING"),
                         ("failed", "BAD")):  # fmt: skip
        assert report(state=state, next_try_at=NIGHT).level is Level[level], state


def test_a_message_that_was_given_up_or_a_file_that_could_not_be_read_is_a_warning() -> None:
    file("a.log")
    assert report().level is Level.GOOD
    file("more.log", "Not a log.")
    broken = report()
    assert ([one.name for one in broken.refused], broken.level) == (["more.log"], Level.WARNING)
    assert broken.lines[1] == "❌ 1 of 2 files could not be read"
    delivery(1, "dead")
    assert (report(eligible=1).dead, report().level) == (1, Level.WARNING)


def test_where_no_line_was_understood_nothing_was_processed_unless_nothing_was_handed_in() -> None:
    nothing = report(lines_in=2, parsed=0, rejected=2)
    assert (nothing.nothing_read, nothing.level) == (True, Level.BAD)
    assert nothing.lines[:2] == (
        "❌ Nothing was processed: no line could be read",
        "⚠️ 2 lines were not understood and kept as rejected",
    )
    empty = report(lines_in=0, rejected=0)
    assert (empty.nothing_read, empty.lines[0]) == (False, "✅ Processed 0 logs successfully!")
    file("a.log", "Not a log.")
    refused = report()
    assert (refused.nothing_read, refused.lines[1:]) == (True, ("",))  # of one file its own page says so
    assert not report(state="running").nothing_read


def test_until_its_end_one_line_says_how_it_stands() -> None:
    for values, line in (
        ({"state": "stopped"}, "⏹️ Stopped: nothing of it was stored. It can be run again."),
        ({"state": "held", "error": "Very large."}, "❓ Held: Very large."),
        ({"state": "retry", "error": "Away.", "next_try_at": NIGHT}, "⏳ Tried again at 22:00:00 UTC: Away."),
        ({"state": "queued", "lines_done": 0}, "⏳ 0 lines so far"),
    ):
        assert report(**values).lines == (line,)


def test_a_channel_that_is_switched_on_and_cannot_be_told_is_named_as_the_guide_does() -> None:
    assert report().not_available == ()  # nobody asked for it
    for state, missing in (("finished", ("jira",)), ("stopped", ("jira",)), ("running", ()), ("queued", ())):
        assert report(enable_jira=True, state=state).not_available == missing, state
    assert f"❌ {GUIDE}" in report(state="finished").lines
    assert report().level is Level.WARNING
    save_configuration("jira", JIRA, actor=AT_A_PAGE)
    assert report().not_available == ()
    assert "🎫 Created 0 JIRA incidents" in report().lines
    save_configuration("jira", {**JIRA, "enabled": False}, actor=AT_A_PAGE)
    assert report().not_available == ("jira",)


def test_of_a_batch_that_had_something_to_tell_it_is_as_it_was_when_that_was_planned() -> None:
    save_configuration("jira", JIRA, actor=AT_A_PAGE)
    delivery(1, "suppressed", reason="Jira is not configured")
    assert report(enable_jira=True, eligible=1).not_available == ("jira",)
    delivery(2, "suppressed", reason="hidden")
    for number, state in enumerate(("delivered", "joined", "awaiting", "pending", "dead"), 3):
        delivery(number, state)
        assert report().not_available == (), state
        with write_session() as session:
            session.delete(session.get_one(type(add_delivery(session, f"x-{number}")), f"dlv-{number}"))
    assert report().not_available == ("jira",)


def test_reasons_of_other_channels_make_this_one_no_less_available() -> None:
    save_configuration("jira", {**JIRA, "enabled": False}, actor=AT_A_PAGE)
    delivery(1, "suppressed", reason="Slack is not configured", channel="slack")
    assert report(enable_jira=True, eligible=1).not_available == ()
    delivery(2, "suppressed", reason="Jira is disabled in its configuration")
    assert report().not_available == ("jira",)


def test_what_was_joined_awaits_release_is_paused_or_was_late_from_the_start_has_a_line_of_its_own() -> None:
    delivery(1, "joined")
    assert "🔁 Joined 1 incident to what was told before" in report(eligible=4, flood_cap=1_000).lines
    delivery(2, "joined")
    delivery(3, "pending")
    delivery(4, "dead")
    with write_session() as session:
        add_incident(session, "inc-1", awaiting_release=True)
        pause(session, "jira", reason="No permission.", actor=AT_A_PAGE, now=NIGHT)
        pause(session, "slack", reason="x", actor=AT_A_PAGE, now=NIGHT)
        late = add_ticket(session, "SOC-7", incident_id="inc-1")
        opened(session, late, at=NIGHT.replace(month=2), actor=AT_A_PAGE, known_at=NIGHT.replace(month=2))
    found = report()
    assert found.lines[2:7] == (
        "🔁 Joined 2 incidents to what was told before",
        "✋ 1 incident awaits release: 1,000 of a batch are told at once, the gravest first",
        "⏸️ Jira is paused: No permission. 1 waiting until it is mended",
        "❌ Jira: 1 not delivered (see Deliveries)",
        "⏱️ 1 ticket was breached at intake: counted apart, never escalated",
    )
    assert (dict(found.paused), found.intake, found.awaiting) == ({"jira": "No permission."}, 1, 1)
    assert [one.key for one in found.tickets] == ["SOC-7"]
    assert "2 incidents await release" in awaiting_line(
        BatchReport(found.batch, (), (), 0, 0, 0, 0, 0, awaiting=2)
    )


def test_an_account_is_balanced_where_every_eligible_one_is_in_one_place() -> None:
    places = ("delivered", "joined", "awaiting", "suppressed", "pending", "dead")
    for place in places:
        there = dict.fromkeys(places, 0) | {place: 2}
        assert ChannelAccount("jira", eligible=2, **there).balanced
        assert not ChannelAccount("jira", eligible=1, **there).balanced
    assert (spoken(KINDS["jira"]), spoken(KINDS["webhook"])) == ("JIRA", KINDS["webhook"].title)
