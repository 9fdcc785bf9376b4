"""The signatures' files: what is refused and how it is said, the order, and that logic names no signature."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from soc.detection.signatures.files import SignatureFile, read_signature_files
from soc.errors import ConfigurationError

SOC = Path(__file__).resolve().parents[2] / "soc"

ENTRY = """about: Made up
order: 5
signatures:
- id: made.up
  title: Made up
  class: Security Alert
  score: 7
  confidence: 0.9
  pattern: 'made up'
  positives: ['it is made up']
"""


def read(folder: Path, text: str, name: str = "own.yaml") -> tuple[SignatureFile, ...]:
    (folder / name).write_text(text)
    return read_signature_files(folder)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(ConfigurationError) as refused:
        read(folder, text)
    return str(refused.value)


def test_one_entry_is_a_whole_signature(tmp_path: Path) -> None:
    (file,) = read(tmp_path, ENTRY)
    signature = file.signatures[0].built()
    assert (signature.id, signature.score, signature.pattern) == ("made.up", 7, "made up")
    assert signature.caseless
    assert signature.attack == signature.tags == ()


def test_a_pattern_anchored_to_words_begins_and_ends_at_a_words_edge(tmp_path: Path) -> None:
    (file,) = read(tmp_path, ENTRY + "  anchors: words\n  case: exact\n")
    signature = file.signatures[0].built()
    assert signature.pattern == r"\b(?:made up)\b"
    assert not signature.caseless


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("score: 7", "score: 11"), "own.yaml: made.up: score: Input should be less than or equal to 10"),
        (("score: 7", "score: 0"), "own.yaml: made.up: score: Input should be greater than or equal to 1"),
        (("confidence: 0.9", "confidence: 1"), "own.yaml: made.up: confidence: Input should be less than 1"),
        (("  title: Made up\n", ""), "own.yaml: made.up: title: Field required"),
        (("  pattern", "  patern"), "own.yaml: made.up: pattern: Field required"),
        (("  score", "  colour: red\n  score"), "own.yaml: made.up: colour: Extra inputs are not permitted"),
        (("Security Alert", "Alarm"), "own.yaml: made.up: class: Input should be 'Security Alert'"),
        (("['it is made up']", "[]"), "own.yaml: made.up: positives: Tuple should have at least 1 item"),
        (("id: made.up", "id: Made Up"), "own.yaml: Made Up: id: String should match"),
        (("- id: made.up\n  title", "- title"), "own.yaml: signatures, entry 1: id: Field required"),
        (("order: 5", "order: [5"), "own.yaml is not YAML"),
    ],
)
def test_what_is_not_understood_is_refused_by_file_and_entry(
    change: tuple[str, str], said: str, tmp_path: Path
) -> None:
    assert change[0] in ENTRY
    assert said in refusal(tmp_path, ENTRY.replace(*change))


def test_yaml_makes_values_never_objects(tmp_path: Path) -> None:
    assert "not YAML" in refusal(tmp_path, "about: !!python/object/apply:os.getcwd []\norder: 1\n")


def test_an_id_is_given_once_over_all_files(tmp_path: Path) -> None:
    (tmp_path / "another.yaml").write_text(ENTRY)
    assert "own.yaml: made.up: the id is taken in another.yaml" in refusal(tmp_path, ENTRY)


def test_files_come_in_their_declared_order(tmp_path: Path) -> None:
    (tmp_path / "zero.yaml").write_text("about: First\norder: 1\n")
    assert [file.name for file in read(tmp_path, ENTRY)] == ["zero.yaml", "own.yaml"]


def test_no_logic_names_a_signature_by_its_id() -> None:
    ids = {entry.id for file in read_signature_files() for entry in file.signatures}
    known = ids | {name.partition(".")[0] + "." for name in ids}
    named = [
        (path.relative_to(SOC).as_posix(), node.value)
        for path in sorted(SOC.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value in known
    ]
    assert len(ids) > 90
    assert named == []
