"""Matches of a block: by line, the same by both engines; what is kept of them, and what is silenced."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soc.detection.judging.scanning import patterns
from soc.detection.judging.scanning.patterns import use_cache
from soc.detection.judging.scanning.scan import Matches, find_matches
from soc.detection.judging.verdict import judge
from soc.detection.judging.vetoes import silence
from soc.detection.ruleset import Ruleset
from soc.detection.signatures.declaration import GENERIC, ContextWord, Signature, Veto
from soc.domain.classification import Classification
from soc.logs.text.loaded import LINE_CAP

ALERT, ACTION = Classification.SECURITY_ALERT, Classification.USER_ACTION


def signature(
    name: str, pattern: str, score: int = 5, *tags: str, kind: Classification = ALERT, caseless: bool = True
) -> Signature:
    return Signature(name, name, kind, score, 0.5, pattern, (), tags, caseless)


RULES = Ruleset(
    signatures=(signature("s0", "ab", 5, GENERIC), signature("s1", "ca?b", 7), signature("s2", "C", 5, kind=ACTION, caseless=False)),
    context=(ContextWord("w0", "w0", "d", 2, "k", (ALERT,)),),
    vetoes=(Veto("v0", "v0", "ab=0"),),
)  # fmt: skip
PATTERNS = [re.compile(pattern, 0 if cased else re.I) for pattern, cased in
            (("ab", False), ("ca?b", False), ("C", True), ("d", False), ("ab=0", False))]  # fmt: skip
LINES = st.lists(st.text(alphabet="aAbBcCd=0 ", max_size=9), min_size=1, max_size=8)


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "_cache_dir", patterns._cache_dir)


def spans(lines: list[str]) -> tuple[bytes, np.ndarray, np.ndarray]:
    lengths = np.array([len(line.encode()) for line in lines], np.int64)
    starts = np.cumsum(lengths + 1) - lengths - 1
    return "\n".join(lines).encode() + b"\n", starts, starts + lengths


def rows(found: Matches) -> list[tuple[int, ...]]:
    columns = (found.line, found.pattern, found.start, found.end)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def expected(lines: list[str]) -> list[tuple[int, ...]]:
    """The first match of each pattern in each line; of a veto all."""
    found: list[tuple[int, ...]] = []
    for row, line in enumerate(lines):
        for number, pattern in enumerate(PATTERNS):
            matches = [(row, number, *match.span()) for match in pattern.finditer(line)]
            found += matches if number >= RULES.first_veto else matches[:1]
    return found


@given(lines=LINES, by_re2=st.booleans())
@settings(max_examples=150, deadline=None)
def test_matches_are_those_of_a_search_line_by_line(lines: list[str], by_re2: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if by_re2:
            patch.setattr(patterns, "hyperscan", None)
        assert rows(find_matches(RULES, *spans(lines))) == expected(lines)


@given(lines=LINES)
@settings(max_examples=150, deadline=None)
def test_a_veto_silences_generic_matches_that_it_overlaps_and_the_strongest_of_the_rest_decides(
    lines: list[str],
) -> None:
    kept = silence(RULES, find_matches(RULES, *spans(lines)))
    every = expected(lines)
    vetoes = [one for one in every if one[1] == 4]
    wanted = [
        one for one in every
        if one[1] != 4 and not (one[1] == 0 and any(v[0] == one[0] and v[2] < one[3] and one[2] < v[3] for v in vetoes))
    ]  # fmt: skip
    assert rows(kept) == wanted
    verdicts = judge(RULES, kept, len(lines))
    for row in range(len(lines)):
        mine = {one[1]: one for one in wanted if one[0] == row}
        rule = next((number for number in (1, 0, 2) if number in mine), -1)
        assert verdicts.rule[row] == rule
        evidence = (int(verdicts.evidence_start[row]), int(verdicts.evidence_end[row]))
        assert evidence == (mine[rule][2:] if rule >= 0 else (-1, -1))
        base = {1: 7, 0: 5, 2: 5, -1: 1}[rule]
        assert verdicts.score[row] == base + (2 if rule in (0, 1) and 3 in mine else 0)
        sure = 0.0 if rule < 0 else 0.52 if rule in (0, 1) and {0, 1} <= set(mine) else 0.5
        assert verdicts.confidence[row] == sure


def test_what_lies_beyond_the_cap_of_a_line_or_over_its_end_is_no_match() -> None:
    line = "x" * (LINE_CAP - 2) + "ab"
    assert rows(find_matches(RULES, *spans([line]))) == [(0, 0, LINE_CAP - 2, LINE_CAP)]
    assert rows(find_matches(RULES, *spans(["x" + line]))) == []
    data, starts, ends = spans(["ab"])
    assert rows(find_matches(RULES, data, starts, ends - 1)) == []
    assert rows(find_matches(RULES, data, starts + 1, ends)) == []
    assert rows(find_matches(RULES, data, starts[:0], ends[:0])) == []
    assert rows(find_matches(Ruleset(signatures=()), data, starts, ends)) == []


def test_compiled_patterns_are_kept_and_a_broken_file_is_made_anew(tmp_path: Path) -> None:
    if getattr(patterns, "hyperscan", None) is None:
        pytest.skip("this machine has no Hyperscan")
    use_cache(tmp_path / "cache")
    patterns.compiled_database.cache_clear()
    lines = spans(["ab"])
    assert rows(find_matches(RULES, *lines)) == [(0, 0, 0, 2)]
    (kept,) = (tmp_path / "cache").glob("signatures-*.hs")
    assert len(list((tmp_path / "cache").iterdir())) == 2  # and the lock
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    kept.write_bytes(b"broken")
    patterns.compiled_database.cache_clear()
    assert rows(find_matches(RULES, *lines)) == [(0, 0, 0, 2)]
    assert kept.stat().st_size > 100
    before = kept.stat().st_mtime_ns
    patterns.compiled_database.cache_clear()
    assert rows(find_matches(RULES, *lines)) == [(0, 0, 0, 2)]
    assert kept.stat().st_mtime_ns == before
    patterns.compiled_database.cache_clear()


def test_of_compiled_patterns_the_eight_newest_are_kept(tmp_path: Path) -> None:
    for number in range(11):
        path = tmp_path / f"signatures-{number}.hs"
        path.touch()
        os.utime(path, (number * 7 % 11, number * 7 % 11))
    (tmp_path / "other.hs").touch()
    patterns._forget_oldest(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"other.hs", *(f"signatures-{number}.hs" for number in range(11) if number * 7 % 11 >= 3)}
