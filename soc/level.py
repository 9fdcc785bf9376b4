"""How good an outcome is. Whoever tells one says its level, on a page as in the API: nothing is green by default."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Level(StrEnum):
    """GOOD: all of it happened and works. NOTE: nothing went wrong, and there is something to know. WARNING: it happened
    in part, or does not work yet. BAD: it did not happen.
    """

    GOOD = "ok"
    NOTE = "note"
    WARNING = "warning"
    BAD = "error"

    @classmethod
    def of(cls, warnings: Iterable[str]) -> Level:
        """Of what happened, with these warnings (empty ones do not count)."""
        return cls.WARNING if any(warnings) else cls.GOOD
