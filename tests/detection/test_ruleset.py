from __future__ import annotations

import os
import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from soc.detection.judging.scanning import patterns
from soc.detection.rulebook import build_ruleset, check_change
from soc.detection.ruleset import Ruleset, SessionWindow, Weights
from soc.errors import ConfigurationError

RULESET = build_ruleset()


def test_the_same_content_has_the_same_hash_also_in_another_process() -> None:
    assert build_ruleset().hash == RULESET.hash
    assert len(RULESET.hash) == 32
    travelled = pickle.loads(pickle.dumps(RULESET))
    assert (travelled, hash(travelled)) == (RULESET, hash(RULESET))


def test_whatever_changes_a_verdict_changes_the_hash() -> None:
    first = RULESET.signatures[0]
    others = [
        replace(RULESET, signatures=RULESET.signatures[1:]),
        replace(RULESET, signatures=(*RULESET.signatures[1:], first)),
        replace(RULESET, signatures=(replace(first, score=1), *RULESET.signatures[1:])),
        replace(RULESET, signatures=(replace(first, tags=("generic",)), *RULESET.signatures[1:])),
        replace(RULESET, context=()),
        replace(RULESET, vetoes=()),
        replace(RULESET, weights=Weights(support=0.03)),
        replace(RULESET, session_window=SessionWindow(min_score=4)),
        build_ruleset(window_minutes=59),
        build_ruleset(changes={"detector": {"scan.web": {"needed": 21}}}),
    ]
    assert len({RULESET.hash, *(other.hash for other in others)}) == len(others) + 1


def test_a_ruleset_is_small_enough_to_go_with_every_block() -> None:
    assert len(pickle.dumps(RULESET)) < 64_000


def test_a_changed_signature_keeps_its_place_among_equals() -> None:
    changed = build_ruleset(changes={"signature": {RULESET.signatures[5].id: {"confidence": 0.5}}})
    assert [s.id for s in changed.signatures] == [s.id for s in RULESET.signatures]
    assert changed.signatures[5].confidence == 0.5


def test_a_change_of_what_no_longer_exists_is_passed_over_and_said(caplog: pytest.LogCaptureFixture) -> None:
    changes = {"signature": {"gone.gone": {"score": 3}}, "detector": {"gone.too": {"score": 3}}}
    assert build_ruleset(changes=changes) == RULESET
    assert "gone.gone" in caplog.text
    assert "gone.too" in caplog.text


@pytest.mark.parametrize(
    ("subject", "name", "change", "said"),
    [
        ("signature", "gone.gone", {"score": 3}, "There is no signature gone.gone"),
        ("signature", "threat.apt", {"score": 0}, "signature threat.apt: score"),
        ("signature", "threat.apt", {"colour": "red"}, "signature threat.apt: colour"),
        ("detector", "gone.gone", {}, "There is no detector gone.gone"),
        ("detector", "scan.web", {"needed": 1}, "detector scan.web: needed"),
        ("veto", "veto.zero-after", {}, "A veto cannot be changed"),
    ],
)
def test_a_change_that_would_not_be_understood_is_refused_before_it_is_saved(
    subject: str, name: str, change: dict[str, object], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        check_change(subject, name, change)


def test_a_change_that_is_understood_is_let_through() -> None:
    check_change("signature", "threat.apt", {"enabled": False, "score": 10, "confidence": 0.1})
    check_change("detector", "scan.web", {"needed": 2, "window_minutes": 5})


def test_an_edited_file_counts_from_the_next_ruleset_on(tmp_path: Path) -> None:
    entry = "about: x\norder: 1\nsignatures:\n- id: made.up\n  title: Made up\n  class: Error\n  score: {}\n  confidence: 0.5\n  pattern: x\n  positives: [x]\n"
    path = tmp_path / "own.yaml"
    for score in (3, 4):
        path.write_text(entry.format(score))
        os.utime(path, (score, score))
        assert build_ruleset(folder=tmp_path).signatures[0].score == score


def test_only_other_patterns_are_compiled_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if patterns.hyperscan is None:
        pytest.skip("no hyperscan on this machine")
    monkeypatch.setattr(patterns, "_cache_dir", tmp_path)
    small = Ruleset(signatures=RULESET.signatures[:2])
    heavier = replace(small, signatures=tuple(replace(s, score=1) for s in small.signatures))
    fewer = Ruleset(signatures=RULESET.signatures[:1])
    for ruleset, files in ((small, 1), (heavier, 1), (fewer, 2)):
        patterns.compiled_database.cache_clear()
        patterns.compiled_database(ruleset.patterns())
        assert len(list(tmp_path.glob("*.hs"))) == files
    patterns.compiled_database.cache_clear()


def test_of_compiled_patterns_the_newest_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if patterns.hyperscan is None:
        pytest.skip("no hyperscan on this machine")
    monkeypatch.setattr(patterns, "_cache_dir", tmp_path)
    patterns.compiled_database.cache_clear()
    for word in "abcdefghij":
        patterns.compiled_database(((word, True),))
    assert len(list(tmp_path.glob("*.hs"))) == 8
    patterns.compiled_database.cache_clear()
