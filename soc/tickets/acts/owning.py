"""Who has an incident: acknowledged by whom, assigned to whom. The first of two wins, the second is told who was first."""

from __future__ import annotations

from sqlmodel import Session

from soc.audit.write import record
from soc.domain.actor import Actor
from soc.domain.acts import ActKind, Ending
from soc.domain.audit import Subject, SubjectKind
from soc.errors import ConfigurationError, NotFound
from soc.integrations.naming import named, person_named
from soc.store.nouns.incidents.acts import ActRow, find_last
from soc.store.nouns.incidents.incidents import lock_incident
from soc.store.nouns.people.people import find_by_email, get_person
from soc.tickets.acts.asked import Asked, Came, Change, Outcome
from soc.tickets.acts.case import Case, act
from soc.tickets.acts.wording import called_by, is_ended, is_same, since


def acknowledge(session: Session, incident_id: str, asked: Asked) -> Outcome:
    """Somebody has seen it and looks into it. Holds until it is released (`release`) or reopened. Raises NotFound."""

    def work(case: Case) -> Came:
        row = case.incident
        if row.merged_into:
            return Came(
                Ending.REFUSED, f"It was merged into {called_by(session, row.merged_into)}: act on that."
            )
        if is_ended(row):
            return Came(Ending.REFUSED, f"It is {row.status} already; there is nothing to acknowledge.")
        if row.acknowledged_at is not None:
            mine = is_same(row.acknowledged_by, asked.actor)
            who = "You" if mine else named(session, row.acknowledged_by)
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
    before = {"acknowledged_by": row.acknowledged_by, "acknowledged_at": row.acknowledged_at}
    row.acknowledged_at, row.acknowledged_by, row.changed_by = None, "", str(actor)
    session.add(row)
    session.flush()
    record(session, actor, "release", Subject(SubjectKind.INCIDENT, incident_id), before=before)
    return True


def assign(
    session: Session, incident_id: str, owner: str, asked: Asked, *, expected: str | None = None
) -> Outcome:
    """The person of the roster who has it from now on, by id or e-mail; "" gives it back. `expected` is who had it when that was
    decided (None: whoever it was): somebody else has it by now → TAKEN. Raises NotFound, ConfigurationError (who left).
    """
    wanted = find_owner(session, owner)

    def work(case: Case) -> Came:
        row = case.incident
        had, who = row.owner, person_named(session, wanted)
        if had == wanted:
            return Came(Ending.ALREADY, f"{who} has it already." if wanted else "Nobody has it.")
        if expected is not None and had != expected:
            last = find_last(session, incident_id, [ActKind.ASSIGN])
            return Came(Ending.TAKEN, _taken(session, had, last), by=last.made_by if last else had)
        row.owner = wanted
        for ticket in case.tickets:
            ticket.owner = wanted
        said = f"Assigned to {who}." if wanted else "Nobody has it now."
        return Came(Ending.DONE, said, changes=(Change("owner", had, wanted),))

    return act(session, incident_id, ActKind.ASSIGN, asked, work)


def find_owner(session: Session, owner: str) -> str:
    """The id of a person of the roster who is here, by id or e-mail; "" for nobody. Raises NotFound, ConfigurationError."""
    wanted = owner.strip()
    if not wanted:
        return ""
    person = find_by_email(session, wanted) if "@" in wanted else get_person(session, wanted)
    if person is None:
        raise NotFound("Nobody has this e-mail address.", hint="`soc people list` shows everybody.")
    if not person.active:
        raise ConfigurationError(f"{person.name} has left.", hint="Give it to somebody who is here.")
    return person.id


def _taken(session: Session, owner: str, last: ActRow | None) -> str:
    when = f" {since(last.created_at)}" if last is not None else ""
    if not owner:
        return f"It was given back{when}; nobody has it."
    by = f", assigned by {named(session, last.made_by)}{when}" if last is not None else ""
    return f"{person_named(session, owner)} has it{by}."
