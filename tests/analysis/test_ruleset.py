"""The ruleset is handed to whatever judges: nothing is decided when the code is imported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from soc.analysis import Analysis, analyse_files
from soc.analysis import analyse as analyse_module
from soc.batches.ruleset import ruleset_in_force
from soc.detection.rulebook import build_ruleset
from soc.detection.ruleset import Ruleset
from soc.domain.actor import AT_A_PAGE
from soc.errors import ConfigurationError
from soc.logs.layout import SourceFile
from soc.settings import Settings
from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.rules.ruleset_changes import save_ruleset_change

OFF = build_ruleset(changes={"signature": {"threat.apt": {"enabled": False}}})
LOWER = build_ruleset(changes={"signature": {"threat.apt": {"score": 6, "confidence": 0.5}}})

Run = Callable[[Ruleset | None], Analysis]


@pytest.fixture
def run(tmp_path: Path, settings: Settings) -> Run:
    path = tmp_path / "a.log"
    path.write_text("2026-03-01T02:00:00Z gateway Advanced persistent threat detected\n" * 3)

    def analysed(ruleset: Ruleset | None) -> Analysis:
        return analyse_files(
            [SourceFile("a.log", path)], batch_id="bat-1", out_dir=tmp_path / "o", settings=settings, ruleset=ruleset
        )  # fmt: skip

    return analysed


def test_two_analyses_in_one_process_may_judge_differently(run: Run) -> None:
    as_shipped, off, lower = run(None), run(OFF), run(LOWER)
    assert [(found.rule_id, found.score) for found in as_shipped.incidents] == [("threat.apt", 9)]
    assert off.incidents == ()
    assert [(found.score, found.confidence) for found in lower.incidents] == [(6, 0.5)]
    assert [done.ruleset for done in (off, lower)] == [OFF.hash, LOWER.hash]


def test_the_pool_s_processes_judge_by_the_ruleset_that_they_are_handed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analyse_module, "INLINE_BYTES", 0)
    assert [found.score for found in run(None).incidents] == [9]
    assert [found.score for found in run(LOWER).incidents] == [6]
    assert run(OFF).incidents == ()


def test_a_ruleset_without_any_signature_still_reads_the_lines(run: Run) -> None:
    done = run(Ruleset(signatures=()))
    assert (done.parsed, done.incidents) == (3, ())
    assert done.by_class == {"Unclassified": 3}


def test_a_whole_signature_can_be_tried_without_a_file(run: Run) -> None:
    entry = {
        "id": "made.up", "title": "Made up", "class": "Error", "score": 10, "confidence": 0.8,
        "pattern": "gateway", "positives": ["gateway"],
    }  # fmt: skip
    done = run(build_ruleset(changes={"signature": {"made.up": {"entry": entry}}}))
    [found] = done.incidents
    assert (found.rule_id, found.score) == ("made.up", 10)
    assert found.title.startswith("Made up in a: “gateway")


def change(subject: str, name: str, **values: object) -> None:
    with write_session() as session:
        save_ruleset_change(
            session, subject, name, values, actor=AT_A_PAGE, now=datetime(2026, 1, 14, tzinfo=UTC)
        )


def test_the_ruleset_in_force_follows_the_store_at_once(settings: Settings) -> None:
    migrate()
    before = ruleset_in_force(settings)
    change("signature", "threat.apt", enabled=False)
    change("detector", "scan.ports", enabled=False)
    change("detector", "scan.web", needed=3)
    after = ruleset_in_force(settings)
    assert before.hash != after.hash
    assert {s.id for s in before.signatures} - {s.id for s in after.signatures} == {"threat.apt"}
    assert {one.id for one in before.detectors} - {one.id for one in after.detectors} == {"scan.ports"}
    assert {one.id: dict(one.settings) for one in after.detectors}["scan.web"]["needed"] == 3


def test_a_stored_change_that_is_not_understood_is_said_by_name(settings: Settings) -> None:
    migrate()
    change("signature", "threat.apt", score=11)
    with pytest.raises(ConfigurationError, match=r"signature threat\.apt: score"):
        ruleset_in_force(settings)
