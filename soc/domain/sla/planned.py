"""When the response target of an incident's ticket will end, before there is a ticket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from soc.domain.incident import Incident
from soc.domain.severity import Priority
from soc.domain.sla.event import ClockKind
from soc.domain.sla.policy import Policy, Start, Subject, choose


class Planned:
    """By these policies, the first that takes an incident wins."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self._policies = policies

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

    def day_of(self, incident: Incident, ends: datetime, *, zone: str = "") -> date:
        """The day on which that is, in this zone (of the project that the ticket is in), else in the policy's."""
        return day_in(ends, zone or self.policy(incident).time.zone)


def day_in(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()
