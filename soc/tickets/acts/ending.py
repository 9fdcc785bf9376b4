"""The end of an incident: closed with what it turned out to be. Where a vendor tells of an end, the verdict may come later."""

from __future__ import annotations

from sqlmodel import Session

from soc.delivery.ledger import Try
from soc.domain.acts import VERDICT_TITLES, ActKind, Ending, Verdict, Visibility
from soc.domain.incident import IncidentStatus
from soc.errors import ConfigurationError
from soc.integrations.naming import named
from soc.store.nouns.incidents.acts import count_done, find_last
from soc.tickets.acts.asked import Asked, Came, Change, Outcome
from soc.tickets.acts.case import Case, act, find_incident
from soc.tickets.acts.moving import move
from soc.tickets.acts.noting import clean_note, write
from soc.tickets.acts.wording import is_ended, is_same, since
from soc.tickets.closing import resolve_alerts

_ENDS = (ActKind.CLOSE, ActKind.SET_STATUS)


def close(
    session: Session,
    incident_id: str,
    verdict: Verdict | None,
    asked: Asked,
    *,
    note: str = "",
    visibility: Visibility = Visibility.INTERNAL,
    duplicate_of: str = "",
) -> Outcome:
    """It is over, and this is what it was. What its alerts began elsewhere is ended too.

    `verdict` may be None only where a vendor tells of the end (`via`). `duplicate_of` names an incident, or a ticket by its key.
    One that ended without a verdict gets it. Raises NotFound, ConfigurationError.
    """
    if verdict is None and not asked.via:
        raise ConfigurationError("Say what it turned out to be.", hint=f"One of: {', '.join(Verdict)}.")
    other = find_original(session, incident_id, duplicate_of) if verdict is Verdict.DUPLICATE else ""
    clean = clean_note(note) if note.strip() else ""

    def work(case: Case) -> Came:
        row, before = case.incident, case.incident.status
        if is_ended(row) and (row.verdict or verdict is None):
            return _closed_already(case, verdict, asked)
        changes = [] if is_ended(row) else [Change("status", before, IncidentStatus.CLOSED.value)]
        reopened = times_reopened(case)
        if changes:
            move(case, IncidentStatus.CLOSED, asked)
        if verdict is not None:
            changes.append(judge(case, verdict, other))
        if clean:
            changes.append(write(case, clean, asked, visibility))
        said = f"Closed: {VERDICT_TITLES[verdict]}." if verdict else "Closed; its verdict is asked for."
        return Came(Ending.DONE, said, changes=tuple(changes), tries=end_alerts(case, asked, reopened))

    return act(session, incident_id, ActKind.CLOSE, asked, work)


def set_verdict(
    session: Session, incident_id: str, verdict: Verdict, asked: Asked, *, duplicate_of: str = ""
) -> Outcome:
    """What an incident that has ended turned out to be, said later or said otherwise. Raises NotFound, ConfigurationError."""
    other = find_original(session, incident_id, duplicate_of) if verdict is Verdict.DUPLICATE else ""

    def work(case: Case) -> Came:
        row = case.incident
        if not is_ended(row):
            return Came(Ending.REFUSED, "It is not over yet: close it with this verdict.")
        if (row.verdict, row.duplicate_of) == (verdict.value, other):
            return Came(Ending.ALREADY, f"It is “{VERDICT_TITLES[verdict]}” already.")
        return Came(
            Ending.DONE, f"Its verdict: {VERDICT_TITLES[verdict]}.", changes=(judge(case, verdict, other),)
        )

    return act(session, incident_id, ActKind.SET_VERDICT, asked, work)


def find_original(session: Session, incident_id: str, reference: str) -> str:
    """The id of the incident that another one repeats. Raises ConfigurationError, NotFound."""
    wanted = reference.strip()
    if not wanted:
        raise ConfigurationError(
            "Say of which incident it is a duplicate.", hint="Its id, or its ticket's key."
        )
    found = find_incident(session, wanted)
    if found == incident_id:
        raise ConfigurationError("An incident is no duplicate of itself.", hint="Name the other one.")
    return found


def judge(case: Case, verdict: Verdict, other: str) -> Change:
    """What it turned out to be, and of which incident it is a duplicate; for acts that end one."""
    before = case.incident.verdict
    case.incident.verdict, case.incident.duplicate_of = verdict.value, other
    return Change("verdict", before, verdict.value)


def _closed_already(case: Case, verdict: Verdict | None, asked: Asked) -> Came:
    row = case.incident
    last = find_last(case.session, row.id, _ENDS)
    by = last.made_by if last is not None else ""
    title = f" as “{VERDICT_TITLES[Verdict(row.verdict)]}”" if row.verdict else ""
    when = f" {since(last.created_at)}" if last is not None else ""
    if verdict is None or row.verdict == verdict.value:
        return Came(Ending.ALREADY, f"It is {row.status} already{title}.", by=by)
    ending = Ending.REFUSED if is_same(by, asked.actor) else Ending.TAKEN
    who = "You" if ending is Ending.REFUSED else named(case.session, by)
    return Came(ending, f"{who} closed it{when}{title}. The verdict can still be changed.", by=by)


def times_reopened(case: Case) -> int:
    """How often it has ended before: each end is told anew."""
    closed = count_done(case.session, case.incident.id, [ActKind.CLOSE, ActKind.MERGE])
    return max([closed, *(one.reopened for one in case.tickets)])


def end_alerts(case: Case, asked: Asked, reopened: int) -> tuple[Try, ...]:
    """What its alerts began elsewhere is ended."""
    return tuple(
        resolve_alerts(case.session, case.incident.id, actor=asked.actor, now=asked.at, reopened=reopened)
    )
