"""The campaign's own mutants: each is another program, and none is a change of words only."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("cosmic_ray")

from benchmarks.mutations.mutants import changes_of, make
from benchmarks.mutations.packages import PACKAGES, sources_of

ROOT = Path(__file__).parents[1]

SOURCE = '''
def least(values: list[int] | None, *, floor: int = 3) -> int | None:
    """Words."""
    if not values:
        raise ValueError("nothing")
    print(values)
    return min(values) + floor
'''


def mutants(tmp_path: Path) -> list[tuple[str, str]]:
    (tmp_path / "a.py").write_text(SOURCE)
    made = [make(change, tmp_path) for change in changes_of("a.py", tmp_path)]
    return [(mutant.operator, mutant.text) for mutant in made if mutant is not None]


def test_each_mutant_is_another_program(tmp_path: Path) -> None:
    texts = [text for _, text in mutants(tmp_path)]
    trees = {ast.dump(ast.parse(text)) for text in texts}
    assert ast.dump(ast.parse(SOURCE)) not in trees
    assert len(trees) > 10


def test_conditions_statements_numbers_and_answers_are_broken(tmp_path: Path) -> None:
    joined = "\n".join(text for _, text in mutants(tmp_path))
    for broken in ("if True:", "if False:", "if not not values", "return None", "min(values) - floor"):
        assert broken in joined
    assert 'raise ValueError("nothing")\n    pass\n' in joined


def test_annotations_are_left_alone(tmp_path: Path) -> None:
    assert all("list[int] | None" in text and "-> int | None" in text for _, text in mutants(tmp_path))


def test_a_default_beside_an_annotation_is_broken_all_the_same(tmp_path: Path) -> None:
    assert any("floor: int = 4" in text for _, text in mutants(tmp_path))


def test_who_calls_by_name_notices_no_marker_of_names(tmp_path: Path) -> None:
    assert all("| None, *, floor" in text for _, text in mutants(tmp_path))


def test_what_a_package_names_is_there() -> None:
    named = {name for package in PACKAGES.values() for name in (*package.sources, *package.tests)}
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_no_file_is_drawn_for_two_packages() -> None:
    drawn = Counter(path for package in PACKAGES.values() for path in sources_of(package, ROOT))
    assert [path for path, times in drawn.items() if times > 1] == []


def test_identity_in_place_of_equality_is_no_mutant(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def is_one(value):\n    return value == 1\n")
    texts = [made.text for change in changes_of("a.py", tmp_path) if (made := make(change, tmp_path))]
    assert any("value != 1" in text for text in texts)
    assert not any("value is 1" in text for text in texts)
