"""The table's rows: a measure, its figure on what may be looked at, its figure on what is held back, and the bar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

One = TypeVar("One")


@dataclass(frozen=True)
class Figure:
    measure: str
    open: float | None
    held: float | None
    bar: str
    counted: int

    def cells(self) -> tuple[str, str, str, str, str]:
        return (self.measure, _shown(self.open), _shown(self.held), self.bar, f"{self.counted:,}")


def _shown(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 10 else f"{value:.3f}"


def share(parts: Sequence[bool]) -> float | None:
    """None of nothing."""
    return sum(parts) / len(parts) if parts else None


def both(
    measure: str,
    items: Sequence[One],
    held: Callable[[One], bool],
    of: Callable[[Sequence[One]], float | None],
    bar: str,
) -> Figure:
    """The same figure of both parts."""
    mine = [one for one in items if not held(one)]
    other = [one for one in items if held(one)]
    return Figure(measure, of(mine), of(other), bar, len(items))


def render(figures: Sequence[Figure]) -> str:
    """As a table in Markdown."""
    head = ("measure", "open", "held back", "bar", "counted")
    lines = [head, ("---",) * len(head), *(one.cells() for one in figures)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
