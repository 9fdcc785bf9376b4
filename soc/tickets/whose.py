"""Whose work a list shows: mine, nobody's, my team's; seen from the person who looks."""

from __future__ import annotations

from enum import StrEnum

from sqlmodel import Session

from soc.store.nouns.people.people import get_person, list_people
from soc.store.nouns.people.teams import find_team, get_team

#: Stands for the work that nobody has.
NOBODY = "nobody"


class Whose(StrEnum):
    """As the filters of lists say it."""

    ALL = "All"
    MINE = "Mine"
    UNASSIGNED = "Unassigned"
    MY_TEAM = "My team"


def owners_seen_by(session: Session, person_id: str, whose: Whose) -> tuple[str, ...] | None:
    """The owners that a filter asks for; None for anybody's. Nothing is the work of one who has not said who they are, or has no team."""
    if whose is Whose.ALL:
        return None
    if whose is Whose.UNASSIGNED:
        return ("",)
    if whose is Whose.MINE or not person_id:
        return (person_id or NOBODY,)
    team = get_person(session, person_id).team_id
    return owners_in(session, team) if team else (NOBODY,)


def owners_named(session: Session, owner: str, team: str) -> tuple[str, ...] | None:
    """The same as programs ask for it: a person's id or `nobody`, a team's id or name; None where neither is given. Raises NotFound."""
    if owner:
        return ("",) if owner == NOBODY else (get_person(session, owner).id,)
    if not team:
        return None
    found = find_team(session, team) or get_team(session, team)
    return owners_in(session, found.id)


def owners_in(session: Session, team_id: str) -> tuple[str, ...]:
    """Everybody in the team, those who left too: what they had is the team's."""
    ids = tuple(person.id for person in list_people(session, active_only=False, team_id=team_id))
    return ids or (NOBODY,)
