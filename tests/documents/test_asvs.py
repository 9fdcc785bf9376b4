"""The map of OWASP's standard names tests that exist, and each of its lines has one, a reason, or a page."""

from __future__ import annotations

import re

from tests.documents.blocks import ROOT

PAGE = (ROOT / "docs" / "asvs.md").read_text()


def _rows() -> list[tuple[str, str]]:
    cells = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| ")]
    return [(row[0], row[1]) for row in cells if row[0] != "line"]


def test_every_test_that_the_map_names_exists() -> None:
    missing, file = [], ""
    for path, name in re.findall(r"`(tests/[\w/]+\.py|…)::(test_\w+)`", PAGE):
        file = file if path == "…" else path
        text = (ROOT / file).read_text() if (ROOT / file).is_file() else ""
        if f"def {name}(" not in text:
            missing.append(f"{file}::{name}")
    assert missing == []


def test_every_line_of_the_map_has_a_test_a_reason_or_a_page() -> None:
    bare = [
        line for line, held in _rows() if "`" not in held and "*not met*" not in held and "](" not in held
    ]
    assert bare == []
    assert len(_rows()) > 70


def test_what_is_not_met_says_why() -> None:
    short = [line for line, held in _rows() if held.strip() == "*not met*" and not line.strip()]
    assert short == []
