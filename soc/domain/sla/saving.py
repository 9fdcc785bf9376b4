"""Whether a ticket that is at risk can still be saved: what is left, whether the work still fits, and who is free for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from soc.clock import describe
from soc.domain.sla.event import ClockKind

#: So many people are named.
_NAMED = 3


@dataclass(frozen=True)
class Saving:
    """`left` is working time. `typical` is what the work usually still takes (None: not known), of `typical_of` tickets.

    `free` are the names of who is on duty and holds the least, `owner` has it ("": nobody), `owner_here`: and is on duty.
    `staffed` is False where nobody is in the roster at all: then nobody can be missing.
    """

    clock: ClockKind
    left: timedelta
    typical: timedelta | None = None
    typical_of: int = 0
    free: Sequence[str] = ()
    owner: str = ""
    owner_here: bool = False
    staffed: bool = True

    @property
    def fits(self) -> bool | None:
        """Whether what the work usually still takes fits into what is left; None where that is not known."""
        if self.clock is ClockKind.RESPONSE:
            return self.left > timedelta(0)  # to answer is one act
        return None if self.typical is None else self.typical <= self.left

    @property
    def somebody(self) -> bool:
        return self.owner_here or bool(self.free) or not self.staffed

    @property
    def can(self) -> bool:
        return self.left > timedelta(0) and self.fits is not False and self.somebody

    @property
    def verdict(self) -> str:
        """In a few words, for a line of a list."""
        if self.left <= timedelta(0):
            return "too late"
        if not self.somebody:
            return "nobody is on duty"
        return "hardly to be saved" if self.fits is False else "can still be saved"

    @property
    def words(self) -> str:
        """The whole sentence: “can still be saved: 1 h 20 min left to resolve, which usually takes 40 min more (of 31);
        Ana and Lea are free”.
        """
        to = "answer" if self.clock is ClockKind.RESPONSE else "resolve"
        over = self.left <= timedelta(0)
        parts = [f"{describe(abs(self.left))} {'over' if over else 'left'} to {to}{self._usually()}"]
        parts.append(self._people())
        return f"{self.verdict}: " + "; ".join(part for part in parts if part)

    def _usually(self) -> str:
        if self.clock is ClockKind.RESPONSE:
            return ""
        if self.typical is None:
            return " (too few like it were closed to say what it takes)"
        return f", which usually takes {describe(self.typical)} more (median of {self.typical_of:,})"

    def _people(self) -> str:
        if not self.staffed:
            return "nobody is in the roster"
        if self.owner and self.owner_here:
            return f"{self.owner} has it and is on duty"
        has = f"{self.owner} has it and is not on duty, " if self.owner else ""
        if not self.free:
            return f"{has}nobody is free" if self.owner else ""
        named = list(self.free[:_NAMED])
        more = len(self.free) - len(named)
        who = (
            f"{', '.join(named)} and {more:,} more"
            if more
            else " and ".join((", ".join(named[:-1]), named[-1])).removeprefix(" and ")
        )
        return f"{has}{who} {'is' if len(self.free) == 1 else 'are'} free"
