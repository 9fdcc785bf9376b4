"""Incidents as files: every column in its place for a spreadsheet, every name as other tools are promised it."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest

from soc.batches.reading.export import COLUMNS, export_incidents, export_stories
from soc.settings import get_settings
from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.incidents.incidents import IncidentFilter
from tests.rows import NIGHT, add_batch, add_incident


@pytest.fixture(autouse=True)
def _incidents() -> None:
    """Two of one batch, the graver one told of, and one of another batch."""
    migrate()
    step = {
        "title": "Login",
        "classification": "Security Alert",
        "score": 8,
        "count": 2,
        "rule": "r",
        "first": None,
    }
    with write_session() as session:
        add_batch(session, "other")
        add_incident(
            session,
            "inc-0",
            score=4,
            first_seen=NIGHT,
            last_seen=NIGHT + timedelta(hours=1),
            joined_to="inc-9",
        )
        add_incident(
            session, "inc-1", score=9, title="=cmd", classification="Security Alert", confidence=0.75, source="web-1",
            entity="203.0.113.7", count=12, status="in_progress", eligible=True, rule_id="sig-1", message="line",
            steps=[step], entities=[{"kind": "ip", "value": "203.0.113.7"}], awaiting_release=True,
        )  # fmt: skip
        add_incident(session, "inc-2", batch_id="other")


def test_a_spreadsheet_has_a_row_an_incident_gravest_first_under_the_names_of_its_columns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOC_PUBLIC_URL", "https://soc.example.com")
    get_settings.cache_clear()
    text = b"".join(export_incidents(IncidentFilter(batch_id="b"))).decode("utf-8-sig")
    first, second = csv.DictReader(io.StringIO(text))
    assert tuple(first) == COLUMNS
    address = first.pop("incident_url")
    assert address.startswith("https://soc.example.com/")
    assert "inc-1" in address
    assert list(first.values()) == [
        "inc-1", "critical", "9", "'=cmd", "Security Alert", "0.75", "web-1", "203.0.113.7", "12", "", "",
        "2026-01-14T22:00:00Z", "in_progress", "yes", "sig-1", "line", "b",
    ]  # fmt: skip
    assert (second["id"], second["met_a_rule"], second["first_seen"]) == ("inc-0", "", "2026-01-14T22:00:00Z")
    assert second["last_seen"] == "2026-01-14T23:00:00Z"


def test_a_batch_s_stories_are_a_document_a_line_with_the_promised_names(tmp_path: Path) -> None:
    target = tmp_path / "stories.jsonl"
    assert export_stories("b", target) == 2
    first, second = map(json.loads, target.read_text().splitlines())
    assert first == {
        "id": "inc-1", "title": "=cmd", "class": "Security Alert", "score": 9, "first": None, "last": None, "count": 12,
        "entities": [{"kind": "ip", "value": "203.0.113.7"}], "ticket": True, "joined": None, "awaiting_release": True,
        "steps": [{"title": "Login", "class": "Security Alert", "score": 8, "count": 2, "rule": "r", "first": None}],
    }  # fmt: skip
    assert (second["id"], second["first"], second["last"]) == (
        "inc-0",
        "2026-01-14T22:00:00Z",
        "2026-01-14T23:00:00Z",
    )
    assert (second["joined"], second["ticket"], second["awaiting_release"]) == ("inc-9", False, False)
    assert export_stories("none", tmp_path / "none.jsonl") == 0
    assert (tmp_path / "none.jsonl").read_text() == ""
    with pytest.raises(OSError):
        export_stories("b", tmp_path / "missing" / "stories.jsonl")
