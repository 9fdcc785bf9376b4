"""What may become of a step, and of what it tells somebody."""

from __future__ import annotations

from enum import StrEnum


class StepState(StrEnum):
    """`planned` waits for its moment; `stopped` waits too, for the end of the acknowledgement that stopped it."""

    PLANNED = "planned"
    STOPPED = "stopped"
    TOLD = "told"
    #: It was due together with a higher step, or after one was told: listed, not told.
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class LineState(StrEnum):
    WAITING = "waiting"
    TOLD = "told"
    #: It was told, and a person answered it since.
    ANSWERED = "answered"
    CANCELLED = "cancelled"


class Stands(StrEnum):
    """What a notice has begun at a vendor that keeps it open until it is told of its end; `NOTHING`: the channel keeps nothing."""

    NOTHING = ""
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
