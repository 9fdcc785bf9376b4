"""What ends the opening of a file before its end: nobody wants it any more, or it outgrows what a batch may be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from soc.logs.layout import NO_BUDGET, Budget

#: A file that unpacks to less than this is no bomb, however well it was packed.
HARMLESS_BYTES = 32 * 1024 * 1024


class NotWanted(Exception):
    """The work was called off while it ran."""


class Outgrown(Exception):
    """The file is larger than its batch may be; the text is the question for a person."""


@dataclass(frozen=True)
class Bounds:
    """`wanted`: a file that exists as long as the work is wanted; None: it cannot be called off."""

    budget: Budget = NO_BUDGET
    wanted: Path | None = None

    def check_wanted(self) -> None:
        """Raises NotWanted."""
        if self.wanted is not None and not self.wanted.exists():
            raise NotWanted

    def check_unpacked(self, stored: int, unpacked: int) -> None:
        """Raises NotWanted, Outgrown. `stored` bytes have given `unpacked` bytes of text so far."""
        self.check_wanted()
        budget = self.budget
        if budget.ratio and unpacked > max(HARMLESS_BYTES, budget.ratio * stored):
            raise Outgrown(
                f"It unpacks to more than {budget.ratio} times its size ({_megabytes(stored)} to more than "
                f"{_megabytes(unpacked)}), which logs hardly do"
            )
        if budget.bytes and unpacked > budget.bytes:
            raise Outgrown(
                f"With it the batch has more than its {_megabytes(budget.bytes)} of text, unpacked"
            )

    def check_lines(self, lines: int) -> None:
        """Raises NotWanted, Outgrown."""
        self.check_wanted()
        if self.budget.lines and lines > self.budget.lines:
            raise Outgrown(f"With it the batch has more than its {self.budget.lines:,} lines")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


UNBOUNDED = Bounds()
