"""What one shift tells the next of each open incident, and what of it is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Outlook:
    """What is thought of an incident: why it happens, what is done next and by when, what stands in the way ("": nothing)."""

    hypothesis: str = ""
    next_step: str = ""
    by_when: datetime | None = None
    blocker: str = ""


def missing(owner: str, outlook: Outlook | None, *, now: datetime) -> Sequence[str]:
    """What the next shift would have to ask, in the order of asking."""
    known = outlook or Outlook()
    wanted = (
        ("owner", not owner),
        ("hypothesis", not known.hypothesis.strip()),
        ("next step", not known.next_step.strip()),
        ("by when", known.by_when is None),
        ("a new “by when” (it has passed)", known.by_when is not None and known.by_when < now),
    )
    return [name for name, is_missing in wanted if is_missing]
