"""A rule: when an incident is acted upon, and how; a suppression: when nobody is told for a while. Pure data, one question each."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

from pydantic import BaseModel, ConfigDict, Field

from soc.domain.incident import Incident

#: Stands for every channel that is configured.
EVERY_CHANNEL = "*"


class Rule(BaseModel):
    """Matches an incident whose score and class meet both conditions.

    `class_contains` is compared without regard to case; empty means any class. `actions` are the channels (kinds
    of integration) that are told; `*` is all of them.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    min_score: int = Field(ge=1, le=10)
    class_contains: str = ""
    actions: tuple[str, ...] = (EVERY_CHANNEL,)
    enabled: bool = True
    position: int = 0

    def names(self, channel: str) -> bool:
        """Whether the rule tells this channel."""
        return channel in self.actions or EVERY_CHANNEL in self.actions

    def matches(self, *, score: int, classification: str) -> bool:
        return (
            self.enabled and score >= self.min_score and self.class_contains.lower() in classification.lower()
        )

    def explain(self, *, score: int, classification: str) -> str:
        """Why the rule matched or, where it did not, what would have changed that."""
        parts = [
            f"score {score} {'≥' if score >= self.min_score else 'is below'} {self.min_score}",
        ]
        if self.class_contains:
            has = self.class_contains.lower() in classification.lower()
            parts.append(
                f"class “{classification}” {'contains' if has else 'does not contain'} “{self.class_contains}”"
            )
        if not self.enabled:
            parts.append("the rule is switched off")
        return ", ".join(parts)


#: The setup guide's "Trigger Conditions", in its order.
GUIDE_RULES: tuple[Rule, ...] = (
    Rule(id="severity-9", name="Severity score ≥ 9", min_score=9, position=1),
    Rule(
        id="security-8",
        name="Classification contains “Security” and severity ≥ 8",
        min_score=8,
        class_contains="Security",
        position=2,
    ),
    Rule(
        id="critical-8",
        name="Classification contains “Critical” and severity ≥ 8",
        min_score=8,
        class_contains="Critical",
        position=3,
    ),
)


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
