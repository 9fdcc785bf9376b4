"""A service desk's own SLA, read beside ours: it is never changed, and where it ends at another moment the readiness report says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from soc.clock import isoformat
from soc.domain.sla.event import ClockKind
from soc.errors import DeliveryError
from soc.integrations.kit.http import VendorSession
from soc.integrations.kit.panels import Finding, Readiness
from soc.integrations.kit.tickets import RemoteTicket
from soc.integrations.vendors.jira.vendor import bad_answer
from soc.store.nouns.sla.ticket_clocks import Ending

#: Two clocks that are further apart than this are not the same promise.
DRIFT = timedelta(seconds=60)
#: So many open tickets are compared in a report: each is a request.
MOST = 20
_ALIGN = "Give both the same times, calendar and start: the SLA in Jira's project settings, or the policy on the page SLA."


class DeskClock(NamedTuple):
    """One of Jira's clocks that runs: its name there, when it breaches, and whether it is paused."""

    name: str
    breaches: datetime
    paused: bool


def read_desk_clocks(desk: VendorSession, remote_id: str) -> list[DeskClock]:
    """Those that have not ended. Raises DeliveryError."""
    data = desk.read("GET", f"/request/{remote_id}/sla", params={"limit": "50"}).data
    rows = data.get("values") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise bad_answer("an SLA")
    found = []
    for row in rows:
        cycle = row.get("ongoingCycle") if isinstance(row, dict) else None
        if isinstance(cycle, dict) and (breaches := _moment(cycle.get("breachTime"))) is not None:
            found.append(DeskClock(str(row.get("name") or ""), breaches, cycle.get("paused") is True))
    return found


def _moment(value: Any) -> datetime | None:
    """By the milliseconds: the texts are in the zone of the account, or in words."""
    millis = value.get("epochMillis") if isinstance(value, dict) else None
    return datetime.fromtimestamp(millis / 1000, UTC) if isinstance(millis, (int, float)) else None


def kind_of(name: str) -> ClockKind | None:
    """Which of our clocks one of Jira's is beside, by its name (`Time to first response`, `Time to resolution`)."""
    words = name.casefold()
    if "response" in words:
        return ClockKind.RESPONSE
    return ClockKind.RESOLUTION if "resol" in words else None


def compare(
    desk: VendorSession, tickets: Sequence[RemoteTicket], ours: Mapping[tuple[str, ClockKind], Ending]
) -> Iterator[Finding]:
    """A finding for each clock that ends elsewhere, or one that says how many agree. Never raises DeliveryError."""
    agreeing = 0
    for ticket in tickets[:MOST]:
        try:
            clocks = read_desk_clocks(desk, ticket.id)
        except DeliveryError as error:
            if error.status == 404:
                continue  # an issue of the project that is no request has no SLA
            yield Finding(
                "Jira's own SLA", Readiness.WARNING, f"It cannot be read: {error.message}", error.hint
            )
            return
        for one in clocks:
            kind = kind_of(one.name)
            known = ours.get((ticket.id, kind)) if kind is not None else None
            if known is None:
                continue
            words = _drift(one, known)
            agreeing += not words
            if words:
                yield Finding(f"SLA of {ticket.key}: {one.name}", Readiness.WARNING, words, _ALIGN)
    if agreeing:
        yield Finding("Jira's own SLA", Readiness.OK, f"{agreeing} clocks of open tickets end when ours do.")


def _drift(theirs: DeskClock, ours: Ending) -> str:
    """What differs between the two, "" where nothing does. A clock that stands has no end to compare."""
    if ours.ended or theirs.paused != (not ours.runs):
        where = "has ended here" if ours.ended else "runs here" if ours.runs else "is paused here"
        return f"In Jira it {'is paused' if theirs.paused else 'runs'}, while ours {where}."
    apart = abs(theirs.breaches - ours.due_at)
    if theirs.paused or apart <= DRIFT:
        return ""
    seconds = int(apart.total_seconds())
    return f"In Jira it ends at {isoformat(theirs.breaches)}, ours at {isoformat(ours.due_at)}: {seconds:,} s apart."
