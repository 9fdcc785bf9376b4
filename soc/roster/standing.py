"""Who is in the roster, whether they are on duty now, and what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from soc.domain.escalation.reach import Contact
from soc.domain.roster.assignment import TOO_MANY, Candidate
from soc.domain.roster.duty import Duty, Presence
from soc.store.nouns.people.people import PersonRow, list_people
from soc.store.nouns.people.roster import count_held, read_duties, read_last_given
from soc.store.nouns.people.teams import list_teams


@dataclass(frozen=True)
class Member:
    """One person as they stand at a moment. `held` counts the open tickets that they own."""

    person: PersonRow
    team: str
    duty: Duty
    presence: Presence
    held: int
    last_given: datetime | None

    @property
    def away(self) -> bool:
        return self.presence.why.startswith("out of office")

    @property
    def warning(self) -> str:
        """ "" where there is nothing to warn of."""
        if self.held > TOO_MANY:
            return f"{self.person.name} holds {self.held} open tickets, more than {TOO_MANY}."
        return ""

    def as_candidate(self) -> Candidate:
        return Candidate(
            person_id=self.person.id, name=self.person.name, role=self.person.role, team=self.team,
            on_duty=self.presence.on, why=self.presence.why, open_tickets=self.held, until=self.presence.until,
            last_given=self.last_given, out_of_office=self.away,
        )  # fmt: skip


def read_members(session: Session, *, now: datetime) -> Sequence[Member]:
    """Everybody who works here, by name."""
    people = list_people(session)
    teams = {team.id: team.name for team in list_teams(session)}
    duties = read_duties(session, {one.id: one.zone for one in people}, now=now)
    held, given = count_held(session), read_last_given(session)
    return [
        Member(
            person=one,
            team=teams.get(one.team_id or "", ""),
            duty=duties[one.id],
            presence=duties[one.id].at(now),
            held=held.get(one.id, 0),
            last_given=given.get(one.id),
        )
        for one in people
    ]


def read_contacts(session: Session, *, now: datetime, needs: Sequence[str]) -> Sequence[Contact]:
    """Everybody as an escalation sees them. `needs` are the columns of a person that hold an address at a vendor."""
    people = list_people(session)
    teams = {team.id: team.name for team in list_teams(session)}
    duties = read_duties(session, {one.id: one.zone for one in people}, now=now)
    return [
        Contact(
            person_id=one.id,
            name=one.name,
            role=one.role,
            team=teams.get(one.team_id or "", ""),
            duty=duties[one.id],
            addresses={name: getattr(one, name) for name in needs},
        )
        for one in people
    ]
