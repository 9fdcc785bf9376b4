"""Signatures that were compiled when an image was built are loaded, not compiled anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from soc.detection.judging.scanning import patterns
from soc.detection.rulebook import build_ruleset

hyperscan = pytest.importorskip("hyperscan")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> object:
    """A ruleset of two patterns: what is asked here does not depend on how many there are."""
    ruleset = build_ruleset()
    monkeypatch.setattr(type(ruleset), "patterns", lambda _self: (("fail(ed|ure)", True), ("denied", False)))
    patterns.compiled_database.cache_clear()
    yield ruleset
    patterns.compiled_database.cache_clear()


def test_what_was_compiled_ahead_is_used_on_a_machine_of_any_name(
    few: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not patterns.is_compiled(few, tmp_path / "ahead")  # type: ignore[arg-type]
    made = patterns.compile_ahead(few, tmp_path / "ahead")  # type: ignore[arg-type]
    assert patterns.is_compiled(few, made.parent)  # type: ignore[arg-type]
    made.parent.chmod(0o500)
    monkeypatch.setattr(patterns, "_cache_dir", made.parent)
    monkeypatch.setattr(patterns.platform, "node", lambda: "another-machine")
    monkeypatch.setattr(patterns, "_compile", lambda _patterns: pytest.fail("it was compiled anew"))
    assert patterns.compiled_database((("fail(ed|ure)", True), ("denied", False))) is not None
    assert [one.name for one in made.parent.iterdir()] == [made.name]


def test_what_cannot_be_loaded_is_compiled_anew(
    few: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patterns.compile_ahead(few, tmp_path).write_bytes(b"of another processor")  # type: ignore[arg-type]
    monkeypatch.setattr(patterns, "_cache_dir", tmp_path)
    assert patterns.compiled_database((("fail(ed|ure)", True), ("denied", False))) is not None
    assert len(list(tmp_path.glob("signatures-*.hs"))) == 1
