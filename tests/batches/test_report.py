"""The display and the accounts of a batch: every number is the right one, and one is not many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from soc.batches.report import BatchReport, ChannelAccount, build_report
from soc.store.db import write_session
from soc.store.migrate import migrate
from tests.rows import add_batch, add_delivery, add_incident, add_ticket


def _report(told: Sequence[tuple[str, str, str]] = (), *, tickets: int = 0, **values: Any) -> BatchReport:
    """`told`: integration, action and state of each delivery."""
    migrate()
    with write_session() as session:
        add_batch(session, "b", **{"lines_in": 3, "parsed": 3, **values})
        add_batch(session, "other")
        add_delivery(session, "dlv-other", batch_id="other", state="dead")
        for number, (integration, action, state) in enumerate(told):
            add_delivery(
                session, f"dlv-{number}", batch_id="b", integration=integration, action=action, state=state,
                reason="off" if state == "suppressed" else "client",
            )  # fmt: skip
        for number in range(1, tickets + 1):
            add_incident(session, f"inc-{number}", title=f"Title {number}", classification="Error", score=9)
            add_ticket(session, f"SOC-{number}", incident_id=f"inc-{number}")
    return build_report("b")


def _jira(*states: str) -> list[tuple[str, str, str]]:
    return [("jira", "open_ticket", state) for state in states]


def _slack(*states: str, action: str = "send_alert") -> list[tuple[str, str, str]]:
    return [("slack", action, state) for state in states]


def test_an_account_has_each_state_in_its_place() -> None:
    moving = ("pending", "sending", "retry", "unknown")
    report = _report(
        _jira("delivered", "joined", "awaiting", "suppressed", "cancelled", "dead", "dead", *moving),
        eligible=11,
    )
    [account] = [one for one in report.accounts if one.channel == "jira"]
    assert account == ChannelAccount(
        "jira", eligible=11, delivered=1, joined=1, awaiting=1, suppressed=2, pending=4, dead=2
    )
    assert (account.balanced, report.pending, report.dead) == (True, 4, 2)
    assert report.suppressed == {"off": 1}


@pytest.mark.parametrize("values", [{"eligible": 1}, {"rejected": 1}, {"parsed": 2}])
def test_what_does_not_add_up_is_not_balanced(values: dict[str, int]) -> None:
    assert not _report(**values).balanced


def test_lines_in_are_parsed_and_rejected() -> None:
    assert _report(parsed=1, rejected=2).balanced


def test_the_display_counts_one_as_one() -> None:
    told = [*_slack("delivered"), *_slack("delivered", action="send_summary"), *_jira("delivered")]
    report = _report(told, tickets=1, rejected=1, enable_jira=True, enable_slack=True)
    assert report.lines == (
        "✅ Processed 3 logs successfully!",
        "⚠️ 1 line was not understood and kept as rejected",
        "",
        "📤 Sent 1 critical alert to Slack",
        "🎫 Created 1 JIRA incident",
        "📊 1 Batch summary sent to Slack",
        "",
        "JIRA Incidents Created:",
        "• SOC-1: [CRITICAL] Error - Title 1",
    )
    assert (report.alerts_sent, report.tickets_created, report.summaries_sent) == (1, 1, 1)


def test_the_display_counts_many_as_many_and_says_what_is_not_there_yet() -> None:
    told = [*_slack("delivered", "delivered", "pending"), *_jira("dead", "retry", "unknown")]
    report = _report(told, tickets=2, rejected=2, enable_jira=True, enable_slack=True)
    assert report.lines[1:9] == (
        "⚠️ 2 lines were not understood and kept as rejected",
        "",
        "📤 Sent 2 critical alerts to Slack",
        "🎫 Created 2 JIRA incidents",
        "📊 0 Batch summaries sent to Slack",
        "⏳ Slack: 1 still to be delivered",
        "⏳ Jira: 2 still to be delivered",
        "❌ Jira: 1 not delivered (see Deliveries)",
    )


def test_what_was_switched_off_is_not_on_the_display() -> None:
    assert _report().lines == ("✅ Processed 3 logs successfully!", "")
    assert _report_of_jira_alone()[1:] == ("", "❌ JIRA integration not available")


def _report_of_jira_alone() -> tuple[str, ...]:
    with write_session() as session:
        add_batch(session, "jira-alone", enable_jira=True)
    return build_report("jira-alone").lines


def test_alerts_are_those_of_the_channel_with_a_switch_and_no_other_s() -> None:
    report = _report([("webhook", "send_alert", "delivered"), *_slack("delivered", action="update_alert")])
    assert (report.alerts_sent, report.summaries_sent) == (0, 0)
    assert [(one.channel, one.delivered) for one in report.accounts] == [
        ("slack", 0),
        ("jira", 0),
        ("webhook", 1),
    ]


def test_before_its_end_the_display_is_one_line() -> None:
    assert _report(state="running", lines_done=12_345).lines == ("⏳ 12,345 lines so far",)


def test_a_failed_batch_says_why_and_nothing_else() -> None:
    assert _report(_jira("dead"), state="failed", error="The disk is full.").lines == (
        "❌ Processing failed: The disk is full.",
    )
