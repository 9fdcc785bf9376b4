"""The people of the practice vendors, for who tries assignment and escalation and has nobody to type in."""

from __future__ import annotations

from collections.abc import Sequence

from soc import clock
from soc.access.people import add_person, add_team
from soc.configuration.practice import practice_is_connected
from soc.domain.actor import Actor
from soc.integrations.registry import KINDS
from soc.store.db import read_session, write_session
from soc.store.nouns.people.people import list_people
from soc.store.nouns.people.teams import find_team

TEAM = "Security"


def fill_from_practice(*, actor: Actor) -> Sequence[str]:
    """Where practice is connected and nobody was ever in the roster: the practice vendors' people, as one team; their names."""
    if not practice_is_connected():
        return []
    with read_session() as session:
        if list_people(session, active_only=False):
            return []
    there = {one.email: one for kind in KINDS.values() for one in kind.practice_people}
    with write_session() as session:
        if list_people(session, active_only=False):
            return []
        now = clock.now()
        team = find_team(session, TEAM) or add_team(session, TEAM, actor=actor, now=now)
        for one in there.values():
            given = {"name": one.name, "email": one.email, "role": one.role, "team_id": team.id}
            add_person(session, given, actor=actor, now=now)
    return [one.name for one in there.values()]
