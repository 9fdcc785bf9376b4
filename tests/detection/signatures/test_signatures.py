"""Every signature's own examples, and that both engines agree on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from soc.detection.judging.scanning import patterns, scan
from soc.detection.judging.vetoes import silence
from soc.detection.rulebook import build_ruleset
from soc.detection.signatures.files import read_signature_files

RULESET = build_ruleset()
ENTRIES = [entry for file in read_signature_files() for entry in file.signatures]


def block_of(lines: list[str]) -> tuple[bytes, scan.Ints, scan.Ints]:
    """The lines as one block: its bytes, and where each line starts and ends."""
    lengths = np.array([len(line.encode()) for line in lines], np.int64)
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths + 1)[:-1]))
    return ("\n".join(lines) + "\n").encode(), starts, starts + lengths


def found(lines: list[str], matches_of: object = None) -> list[set[str]]:
    """The ids of the signatures that match each line, vetoes applied."""
    matches = silence(RULESET, scan.find_matches(RULESET, *block_of(lines)))
    result: list[set[str]] = [set() for _ in lines]
    for line, pattern in zip(matches.line.tolist(), matches.pattern.tolist(), strict=True):
        if pattern < RULESET.first_context:
            result[line].add(RULESET.signatures[pattern].id)
    return result


@pytest.fixture(params=["hyperscan", "re2"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "re2":
        monkeypatch.setattr(patterns, "hyperscan", None)
    elif patterns.hyperscan is None:
        pytest.skip("no hyperscan on this machine")
    return str(request.param)


def test_each_signature_matches_its_positive_examples(engine: str) -> None:
    examples = [(entry.id, line) for entry in ENTRIES for line in entry.positives]
    missed = [
        (name, line)
        for (name, line), ids in zip(examples, found([line for _, line in examples]), strict=True)
        if name not in ids
    ]
    assert missed == []


def test_no_signature_matches_its_negative_examples(engine: str) -> None:
    examples = [(entry.id, line) for entry in ENTRIES for line in entry.negatives]
    wrong = [
        (name, line)
        for (name, line), ids in zip(examples, found([line for _, line in examples]), strict=True)
        if name in ids
    ]
    assert wrong == []


def test_the_two_engines_give_the_same_first_matches(monkeypatch: pytest.MonkeyPatch) -> None:
    if patterns.hyperscan is None:
        pytest.skip("no hyperscan on this machine")
    lines = [line for entry in ENTRIES for line in entry.positives]
    first = found(lines)
    monkeypatch.setattr(patterns, "hyperscan", None)
    assert found(lines) == first


def test_a_match_never_spans_two_lines() -> None:
    assert "auth.failed-password" not in found(["Failed", "password for root"])[0]


@pytest.mark.parametrize(
    "line", ["job ok=4 failed=0", "0 errors, no failures", "scan done: no malware found", '{"error": null}']
)
def test_words_that_say_nothing_happened_are_not_errors(line: str) -> None:
    assert not found([line])[0] & {
        "word.failed",
        "flow.failed",
        "level.error",
        "threat.malware",
        "threat.malware-found",
    }


def test_compiled_patterns_are_kept_and_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if patterns.hyperscan is None:
        pytest.skip("no hyperscan on this machine")
    monkeypatch.setattr(patterns, "_cache_dir", tmp_path / "cache")
    patterns.compiled_database.cache_clear()
    assert "threat.apt" in found(["Advanced persistent threat"])[0]
    patterns.compiled_database.cache_clear()
    assert "threat.apt" in found(["Advanced persistent threat"])[0]
    assert len(list((tmp_path / "cache").glob("*.hs"))) == 1
    patterns.compiled_database.cache_clear()


def test_context_words_and_vetoes_match_their_own_examples(engine: str) -> None:
    files = read_signature_files()
    entries = [entry for file in files for entry in (*file.context, *file.vetoes)]
    numbers = {entry.id: RULESET.first_context + number for number, entry in enumerate(entries)}
    wrong = []
    for entry in entries:
        lines = [*entry.positives, *entry.negatives]
        wanted = [True] * len(entry.positives) + [False] * len(entry.negatives)
        matches = scan.find_matches(RULESET, *block_of(lines))
        hit = set(matches.line[matches.pattern == numbers[entry.id]].tolist())
        wrong += [(entry.id, line) for n, line in enumerate(lines) if (n in hit) is not wanted[n]]
    assert wrong == []
