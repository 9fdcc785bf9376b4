"""The declared signatures and detectors as tables, and that the documentation's pages hold them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from soc.detection import listing
from soc.detection.detectors import all_detectors
from soc.detection.signatures.files import read_signature_files
from soc.settings import ROOT


@pytest.mark.parametrize(
    ("write", "page"),
    [
        (listing.list_signatures, "signatures.md"), (listing.list_context, "signatures.md"),
        (listing.list_vetoes, "signatures.md"), (listing.list_tags, "signatures.md"),
        (listing.list_detectors, "detectors.md"), (listing.list_settings, "detectors.md"),
    ],
)  # fmt: skip
def test_the_pages_hold_what_is_declared(write: Callable[[], str], page: str) -> None:
    assert write() in (ROOT / "docs" / page).read_text()


def test_a_table_is_a_head_a_rule_and_a_row_each_and_an_empty_cell_is_a_blank() -> None:
    lines = listing.list_context().splitlines()
    words = [entry for file in read_signature_files() for entry in file.context]
    assert lines[:2] == [
        "| id | what it says | weight | kind | classes | for example |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    assert [line.split(" | ")[0] for line in lines[2:]] == [f"| `{word.id}`" for word in words]
    assert [line.split(" | ")[2] for line in lines[2:]] == [f"{word.weight:+d}" for word in words]
    assert listing._table(("a",), [("",), ("x",)]) == "| a |\n| --- |\n|   |\n| x |"


def test_every_signature_veto_tag_and_setting_has_its_row() -> None:
    files = read_signature_files()
    ids = [one.id for file in files for one in file.signatures]
    vetoes = [one.id for file in files for one in file.vetoes]
    asked = [tag for detector in all_detectors() for tag in detector.asks]
    named = [name for detector in all_detectors() for name in detector.Settings.model_fields]
    assert _firsts(listing.list_signatures()) == ids
    assert _firsts(listing.list_vetoes()) == vetoes
    assert _firsts(listing.list_tags())[-len(asked) :] == asked
    assert _firsts(listing.list_detectors()) == [detector.id for detector in all_detectors()]
    assert _firsts(listing.list_settings()) == named


def _firsts(tables: str) -> list[str]:
    return [line.split("`")[1] for line in tables.splitlines() if line.startswith("| `")]
