"""An incident: what one actor did, step by step, and why it was scored as it was."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from soc.domain.classification import Classification
from soc.domain.severity import PRIORITY_BY_SEVERITY, Priority, Severity, severity_of


class IncidentStatus(StrEnum):
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Origin(StrEnum):
    """Where an incident comes from: lines of a log, or a call of the API that told of it."""

    LOG = "log"
    API = "api"


class Reason(BaseModel):
    """One contribution to a verdict: the signature, the words it matched, what they weigh.

    `start` and `end` are byte offsets of `words` within the raw line (UTF-8).
    """

    model_config = ConfigDict(frozen=True)

    signature: str
    title: str
    words: str
    start: int
    end: int
    weight: int
    attack: str = ""

    def told(self, title: str, words: str, where: str = "") -> str:
        """For a message, with the texts as its vendor takes them; what was read of no words of the line quotes none."""
        return f"{title}{f': {words}{where}' if self.words.strip() else ''} ({self.weight:+d})"


def telling(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Those that moved the score; all of them where none did."""
    return tuple(one for one in reasons if one.weight) or reasons


class Sample(BaseModel):
    """One line of an incident, kept with it so that a ticket can quote it. Text is cut at 2,000 characters."""

    model_config = ConfigDict(frozen=True)

    file: str
    line_no: int
    offset: int
    text: str


class Entity(BaseModel):
    """Who or what an incident is about: an address (`ip`), a `user` or a `host`."""

    model_config = ConfigDict(frozen=True)

    type: Literal["ip", "user", "host"]
    value: str


class Step(BaseModel):
    """One thing that was done in the course of an incident. `rule` found it, `attack` are its ATT&CK techniques."""

    model_config = ConfigDict(frozen=True)

    title: str
    classification: Classification
    score: int
    count: int
    first: datetime | None
    last: datetime | None
    rule: str
    attack: str = ""


class Incident(BaseModel):
    """What the log path finds, what the store keeps, what the connectors tell about.

    `count` is in lines. `first_seen`/`last_seen` are event times, None where the log has no time.
    `entity` is the address, or else the host, that the events share ("" where there is none); `entities` are all who
    and which take part, who acts first. `steps` are what was done, in the order of time, minor ones too.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    batch_id: str
    title: str
    source: str
    classification: Classification
    score: int
    confidence: float
    rule_id: str
    template_id: str
    template: str
    entity: str
    count: int
    first_seen: datetime | None
    last_seen: datetime | None
    message: str
    reasons: tuple[Reason, ...]
    samples: tuple[Sample, ...]
    origin: Origin = Origin.LOG
    entities: tuple[Entity, ...] = ()
    steps: tuple[Step, ...] = ()
    #: By what the same story is known in another batch ("": by nothing).
    fingerprint: str = ""

    @property
    def severity(self) -> Severity:
        return severity_of(self.score)

    @property
    def priority(self) -> Priority:
        return PRIORITY_BY_SEVERITY[self.severity]
