"""Several incidents become one: the others are closed as its duplicates, and what comes for them comes there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import Session

from soc.domain.acts import ActKind, Ending, Verdict, Visibility
from soc.domain.incident import IncidentStatus
from soc.domain.severity import Priority
from soc.errors import ConfigurationError
from soc.ids import derived_id
from soc.integrations.naming import named
from soc.links import incident_url
from soc.sla import ledger
from soc.store.nouns.incidents.acts import find_last
from soc.store.nouns.incidents.families import survivor_of
from soc.store.nouns.incidents.incidents import IncidentRow, get_incident, lock_incident, to_incident
from soc.store.nouns.incidents.investigation_notes import list_notes
from soc.tickets.acts.asked import Asked, Came, Change, Outcome
from soc.tickets.acts.case import Case, act
from soc.tickets.acts.ending import end_alerts, judge, times_reopened
from soc.tickets.acts.moving import move
from soc.tickets.acts.noting import write
from soc.tickets.acts.wording import called_by, is_ended, is_same, since

#: More at once is a mistake more often than a wish.
MOST_MERGED = 100
_ORDER = tuple(Priority)


def merge(session: Session, incident_id: str, others: Sequence[str], asked: Asked) -> Sequence[Outcome]:
    """Make these `others` one with the incident; one outcome each, then that of the incident itself where anything was merged.

    Each other one is closed as its duplicate, its clocks end with that reason, and it points there. What one refuses keeps no
    other from it. Raises NotFound, ConfigurationError (none, or too many, are named).
    """
    wanted = list(dict.fromkeys(others))
    if not wanted or len(wanted) > MOST_MERGED:
        raise ConfigurationError(
            "Too few or too many at once.", hint=f"Name 1 to {MOST_MERGED} others to merge into it."
        )
    asked = replace(asked, group=asked.group or derived_id("grp", asked.key))
    for one in sorted({incident_id, *wanted}):  # in one order, so that two who merge wait for each other
        lock_incident(session, one)
    into = get_incident(session, incident_id)
    refusal = _refusal_of(session, into)
    outcomes = [_merge_one(session, one, into, refusal, asked) for one in wanted]
    done = [one.incident_id for one in outcomes if one.ending is Ending.DONE]
    if done:
        outcomes.append(_tell_survivor(session, into, done, asked))
    return outcomes


def _refusal_of(session: Session, into: IncidentRow) -> str:
    """Why nothing can be merged into it; "" where it can."""
    if into.merged_into:
        name = called_by(session, survivor_of(session, into.id))
        return f"{called_by(session, into.id)} was merged into {name} itself: merge into that."
    if is_ended(into):
        return f"{called_by(session, into.id)} is {into.status}: reopen it first, or merge into one that is open."
    return ""


def _merge_one(session: Session, incident_id: str, into: IncidentRow, refusal: str, asked: Asked) -> Outcome:
    if incident_id == into.id:  # it has an act of its own under this key
        return Outcome(
            incident_id, ActKind.MERGE, Ending.REFUSED, "An incident cannot be merged into itself."
        )

    def work(case: Case) -> Came:
        row = case.incident
        if row.merged_into:
            return _merged_already(session, row, into, asked)
        if survivor_of(session, into.id) == row.id:
            name = called_by(session, into.id)
            return Came(Ending.REFUSED, f"{name} was merged into it: that would be a circle.")
        if refusal:
            return Came(Ending.REFUSED, refusal)
        return _become_one(case, into, asked)

    return act(session, incident_id, ActKind.MERGE, asked, work)


def _merged_already(session: Session, row: IncidentRow, into: IncidentRow, asked: Asked) -> Came:
    name = called_by(session, row.merged_into)
    last = find_last(session, row.id, [ActKind.MERGE])
    by = last.made_by if last is not None else ""
    if row.merged_into == into.id:
        return Came(Ending.ALREADY, f"It was merged into {name} already.", by=by)
    when = f" {since(last.created_at)}" if last is not None else ""
    mine = is_same(by, asked.actor)
    who = "You" if mine else named(session, by)
    said = f"{who} merged it into {name}{when}. Reopen it to take it out of there."
    return Came(Ending.REFUSED if mine else Ending.TAKEN, said, by=by)


def _become_one(case: Case, into: IncidentRow, asked: Asked) -> Came:
    """Closed as a duplicate, unless it was closed and judged before: then that stays what it was."""
    session, row, name = case.session, case.incident, called_by(case.session, into.id)
    status, reopened = row.status, times_reopened(case)
    changes, told = [Change("merged", "", into.id)], list[str]()
    if not is_ended(row):
        told.append("closed as its duplicate")
        running = [one for one in case.tickets if one.resolved_at is None]
        for ticket in running:
            why = f"merged into {name}"
            ledger.cancelled(session, ticket, at=asked.at, actor=asked.actor, reason=why, source=asked.source)
        told += ["its clocks end"] if running else []
        move(case, IncidentStatus.CLOSED, asked)
        changes.append(Change("status", status, row.status))
    if not row.verdict:
        changes.append(judge(case, Verdict.DUPLICATE, into.id))
    row.merged_into = into.id
    words = f"Merged into {name} ({_place(into.id)}): what was found is read, and goes on, there."
    changes.append(write(case, words, asked, Visibility.INTERNAL))
    told.append(_what_it_holds(session, row))
    said = f"Merged into {name}: {', '.join(told)}."
    return Came(Ending.DONE, said, changes=tuple(changes), tries=end_alerts(case, asked, reopened))


def _place(incident_id: str) -> str:
    """Where people read of it: its page, or its id where nobody has said at which address the pages are."""
    return incident_url(incident_id) or incident_id


def _what_it_holds(session: Session, row: IncidentRow) -> str:
    notes = len(list_notes(session, row.id)) - 1  # the one that says where it went
    lines = f"{row.count:,} line{'s' if row.count != 1 else ''}"
    return f"{lines} and {notes:,} note{'s' if notes != 1 else ''} are read there"


def _tell_survivor(session: Session, into: IncidentRow, merged: Sequence[str], asked: Asked) -> Outcome:
    """It is as urgent as the most urgent of them, and its notes say what came to it."""
    rows = [get_incident(session, one) for one in merged]

    def work(case: Case) -> Came:
        row = case.incident
        words = [f"{called_by(session, one.id)} “{one.title}” ({_place(one.id)})" for one in rows]
        note = f"Merged into this: {'; '.join(words)}. What was found there belongs to this from now on."
        changes = [write(case, note, asked, Visibility.INTERNAL)]
        said = f"{len(rows):,} merged into it."
        now, wanted = _priority_of(row), min(map(_priority_of, rows), key=_ORDER.index)
        if _ORDER.index(wanted) < _ORDER.index(now):
            row.priority = wanted.value
            for ticket in case.tickets:
                ticket.priority = wanted.value
            changes.append(Change("priority", now.value, wanted.value))
            said += f" Its priority is {wanted.value} now, as that of what was merged."
        return Came(Ending.DONE, said, changes=tuple(changes))

    return act(session, into.id, ActKind.MERGE, asked, work)


def _priority_of(row: IncidentRow) -> Priority:
    return Priority(row.priority) if row.priority else to_incident(row).priority
