"""The campaign's own mutants: each is another program, and none is a change of words only."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("cosmic_ray")

from benchmarks.mutations.guards import Record, guards_of
from benchmarks.mutations.mutants import Mutant, changes_of, make
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


def made_of(source: str, tmp_path: Path) -> str:
    """All mutants of a program, one after the other."""
    (tmp_path / "a.py").write_text(source)
    found = [make(change, tmp_path) for change in changes_of("a.py", tmp_path)]
    return "\n".join(mutant.text for mutant in found if mutant is not None)


QUIET = {
    "a cache changes speed alone": "@lru_cache(maxsize=4)\ndef one():\n    pass\n",
    "a declared field's examples are words": "a = Field(examples=[3], description='3' + '4')\n",
    "another body takes an overload's place": "@overload\ndef one(a): ...\ndef one(a):\n    pass\n",
    "a protocol is for the type checker": "class A(Protocol):\n    @property\n    def one(self) -> int: ...\n",
    "types' imports do not run": "if TYPE_CHECKING:\n    import a\n",
    "an assertion of lists that match": "a = dict(zip(b, c, strict=True))\n",
    "nothing comes to what mypy calls unreachable": "def one(a):\n    assert_never(a)\n",
    "names for `import *`": "__all__ = ['a'] + ['b']\n",
    "nobody prints a cache": "class A:\n    _kept: dict[str, int] = field(repr=False)\n",
}  # fmt: skip
#: The same shapes, where somebody could notice: (program, what stands in one of its mutants).
NOTICED = {
    "a printed secret": ("class A:\n    secret: str = field(repr=False)\n", "repr=True"),
    "an order by declared fields": ("@dataclass(order=True)\nclass One:\n    a: int\n", "order=False"),
    "a limit beside a type": ("class A(Model):\n    a: Annotated[int, Field(ge=1)]\n", "ge= 2"),
    "a limit of a declared field": ("a = Field(ge=1, examples=[3])\n", "ge= 2"),
    "a list that is looked for in": ("a = os.path | other\n", "os.path + other"),
    "flags of which one must not be set": ("a = os.O_CREAT | os.O_EXCL\n", "os.O_CREAT & os.O_EXCL"),
    "an event in the log": ("log.info('asked', tries=3)\n", "pass"),
    "a decorator that does something": (
        "@contextmanager\ndef one():\n    yield\n",
        "def one():\n    yield\n",
    ),
}


@pytest.mark.parametrize("why", QUIET)
def test_what_nobody_can_notice_is_no_mutant(why: str, tmp_path: Path) -> None:
    assert made_of(QUIET[why], tmp_path) == ""


def test_mypy_holds_a_frozen_value(tmp_path: Path) -> None:
    source = "@dataclass(frozen=True, slots=True, kw_only=True)\nclass One:\n    a: int\n"
    assert made_of(source, tmp_path) == source.split("\n", 1)[1]  # without the decorator it is another class


@pytest.mark.parametrize("what", NOTICED)
def test_what_somebody_can_notice_is_one(what: str, tmp_path: Path) -> None:
    source, broken = NOTICED[what]
    assert broken in made_of(source, tmp_path)


def test_flags_are_bits_of_their_own(tmp_path: Path) -> None:
    joined = made_of("a = os.O_CREAT | os.O_WRONLY | os.O_EXCL\n", tmp_path)
    assert "O_CREAT & os" in joined
    assert not any(f"os.O_CREAT {sign} os" in joined or f"os.O_WRONLY {sign} os" in joined for sign in "+^")


def test_a_decorator_is_broken_in_its_own_line(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("a = 1\n\n\n@contextmanager\ndef one():\n    yield\n")
    made = [make(change, tmp_path) for change in changes_of("a.py", tmp_path)]
    assert [one.line for one in made if one and one.operator == "RemoveDecorator"] == [4]


def test_a_number_of_a_module_is_guarded_by_whoever_names_it() -> None:
    mutant = Mutant("soc/access/keys.py", "NumberReplacer", 27, "", "")
    names = "tests/test_limits.py::test_a_limit", "tests/test_house.py::test_else"
    known = Record(dict.fromkeys(names, 1.0), {"soc/access/keys.py": {}})
    assert guards_of(mutant, known, ["tests/access"]) == [names[0]]
    assert guards_of(mutant, Record(known.seconds, {mutant.path: {names[1]: [27]}}), []) == [names[1]]
