"""Lines of a block by their shapes, and what earlier blocks taught of them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from soc.analysis.alike.line_shapes import Numbers, mask_lines, mask_moments
from soc.analysis.alike.memory import Book, Keys, Sayings
from soc.analysis.alike.probes import probe_of
from soc.detection.judging.scan import Ints
from soc.detection.ruleset import Ruleset
from soc.logs.layout import Layout
from soc.logs.text.shapes import Flags, number_distinct
from soc.logs.text.views import PADDING, text_views

#: So many shapes and lines are kept in mind of one kind of file, and of so many kinds; then they are forgotten.
MOST, KINDS = 80_000, 2
#: So often a line is made up anew that is not of its shape.
_TURNS = 6


@dataclass
class Memory:
    """What earlier blocks of one kind of file taught. `fine`: shapes of which finer ones are taken; `seen`: some line had them."""

    shapes: Book = field(default_factory=Book)
    lines: Book = field(default_factory=Book)
    fine: Book = field(default_factory=Book)
    seen: Book = field(default_factory=Book)
    sayings: Sayings = field(default_factory=Sayings)

    def __len__(self) -> int:
        return len(self.seen.keys) + len(self.lines.keys) + len(self.fine.keys)


_memories: OrderedDict[tuple[object, ...], Memory] = OrderedDict()


def memory_of(layout: Layout, ruleset: Ruleset) -> Memory:
    key = (ruleset.hash, layout.format, layout.only, layout.default_source, layout.as_of, layout.zone)
    memory = _memories.pop(key, None)
    if memory is None or len(memory) > MOST:
        memory = Memory()
    _memories[key] = memory
    while len(_memories) > KINDS:
        _memories.popitem(last=False)
    return memory


@dataclass
class Shaped:
    """Lines (`rows` of the block) and their shapes: `code` by row; `texts` and `keys` by shape."""

    rows: Ints
    code: Ints
    texts: pl.Series
    keys: Keys

    def examples(self, shapes: Ints) -> tuple[Ints, Ints]:
        """The first and the last line of each of the shapes."""
        first, last = np.empty(len(self.texts), np.int64), np.empty(len(self.texts), np.int64)
        last[self.code] = self.rows
        first[self.code[::-1]] = self.rows[::-1]
        return first[shapes], last[shapes]


def shaped_lines(masked: bytes, starts: Ints, sizes: Ints, rows: Ints, seed: int) -> Shaped:
    texts, code = number_distinct(text_views(masked, starts[rows], sizes[rows]))
    return Shaped(rows, code, texts, texts.hash(seed).to_numpy())


def made_up(lines: list[str], shapes: list[str], fine: Flags) -> list[str | None]:
    """Of each line another of its shape, None where none was found."""
    made: list[str | None] = [None] * len(lines)
    left = list(range(len(lines)))
    for turn in range(0, _TURNS * 7, 7):
        probes = [probe_of(lines[row], shapes[row], turn) for row in left]
        numbers = Numbers.of("\n".join(probes).encode() + bytes(PADDING))
        masks = [mask(numbers).decode().split("\n") for mask in (mask_lines, mask_moments)]
        for place, (row, probe) in enumerate(zip(left, probes, strict=True)):
            if masks[int(fine[row])][place][: len(probe)] == shapes[row]:
                made[row] = probe
        left = [row for row in left if made[row] is None]
        if not left:
            break
    return made
