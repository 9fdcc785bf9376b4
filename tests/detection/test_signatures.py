"""Every signature's own examples, and that both engines agree on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from soc.detection import scan
from soc.detection.signatures import CONTEXT, SIGNATURES, VETOES
from soc.detection.verdict import silence

NUMBERS = {signature.id: number for number, signature in enumerate(SIGNATURES)}


def found(lines: list[str], matches_of: object = None) -> list[set[str]]:
    """The ids of the signatures that match each line, vetoes applied."""
    data = ("\n".join(lines) + "\n").encode()
    lengths = np.array([len(line.encode()) for line in lines], np.int64)
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths + 1)[:-1]))
    matches = silence(scan.find_matches(data, starts, starts + lengths))
    result: list[set[str]] = [set() for _ in lines]
    for line, pattern in zip(matches.line.tolist(), matches.pattern.tolist(), strict=True):
        if pattern < scan.FIRST_CONTEXT:
            result[line].add(SIGNATURES[pattern].id)
    return result


@pytest.fixture(params=["hyperscan", "re2"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "re2":
        monkeypatch.setattr(scan, "hyperscan", None)
    elif scan.hyperscan is None:
        pytest.skip("no hyperscan on this machine")
    return str(request.param)


def test_each_signature_matches_its_positive_examples(engine: str) -> None:
    examples = [(signature.id, line) for signature in SIGNATURES for line in signature.positive]
    missed = [
        (name, line)
        for (name, line), ids in zip(examples, found([line for _, line in examples]), strict=True)
        if name not in ids
    ]
    assert missed == []


def test_no_signature_matches_its_negative_examples(engine: str) -> None:
    examples = [(signature.id, line) for signature in SIGNATURES for line in signature.negative]
    wrong = [
        (name, line)
        for (name, line), ids in zip(examples, found([line for _, line in examples]), strict=True)
        if name in ids
    ]
    assert wrong == []


def test_ids_are_unique_and_every_signature_has_examples_and_sane_weights() -> None:
    ids = [*NUMBERS, *(word.id for word in CONTEXT), *(veto.id for veto in VETOES)]
    assert len(set(ids)) == len(SIGNATURES) + len(CONTEXT) + len(VETOES)
    for signature in SIGNATURES:
        assert signature.positive, signature.id
        assert 1 <= signature.score <= 10, signature.id
        assert 0 < signature.confidence < 1, signature.id


def test_the_two_engines_give_the_same_first_matches(monkeypatch: pytest.MonkeyPatch) -> None:
    if scan.hyperscan is None:
        pytest.skip("no hyperscan on this machine")
    lines = [line for signature in SIGNATURES for line in signature.positive]
    first = found(lines)
    monkeypatch.setattr(scan, "hyperscan", None)
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
    if scan.hyperscan is None:
        pytest.skip("no hyperscan on this machine")
    monkeypatch.setattr(scan, "_cache_dir", tmp_path / "cache")
    scan._database.cache_clear()
    assert "threat.apt" in found(["Advanced persistent threat"])[0]
    scan._database.cache_clear()
    assert "threat.apt" in found(["Advanced persistent threat"])[0]
    assert len(list((tmp_path / "cache").glob("*.hs"))) == 1
    scan._database.cache_clear()
