"""Where an incident stands and how urgent it is: status and priority, of it and of its tickets."""

from __future__ import annotations

from sqlmodel import Session

from soc.domain.acts import ActKind, Ending
from soc.domain.incident import IncidentStatus
from soc.domain.severity import Priority
from soc.integrations.naming import named
from soc.store.nouns.incidents.acts import find_last
from soc.store.nouns.incidents.incidents import ENDED, to_incident
from soc.tickets.acts.asked import Asked, Came, Change, Outcome
from soc.tickets.acts.case import Case, act
from soc.tickets.acts.wording import called_by, is_ended, since

#: What a ticket's status is called, and its category, where the vendor has not said its own name yet.
STATUS_THERE: dict[IncidentStatus, tuple[str, str]] = {
    IncidentStatus.OPEN: ("Open", "new"),
    IncidentStatus.IN_PROGRESS: ("In Progress", "indeterminate"),
    IncidentStatus.RESOLVED: ("Resolved", "done"),
    IncidentStatus.CLOSED: ("Closed", "done"),
}


def set_status(
    session: Session,
    incident_id: str,
    status: IncidentStatus,
    asked: Asked,
    *,
    expected: IncidentStatus | None = None,
    called: str = "",
) -> Outcome:
    """Where it stands from now on. One that has ended is reopened by it: acknowledgement and verdict begin anew, and what was
    merged stands by itself again.

    An end needs a verdict, so it is refused here (`close`) unless a vendor tells of it. `expected` is what it was when
    that was decided (None: whatever it was): moved by somebody else meanwhile → TAKEN. `called` is the vendor's own name. Raises NotFound.
    """

    def work(case: Case) -> Came:
        row = case.incident
        if row.status == status.value and not _lags(case, status):
            return Came(Ending.ALREADY, f"It is {_words(row.status)} already.")
        if expected is not None and row.status != expected.value:
            last = find_last(session, incident_id, [ActKind.SET_STATUS, ActKind.CLOSE])
            who = named(session, last.made_by) if last else "Somebody"
            when = f" {since(last.created_at)}" if last else ""
            return Came(
                Ending.TAKEN, f"{who} made it {_words(row.status)}{when}.", by=last.made_by if last else ""
            )
        if status.value in ENDED and not asked.via:
            return Came(Ending.REFUSED, "Close it with a verdict: what it turned out to be is kept with it.")
        before, merged = row.status, row.merged_into
        move(case, status, asked, called=called)
        apart = (
            f" It is no longer one with {called_by(session, merged)}." if merged != row.merged_into else ""
        )
        said = f"It is {_words(status.value)} now.{apart}"
        return Came(Ending.DONE, said, changes=(Change("status", before, row.status),))

    return act(session, incident_id, ActKind.SET_STATUS, asked, work)


def move(case: Case, status: IncidentStatus, asked: Asked, *, called: str = "") -> None:
    """Incident and tickets stand there from now on."""
    row, ended = case.incident, status.value in ENDED
    if is_ended(row) and not ended:
        row.acknowledged_at, row.acknowledged_by, row.verdict, row.duplicate_of = None, "", "", ""
        row.merged_into = ""
    row.status = status.value
    row.closed_at = (row.closed_at or asked.at) if ended else None
    name, category = STATUS_THERE[status]
    for ticket in case.tickets:
        if ticket.resolved_at is not None and not ended:
            ticket.reopened += 1
        ticket.resolved_at = (ticket.resolved_at or asked.at) if ended else None
        if asked.via == ticket.integration and called:
            ticket.status, ticket.status_category = called, category
        elif ticket.status_category != category or ended:
            ticket.status, ticket.status_category = name, category


def _lags(case: Case, status: IncidentStatus) -> bool:
    """Whether a ticket stands elsewhere than its incident."""
    return any(one.status_category != STATUS_THERE[status][1] for one in case.tickets)


def set_priority(
    session: Session, incident_id: str, priority: Priority, asked: Asked, *, reaim: bool = True
) -> Outcome:
    """How urgent it is from now on, whatever its score says. `reaim`: the running clocks follow. Raises NotFound."""

    def work(case: Case) -> Came:
        row = case.incident
        before = row.priority or to_incident(row).priority.value
        behind = [one for one in case.tickets if one.priority != priority.value]
        if before == priority.value and not behind:
            return Came(Ending.ALREADY, f"Its priority is {before} already.")
        row.priority = priority.value
        for ticket in behind:
            ticket.priority = priority.value
        change = Change("priority", before, priority.value)
        return Came(Ending.DONE, f"Its priority is {priority.value} now.", changes=(change,), reaim=reaim)

    return act(session, incident_id, ActKind.SET_PRIORITY, asked, work)


def _words(status: str) -> str:
    return status.replace("_", " ")
