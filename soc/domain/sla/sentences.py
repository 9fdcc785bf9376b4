"""A clock's story in words: one sentence for each row, and one for each interval between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from soc.clock import describe
from soc.domain.sla.event import ClockEvent, ClockKind, EventKind, Mark
from soc.domain.sla.fold import Cycle, Stretch

#: Who an actor is, in words.
Named = Callable[[str], str]


def explain(
    cycle: Cycle, events: Iterable[ClockEvent], *, now: datetime, zone: str, named: Named
) -> list[str]:
    """From its start until now, in the order in which it happened."""
    mine = [one for one in events if (one.clock, one.cycle) == (cycle.clock, cycle.number)]
    taken = {one.undoes for one in mine if one.undoes}
    said: list[tuple[datetime, int, str]] = []
    for event in mine:
        moot = event in cycle.moot
        back = event.seq in taken
        said.append(
            (
                event.at,
                event.seq,
                f"{_at(event.at, zone)}: {_told(event, named, zone)}"
                + (_MOOT if moot else _BACK if back else ""),
            )
        )
    used = mine[0].carried if mine else timedelta(0)
    for stretch in cycle.stretches:
        used += stretch.used
        span = f"{_at(stretch.since, zone)} to {_at(stretch.until, zone)}"
        said.append((stretch.since, 10**12, f"{span}: {_passed(stretch, used)}"))
    said.sort(key=lambda one: one[:2])
    head = f"The {cycle.clock} clock" + (f", cycle {cycle.number}" if cycle.number > 1 else "")
    return [f"{head}: {_stands(cycle, now, zone)}", *(sentence for _, _, sentence in said)]


_BACK = " It was taken back: it does not count."
_MOOT = " It came too late to matter: the clock had ended by then."


def _at(moment: datetime, zone: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    return local.strftime("%Y-%m-%d %H:%M:%S" if local.second else "%Y-%m-%d %H:%M") + f" {local.tzname()}"


def _told(event: ClockEvent, named: Named, zone: str) -> str:
    who = named(event.by)
    length = describe(event.target) if event.target is not None else ""
    match event.kind:
        case EventKind.ACTIVATE:
            words = f"it starts ({event.reason}): {length} for {event.priority}, by {event.policy} version {event.version}."
            if event.mark is Mark.INTAKE:
                words += " That time was over before anybody here could know: breached at intake."
            return words + (f" {describe(event.carried)} is used already." if event.carried else "")
        case EventKind.APPLY_POLICY if event.target is None:
            return f"{event.reason} ({who}); the clock keeps its aim."
        case EventKind.APPLY_POLICY:
            return f"{event.reason} ({who}): {length} in all from now on; what is used stays used."
        case EventKind.PAUSE:
            ends = f", until {_at(event.until, zone)}" if event.until else ""
            return f"{who} pauses it{ends}: {event.reason}."
        case EventKind.RESUME:
            return f"it goes on{f': {event.reason}' if event.reason else ''} ({who})."
        case EventKind.FULFIL:
            return f"{who} ends it: {event.reason}."
        case EventKind.CANCEL:
            return f"{who} cancels it: {event.reason}."
        case EventKind.BREACH:
            return "its time is up."
        case EventKind.UNDO:
            return f"{who} takes back what was written last: {event.reason}."


def _passed(stretch: Stretch, used: timedelta) -> str:
    length = stretch.until - stretch.since
    if not stretch.runs:
        return f"it waits {describe(length)}" + (f" ({stretch.why})." if stretch.why else ".")
    idle = length - stretch.used
    outside = f"; {describe(idle)} lie outside working hours" if idle else ""
    return f"it counts {describe(stretch.used)}{outside}. Used so far: {describe(used)}."


def _stands(cycle: Cycle, now: datetime, zone: str) -> str:
    state = cycle.state(now)
    words = f"{state}. {describe(cycle.used_by(now))} of {describe(cycle.target)} used"
    if cycle.paused_for:
        words += f", {describe(cycle.paused_for)} paused"
    if cycle.breached_at is not None:
        words += f"; it ran out at {_at(cycle.breached_at, zone)}"
    elif cycle.ended_at is None:
        words += f"; {'was due' if cycle.due_at < now else 'due'} at {_at(cycle.due_at, zone)}"
    if cycle.snapped_to is not None:
        words += f"; it started outside working hours and counts from {_at(cycle.snapped_to, zone)}"
    return words + "."


def explain_all(
    cycles: Sequence[Cycle], events: Sequence[ClockEvent], *, now: datetime, zone: str, named: Named
) -> list[str]:
    """The same of every cycle, the response's first; one that was begun and taken back at once is a line of its own."""
    ordered = sorted(cycles, key=lambda cycle: (list(ClockKind).index(cycle.clock), cycle.number))
    told = [line for cycle in ordered for line in explain(cycle, events, now=now, zone=zone, named=named)]
    known = {(cycle.clock, cycle.number) for cycle in cycles}
    return told + [
        f"{_at(one.at, zone)}: cycle {one.cycle} of the {one.clock} clock began ({one.reason}).{_BACK}"
        for one in events
        if one.kind is EventKind.ACTIVATE and (one.clock, one.cycle) not in known
    ]
