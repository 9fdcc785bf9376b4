"""What is not told for a while: a suppression of what is known, or the window of a maintenance. Pure data and one question."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

from pydantic import BaseModel, ConfigDict

from soc.domain.incident import Incident

#: Longer than this nothing is hidden: whoever still wants it says so anew.
LONGEST = timedelta(days=90)


class HidingKind(StrEnum):
    #: Counts by when a batch is processed.
    SUPPRESSION = "suppression"
    #: Counts by when it happened, as the log says: lines that are processed later are hidden all the same.
    MAINTENANCE = "maintenance"


class Suppression(BaseModel):
    """Hides an incident that meets every condition that is set. `entity` and `source` may hold `*`; letters' case is nothing.

    Hidden means: it is stored, judged and counted, and nobody is told.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    kind: HidingKind
    reason: str
    #: The person who answers for it, by id.
    owner: str
    starts_at: datetime
    ends_at: datetime
    entity: str = ""
    source: str = ""
    signature: str = ""
    class_contains: str = ""

    def hides(self, incident: Incident, *, now: datetime) -> bool:
        """Whether nobody is told of this incident, which is processed now."""
        return self.meets(incident) and all(
            self.starts_at <= one < self.ends_at for one in self._when(incident, now)
        )

    def _when(self, incident: Incident, now: datetime) -> list[datetime]:
        """The moments that must lie within: of a maintenance all that the log says of it."""
        known = [one for one in (incident.first_seen, incident.last_seen) if one is not None]
        return known if self.kind is HidingKind.MAINTENANCE and known else [now]

    def meets(self, incident: Incident) -> bool:
        """Whether every condition that is set holds, whenever it was."""
        asked = [
            (self.entity, incident.entity),
            (self.source, incident.source),
            (self.signature, incident.rule_id),
        ]
        return (
            any((self.entity, self.source, self.signature, self.class_contains))
            and all(fnmatchcase(has.lower(), _plain(wanted.lower())) for wanted, has in asked if wanted)
            and self.class_contains.lower() in incident.classification.value.lower()
        )

    def explain(self) -> str:
        """For whoever reads why a message was not sent."""
        return f"hidden until {self.ends_at:%Y-%m-%d %H:%M} UTC ({self.id}): {self.reason}"


def _plain(pattern: str) -> str:
    """Only `*` is more than itself."""
    return pattern.replace("[", "[[]").replace("?", "[?]")
