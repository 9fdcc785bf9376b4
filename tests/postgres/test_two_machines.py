"""Two machines that share a database and a bucket, and no disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from soc.analysis import read_events
from soc.batches.intake import keep_local, keep_paste, submit_batch
from soc.batches.progress import read_progress
from soc.batches.reading.folders import events_of
from soc.batches.report import build_report, export_batch_events
from soc.domain.actor import AT_A_PAGE
from soc.logs.layout import ReadOptions
from soc.settings import ROOT, get_settings
from soc.store.db import read_session
from soc.store.migrate import migrate
from soc.store.nouns.incidents.incidents import IncidentFilter, list_incidents
from tests.waiting import wait_for

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]

PASTED = "Jan 15 10:30:00 web-1 kernel: CRITICAL: Multiple failed root login attempts - potential breach\n"


def test_what_is_uploaded_here_is_read_there_and_its_lines_are_shown_here(
    database: str, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOC_SECRET_KEY", "k" * 43 + "=")
    get_settings.cache_clear()
    here, there = get_settings().data_dir, tmp_path / "other-machine"
    migrate()
    log = tmp_path / "night.csv"
    log.write_text(
        "source,message\nNetworkFirewall,SECURITY ALERT: Advanced persistent threat detected\n" * 40
    )
    uploads = [(keep_local(log), ReadOptions()), (keep_paste(PASTED), ReadOptions())]
    batch = submit_batch(
        uploads, enable_jira=False, enable_slack=False, idempotency_key="two-machines", actor=AT_A_PAGE
    )
    log.unlink()
    environment = {**os.environ, "SOC_DATA_DIR": str(there)}
    worker = subprocess.Popen([sys.executable, "-m", "soc", "worker"], cwd=ROOT, env=environment)
    try:
        wait_for(lambda: read_progress(batch).batch.finished_at, seconds=120, what="the other machine's run")
    finally:
        worker.terminate()
        worker.wait(timeout=30)
    report = build_report(batch)
    assert (report.batch.state, report.batch.lines_in, report.batch.error) == (
        "finished",
        report.batch.parsed,
        "",
    )
    with read_session() as session:
        found = list_incidents(session, IncidentFilter(batch_id=batch))
    lines = read_events(events_of(batch), incident_id=found[0].id)
    assert len(lines) == found[0].count
    assert export_batch_events(batch, tmp_path / "events.parquet") == report.batch.lines_in
    assert len(pl.read_parquet(tmp_path / "events.parquet")) == report.batch.lines_in
    assert not (here / "uploads").exists()
    assert not list((there / "scratch").iterdir()), "what a run fetched goes when it ends"
