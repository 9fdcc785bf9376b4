"""The code blocks of our pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", "data/samples/README.md", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")))  # fmt: skip


@dataclass(frozen=True)
class Block:
    """One block. `language` is what stands behind the fence; "" for an indented one."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks_of(path: Path) -> Iterator[Block]:
    """Fenced blocks, and indented ones that begin after an empty line."""
    text = path.read_text()
    page = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name
    for found in re.finditer(r"^ *```(\w*)\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL):
        yield Block(page, text.count("\n", 0, found.start()) + 1, found[1], found[2])
    outside = re.sub(
        r"^ *```.*?^ *```", lambda cut: "\n" * cut[0].count("\n"), text, flags=re.MULTILINE | re.DOTALL
    )
    for found in re.finditer(r"(?<=\n\n)(?:    .*\n)+", outside):
        yield Block(page, outside.count("\n", 0, found.start()) + 1, "", found[0])


def all_blocks() -> list[Block]:
    return [block for page in PAGES for block in blocks_of(ROOT / page)]
