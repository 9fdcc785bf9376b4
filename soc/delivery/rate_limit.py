"""A vendor's rate limit, counted where the bytes leave and shared by all processes through the store.

A send takes a permit in the very transaction that writes its intent, and holds it until its answer was written down
and then for the limit's period. Of the sends that a vendor receives within one period all hold their permits when it
receives the last of them, so there are never more than the limit allows: however late a busy machine lets the bytes
go, and without a word about how long a request takes. (A bucket that is counted at the start of a send, GCRA among
them, promises that only to itself.)

Nobody sleeps in a worker's slot for a permit, and nobody spins. What is planned together has a time named to each at
once, one send apart after the first burst; who comes and finds no permit (a retry; sends took longer than thought) has
one named then, and newcomers queue behind the times that were named: the oldest go first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlmodel import Session

from soc.delivery.queues import QUEUES, delivery_queue
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.deliveries.outbox import list_known
from soc.store.nouns.vendors.rate_limits import RateLimitRow, limit_to_change, shared_clock

#: A send whose end nobody wrote down (its process died, and so did whoever should have noticed) has its permit so long.
LONGEST_PERMIT = timedelta(minutes=10)
#: Named times lie a little further apart than the limit asks: a permit is held for the length of its send too.
ALLOWANCE = 1.05
#: A try may come this much before its time: the queues count in fractions of a second.
EARLY = timedelta(milliseconds=500)
#: A clock that went back by more than this was set, and what was named by the old time means nothing.
CLOCK_SET_BACK = 1.0


@dataclass
class Window:
    """Who holds a permit, and which times were named. All times in seconds since 1970.

    `permits`: holder → when it was taken, and when its send ended (None: it has not). `named` are the last times that
    were named, as many as the limit allows in a period; `late_until` is the last one that was named to somebody whose
    first named time brought no permit.
    """

    permits: dict[str, tuple[float, float | None]] = field(default_factory=dict)
    named: list[float] = field(default_factory=list)
    late_until: float = 0.0
    asked_at: float = 0.0

    def ask(self, holder: str, *, sends: int, period: float, booked: bool, now: float) -> float | None:
        """None where the holder has a permit now; otherwise after how many seconds it should ask again.

        `booked`: it comes at a time that was named to it.
        """
        self._move_to(now, period)
        waiting = max(self.late_until, self._last_named()) > now
        if len(self.permits) < sends and (booked or not waiting):
            self.permits[holder] = (now, None)
            if not booked:
                self._name(now, sends)
            return None
        after_the_late = self.late_until + period * ALLOWANCE / sends
        if booked:
            self.late_until = max(self._next_free(sends, period, now), after_the_late)
            return self.late_until - now
        time = self._next_time(sends, period, now)
        return max(time, self._next_free(sends, period, now), after_the_late) - now

    def book(self, number: int, *, sends: int, period: float, now: float) -> list[float]:
        """The times, in seconds from now, at which so many new ones should ask, in their order."""
        self._move_to(now, period)
        return [self._next_time(sends, period, now) - now for _ in range(number)]

    def end(self, holder: str, *, now: float) -> None:
        """Its send has ended: the vendor has received it by now, or never will."""
        if holder in self.permits:
            self.permits[holder] = (self.permits[holder][0], now)

    def give_back(self, holder: str) -> None:
        """Nothing left under this permit."""
        self.permits.pop(holder, None)

    def _move_to(self, now: float, period: float) -> None:
        """Forget the permits that are over."""
        if now < self.asked_at - CLOCK_SET_BACK:
            self.named, self.late_until = [], 0.0
            self.permits = {
                holder: (now, None if ended is None else now) for holder, (_, ended) in self.permits.items()
            }
        self.asked_at = now
        longest = LONGEST_PERMIT.total_seconds()
        self.permits = {
            holder: (taken, ended)
            for holder, (taken, ended) in self.permits.items()
            if now < (taken + longest if ended is None else ended) + period
        }

    def _next_time(self, sends: int, period: float, now: float) -> float:
        """Name the next time: at once while fewer than `sends` were named in a period, then one send apart."""
        full_until = self.named[-sends] + period * ALLOWANCE if len(self.named) >= sends else 0.0
        if full_until <= now:
            return self._name(max(now, self._last_named()), sends)
        return self._name(max(full_until, self._last_named() + period * ALLOWANCE / sends), sends)

    def _last_named(self) -> float:
        return self.named[-1] if self.named else 0.0

    def _name(self, time: float, sends: int) -> float:
        self.named = [*self.named, time][-sends:]
        return time

    def _next_free(self, sends: int, period: float, now: float) -> float:
        """When the next permit is free, if every send that is under way ended now."""
        if len(self.permits) < sends:
            return now
        return min(now if ended is None else ended for _, ended in self.permits.values()) + period


def book(session: Session, rows: Sequence[dict[str, Any]], *, now: datetime) -> None:
    """Name its time to each new delivery (values of its row, in the order in which they are to go) of a limited vendor.

    What is planned together is so spread from the start. A limit that somebody else holds is not waited for: then they
    ask when they come. Vendors without a limit cost nothing here.
    """
    by_queue: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        queue = delivery_queue(row["integration"], row["action"])
        if row["next_try_at"] is not None and limit_of(queue) is not None:
            by_queue.setdefault(queue, []).append(row)
    for queue, candidates in sorted(by_queue.items()):
        known = list_known(session, [row["id"] for row in candidates])
        fresh = [row for row in candidates if row["id"] not in known]
        limits, stored = limit_of(queue), limit_to_change(session, queue, wait=False) if fresh else None
        if limits is None or stored is None:
            continue
        window = _opened(stored)
        moment = shared_clock(session)
        waits = window.book(len(fresh), sends=limits.sends, period=limits.seconds, now=moment)
        for row, wait in zip(fresh, waits, strict=True):
            row["booked_at"] = row["next_try_at"] = now + timedelta(seconds=wait)
        _keep(session, stored, window)


def take_permit(session: Session, row: DeliveryRow, *, now: datetime) -> datetime | None:
    """None: the delivery may be sent now. Otherwise: not before this moment, which is its own from now on.

    Where the vendor has no limit this asks the database nothing. Lock order: the delivery, its limit, its health.
    """
    limits = limit_of(queue := delivery_queue(row.integration, row.action))
    if limits is None:
        return None
    if (
        row.booked_at is not None and row.booked_at > now + EARLY
    ):  # it was brought forward; its time still holds
        return row.booked_at
    stored = limit_to_change(session, queue)
    window = _opened(stored)
    wait = window.ask(
        _holder(row),
        sends=limits.sends,
        period=limits.seconds,
        booked=row.booked_at is not None,
        now=shared_clock(session),
    )
    _keep(session, stored, window)
    row.booked_at = None if wait is None else now + timedelta(seconds=wait)
    return row.booked_at


def give_permit_back(session: Session, row: DeliveryRow) -> None:
    """It is not sent after all, in the same transaction."""
    queue = delivery_queue(row.integration, row.action)
    if limit_of(queue) is not None:
        stored = limit_to_change(session, queue)
        window = _opened(stored)
        window.give_back(_holder(row))
        _keep(session, stored, window)


def end_permit(session: Session, row: DeliveryRow) -> None:
    """Its send has ended, well or badly: from now on its permit only waits for the period to pass."""
    queue = delivery_queue(row.integration, row.action)
    if limit_of(queue) is not None:
        stored = limit_to_change(session, queue)
        window = _opened(stored)
        window.end(_holder(row), now=shared_clock(session))
        _keep(session, stored, window)


class _Limit(NamedTuple):
    sends: int
    seconds: float


def limit_of(queue: str) -> _Limit | None:
    """What the vendor takes; None where only its own answers limit it."""
    limits = QUEUES.get(queue)
    return None if limits is None or limits.starts is None else _Limit(limits.starts, limits.period)


def _opened(stored: RateLimitRow) -> Window:
    window = Window(**stored.window)
    window.permits = {holder: (taken, ended) for holder, (taken, ended) in window.permits.items()}
    return window


def _keep(session: Session, stored: RateLimitRow, window: Window) -> None:
    """As a fresh value: the session notices a change of a JSON column only where the object is another one."""
    stored.window = asdict(window)
    session.add(stored)


def _holder(row: DeliveryRow) -> str:
    """One send: a delivery may be sent again while the permit of its last send is still held."""
    return f"{row.id}-{row.try_number}"
