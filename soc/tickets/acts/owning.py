"""Who has an incident: acknowledged by whom, assigned to whom. The first of two wins, the second is told who was first."""

from __future__ import annotations

from sqlmodel import Session

from soc.domain.actor import Actor
from soc.domain.acts import ActKind, Ending
from soc.errors import ConfigurationError
from soc.store.nouns.acts import find_last
from soc.store.nouns.incidents import lock_incident
from soc.tickets.acts.asked import Asked, Came, Change, Outcome
from soc.tickets.acts.case import Case, act
from soc.tickets.acts.wording import is_ended, named, one_line, since

LONGEST_OWNER = 200


def acknowledge(session: Session, incident_id: str, asked: Asked) -> Outcome:
    """Somebody has seen it and looks into it. Holds until it is released (`release`) or reopened. Raises NotFound."""

    def work(case: Case) -> Came:
        row = case.incident
        if is_ended(row):
            return Came(Ending.REFUSED, f"It is {row.status} already; there is nothing to acknowledge.")
        if row.acknowledged_at is not None:
            mine = row.acknowledged_by == str(asked.actor)
            who = "You" if mine else named(row.acknowledged_by)
            ending = Ending.ALREADY if mine else Ending.TAKEN
            return Came(
                ending, f"{who} acknowledged it {since(row.acknowledged_at)} already.", by=row.acknowledged_by
            )
        row.acknowledged_at, row.acknowledged_by = asked.at, str(asked.actor)
        return Came(Ending.DONE, "Acknowledged.", changes=(Change("acknowledged", "", str(asked.actor)),))

    return act(session, incident_id, ActKind.ACKNOWLEDGE, asked, work)


def release(session: Session, incident_id: str, *, actor: Actor) -> bool:
    """The acknowledgement holds no longer (it has expired): anybody can acknowledge it anew. Whether there was one."""
    row = lock_incident(session, incident_id)
    if row.acknowledged_at is None:
        return False
    row.acknowledged_at, row.acknowledged_by, row.changed_by = None, "", str(actor)
    session.add(row)
    session.flush()
    return True


def assign(
    session: Session, incident_id: str, owner: str, asked: Asked, *, expected: str | None = None
) -> Outcome:
    """The person who has it from now on, by id; "" gives it back. `expected` is who had it when that was decided (None: whoever it
    was): somebody else has it by now → TAKEN. Raises NotFound, ConfigurationError.
    """
    wanted = owner.strip()
    if len(wanted) > LONGEST_OWNER or not one_line(wanted):
        raise ConfigurationError("This is nobody's id.", hint="List the people for their ids.")

    def work(case: Case) -> Came:
        row = case.incident
        had = row.owner
        if had == wanted:
            return Came(Ending.ALREADY, f"{_person(wanted)} has it already." if wanted else "Nobody has it.")
        if expected is not None and had != expected:
            return Came(Ending.TAKEN, _taken(case, had), by=_who_assigned(case) or had)
        row.owner = wanted
        for ticket in case.tickets:
            ticket.owner = wanted
        said = f"Assigned to {_person(wanted)}." if wanted else "Nobody has it now."
        return Came(Ending.DONE, said, changes=(Change("owner", had, wanted),))

    return act(session, incident_id, ActKind.ASSIGN, asked, work)


def _taken(case: Case, owner: str) -> str:
    last = find_last(case.session, case.incident.id, [ActKind.ASSIGN])
    when = f" {since(last.created_at)}" if last is not None else ""
    return f"{_person(owner)} has it{when}." if owner else f"It was given back{when}; nobody has it."


def _who_assigned(case: Case) -> str:
    last = find_last(case.session, case.incident.id, [ActKind.ASSIGN])
    return last.made_by if last is not None else ""


def _person(person: str) -> str:
    return person or "nobody"
