"""What the ledger of a ticket's clocks says: one row for everything that ever moved one of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class ClockKind(StrEnum):
    #: Until the first act of a person.
    RESPONSE = "response"
    #: Until the ticket is done.
    RESOLUTION = "resolution"


class EventKind(StrEnum):
    ACTIVATE = "activate"
    PAUSE = "pause"
    RESUME = "resume"
    FULFIL = "fulfil"
    APPLY_POLICY = "apply_policy"
    #: That it ran out was noticed; the fold finds the same by itself.
    BREACH = "breach"
    CANCEL = "cancel"
    #: Another row does not count any more: what brought it about was taken back at once.
    UNDO = "undo"


class Mark(StrEnum):
    """What more there is to say of a row: who holds a pause, or how a cycle began."""

    NONE = ""
    #: Of a pause: the ticket's status holds it. Of a resume: the status lets go.
    STATUS = "status"
    #: Of a pause: somebody holds it by hand.
    HAND = "hand"
    #: Of an activate: it had run out before anybody here could know.
    INTAKE = "intake"
    #: Of a resume: the cycle goes on after it was fulfilled, as it was reopened at once.
    REOPENED = "reopened"


@dataclass(frozen=True)
class ClockEvent:
    """One row. `at` is when it happened, `seq` the order in which it was written down.

    `policy`, `version`, `priority` and `target` are of activate and apply_policy; an apply_policy without a target
    changes no aim. `carried` is what an activate has used already, `until` when a pause ends by itself. `undoes` is the
    `seq` of the row that an undo takes back.
    """

    clock: ClockKind
    cycle: int
    kind: EventKind
    at: datetime
    by: str = ""
    reason: str = ""
    mark: Mark = Mark.NONE
    policy: str = ""
    version: int = 0
    priority: str = ""
    target: timedelta | None = None
    carried: timedelta = timedelta(0)
    until: datetime | None = None
    source: str = ""
    seq: int = 0
    undoes: int = 0


def standing(events: Iterable[ClockEvent]) -> list[ClockEvent]:
    """The rows that count: those that nothing took back, without the undos themselves."""
    rows = list(events)
    taken = {one.undoes for one in rows if one.kind is EventKind.UNDO}
    return [one for one in rows if one.kind is not EventKind.UNDO and (not one.seq or one.seq not in taken)]


#: What holds at one and the same instant: stop > pause > start. The strongest is applied last. Of two rows about one and
#: the same hold the one that was written later counts.
_AT_ONE_INSTANT = {
    EventKind.ACTIVATE: 0,
    EventKind.APPLY_POLICY: 1,
    EventKind.RESUME: 3,
    EventKind.PAUSE: 3,
    EventKind.BREACH: 4,
    EventKind.CANCEL: 5,
    EventKind.FULFIL: 6,
}


def strength(event: ClockEvent) -> int:
    """The place of an event among those of the same instant."""
    reopened = event.kind is EventKind.RESUME and event.mark is Mark.REOPENED
    return 7 if reopened else _AT_ONE_INSTANT[event.kind]
