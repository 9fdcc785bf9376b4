"""A file to incidents, decisions and planned deliveries, and the guide's Python calls, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from soc.batches.intake import earlier_batches, keep_paste, keep_upload, submit_batch
from soc.batches.progress import read_progress
from soc.batches.report import build_report, export_batch_events
from soc.batches.run import run_batch
from soc.configuration.practice import connect_sandbox, stop_sandbox
from soc.configuration.save import disconnect, save_configuration
from soc.configuration.state import integration_state
from soc.configuration.test import test_configuration
from soc.domain.actor import AT_A_PAGE
from soc.domain.event import EVENT_COLUMNS
from soc.errors import ConfigurationError, LogParseError
from soc.integrations.vendors.jira import get_jira_manager
from soc.logs.layout import ReadOptions
from soc.processing import HighPerformanceLogProcessor
from soc.settings import get_settings
from soc.store.db import read_session
from soc.store.migrate import migrate
from soc.store.nouns.incidents.incidents import IncidentFilter, list_incidents
from soc.store.nouns.rules.decisions import list_decisions

check_configuration = test_configuration
del test_configuration  # pytest would take it for a test

GUIDE_LOGS = [
    ("SecuritySystem", "CRITICAL: Multiple failed root login attempts - potential breach"),
    ("NetworkFirewall", "SECURITY ALERT: Advanced persistent threat detected"),
]


@pytest.fixture(autouse=True)
def _store() -> None:
    migrate()


@pytest.fixture
def sandbox() -> Iterator[dict[str, Any]]:
    yield connect_sandbox(actor=AT_A_PAGE)
    stop_sandbox()


def _run(text: str, **options: bool) -> str:
    chosen = {"enable_jira": False, "enable_slack": False, **options}
    batch_id = submit_batch(
        [(keep_paste(text), ReadOptions())],
        idempotency_key=text[:40] + str(chosen),
        **chosen,
        actor=AT_A_PAGE,
    )
    run_batch(batch_id)
    return batch_id


NIGHT = (
    "source,message\n"
    + "\n".join(f"{source},{message}" for source, message in GUIDE_LOGS)
    + "\nApp,all is well\n"
)


def test_lines_in_are_parsed_plus_rejected_and_the_batch_says_so() -> None:
    report = build_report(_run(NIGHT))
    assert (report.batch.lines_in, report.batch.parsed, report.batch.rejected) == (3, 3, 0)
    assert report.lines[0] == "✅ Processed 3 logs successfully!"
    assert report.balanced


def test_the_guide_s_two_lines_are_security_alerts_of_nine_or_more() -> None:
    batch_id = _run(NIGHT)
    with read_session() as session:
        found = list_incidents(session, IncidentFilter(batch_id=batch_id, eligible=True))
    assert [(row.classification, row.score >= 9) for row in found] == [("Security Alert", True)] * 2


def test_every_rule_s_answer_is_recorded_with_its_why() -> None:
    batch_id = _run(NIGHT)
    with read_session() as session:
        incident = list_incidents(session, IncidentFilter(batch_id=batch_id))[0]
        decisions = list_decisions(session, incident.id)
    assert [(one.rule_id, one.matched) for one in decisions] == [
        ("severity-9", True), ("security-8", True), ("critical-8", False),
    ]  # fmt: skip
    assert "does not contain “Critical”" in decisions[2].explanation


def test_what_is_switched_off_is_suppressed_with_the_reason_and_still_adds_up() -> None:
    report = build_report(_run(NIGHT))
    assert report.suppressed == {
        "Jira was switched off for this batch": 2,
        "Slack was switched off for this batch": 2,
    }
    assert report.balanced


def test_a_channel_that_is_not_configured_is_suppressed_with_the_reason() -> None:
    report = build_report(_run(NIGHT, enable_jira=True))
    assert report.suppressed["Jira is not configured"] == 2


def test_running_the_same_batch_again_adds_nothing() -> None:
    batch_id = _run(NIGHT)
    assert run_batch(batch_id) == []
    with read_session() as session:
        assert len(list_incidents(session, IncidentFilter(batch_id=batch_id))) == 2


def test_submitting_twice_with_one_key_is_one_batch() -> None:
    upload = keep_paste("a line")
    ids = {
        submit_batch(
            [(upload, ReadOptions())],
            enable_jira=False,
            enable_slack=False,
            idempotency_key="click",
            actor=AT_A_PAGE,
        )
        for _ in range(2)
    }
    assert len(ids) == 1


def test_a_file_that_was_processed_before_is_recognised() -> None:
    batch_id = _run(NIGHT)
    assert earlier_batches(keep_paste(NIGHT)) == [batch_id]


def test_nothing_to_process_is_a_clear_error() -> None:
    with pytest.raises(LogParseError, match="no file"):
        submit_batch([], enable_jira=False, enable_slack=False, idempotency_key="x", actor=AT_A_PAGE)


def test_a_file_that_is_too_large_is_refused_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOC_MAX_UPLOAD_BYTES", "100")
    get_settings.cache_clear()
    with pytest.raises(LogParseError, match="larger than"):
        keep_upload("big.log", b"x" * 101)
    assert list((get_settings().data_dir / "uploads").iterdir()) == []


def test_a_bad_file_says_so_and_the_others_are_processed() -> None:
    uploads = [
        (keep_upload("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(5000)), ReadOptions()),
        (keep_paste(NIGHT), ReadOptions()),
    ]
    batch_id = submit_batch(
        uploads, enable_jira=False, enable_slack=False, idempotency_key="mixed", actor=AT_A_PAGE
    )
    run_batch(batch_id)
    photo, night = read_progress(batch_id).files
    assert photo.error
    assert (night.error, night.parsed) == ("", 3)


def test_the_export_has_the_documented_columns_and_a_row_a_line(tmp_path: Path) -> None:
    batch_id = _run(NIGHT)
    assert export_batch_events(batch_id, tmp_path / "events.parquet") == 3
    table = pl.read_parquet(tmp_path / "events.parquet")
    assert table.columns == [name for name, _ in EVENT_COLUMNS]
    assert table["incident_id"].drop_nulls().n_unique() == 2


def test_the_guide_s_processor_opens_a_ticket_and_an_alert_for_each_of_its_lines(
    sandbox: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert all(report.ok for report in sandbox.values())
    processor = HighPerformanceLogProcessor(
        max_workers=2, batch_size=10, use_database=False, enable_slack=True, enable_jira=True
    )
    result = processor.process_large_dataset(GUIDE_LOGS, store_in_db=False)
    processor.close()
    assert (result["jira_incidents_created"], result["slack_alerts_sent"], result["pending"]) == (2, 2, 0)
    printed = capsys.readouterr().out
    assert "🎫 Created 2 JIRA incidents" in printed
    assert "• SOC-1: [CRITICAL] Security Alert - " in printed


def test_the_guide_s_manager_answers_with_the_guide_s_keys(sandbox: dict[str, Any]) -> None:
    manager = get_jira_manager()
    assert manager.is_available()
    result = manager.test_connection()
    assert result["status"] == "success"
    assert result["server_info"]["server_title"]
    assert result["project_info"]["name"]
    assert len(result["permissions"]) > 0
    ticket = asyncio.run(manager.send_test_incident())
    assert ticket is not None
    assert ticket["ticket_url"].endswith(ticket["ticket_id"])
    assert ticket["priority"]
    assert [one["ticket_id"] for one in asyncio.run(manager.get_open_incidents())] == [ticket["ticket_id"]]
    assert asyncio.run(manager.get_sla_violations()) == []


def test_without_configuration_the_guide_s_manager_says_it_is_not_available() -> None:
    assert not get_jira_manager().is_available()


def test_a_saved_token_is_not_used_for_another_address(sandbox: dict[str, Any]) -> None:
    shown = integration_state("jira").masked
    shown["base_url"] = "https://elsewhere.example.com"
    with pytest.raises(ConfigurationError, match="Enter again: API token"):
        save_configuration("jira", shown, actor=AT_A_PAGE)


def test_a_mask_sent_back_means_unchanged(sandbox: dict[str, Any]) -> None:
    shown = integration_state("jira").masked
    assert "practice-jira-token" not in str(shown)
    save_configuration("jira", {**shown, "components": ["Security"]}, actor=AT_A_PAGE)
    assert check_configuration("jira", actor=AT_A_PAGE).ok


def test_practice_is_never_claimed_from_outside() -> None:
    save_configuration(
        "jira",
        {"base_url": "https://jira.example.com", "username": "a@b.c", "api_token": "t", "practice": True},
        actor=AT_A_PAGE,
    )
    assert not integration_state("jira").practice


def test_a_removed_integration_is_not_configured_any_more(sandbox: dict[str, Any]) -> None:
    disconnect("jira", actor=AT_A_PAGE)
    assert not integration_state("jira").configured


def test_a_muted_channel_is_suppressed_and_the_others_are_told(sandbox: dict[str, Any]) -> None:
    batch_id = submit_batch(
        [(keep_paste(NIGHT), ReadOptions())],
        enable_jira=False,
        enable_slack=False,
        idempotency_key="muted",
        muted=["pagerduty"],
        actor=AT_A_PAGE,
    )
    tries = run_batch(batch_id)
    report = build_report(batch_id)
    assert report.suppressed["PagerDuty was switched off for this batch"] == 2
    assert {one.queue for one in tries} == {"deliver-opsgenie", "deliver-stackstorm", "deliver-webhook"}
    assert report.balanced
