"""When the response target of an incident's ticket will end, before there is a ticket."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from soc.domain.incident import Incident
from soc.domain.severity import Priority
from soc.domain.sla.event import ClockKind
from soc.domain.sla.policy import Policy, Start, Subject, choose
from soc.store.nouns.sla_policies import list_in_force


class Planned:
    """The policies in force, read once for many incidents."""

    def __init__(self, session: Session) -> None:
        self._policies = [policy for policy, _ in list_in_force(session)]

    def policy(self, incident: Incident) -> Policy:
        about = Subject(
            priority=Priority(incident.priority),
            classification=incident.classification,
            source=incident.source,
        )
        return choose(self._policies, about)

    def response_ends(self, incident: Incident, *, now: datetime) -> datetime:
        """A ticket that is opened now has to be answered by then."""
        policy = self.policy(incident)
        first = incident.first_seen if policy.start is Start.FIRST_EVENT else None
        target = policy.targets[incident.priority].of(ClockKind.RESPONSE)
        return policy.time.calendar().add(min(first or now, now), target)

    def day_of(self, incident: Incident, ends: datetime) -> date:
        """The day on which that is, in the zone of the policy."""
        return ends.astimezone(ZoneInfo(self.policy(incident).time.zone)).date()
