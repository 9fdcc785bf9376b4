"""What a detector declares, what it is given, and what it finds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Generic, TypeVar

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from soc.detection.block import JudgedBlock
from soc.detection.ruleset import Ruleset
from soc.detection.sessions.window import Session
from soc.detection.stories.pieces import NOBODY, Who
from soc.domain.classification import Classification
from soc.domain.incident import Reason, Sample


class DetectorSettings(BaseModel):
    """What every detector can be told. A detector's own settings add to it: each has a default and a description."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(default=True, description="Whether it looks at all.")
    window_minutes: int | None = Field(
        default=None, ge=1, description="How long a time it looks at; empty: as long as an incident's window."
    )
    score: int = Field(ge=1, le=10, description="Score of what it finds.")
    confidence: float = Field(gt=0, lt=1, description="How sure it is.")


@dataclass(frozen=True)
class Example:
    """A small log, and whether the detector must find something in it. Each is a test."""

    name: str
    log: str
    fires: bool


@dataclass(frozen=True)
class Line:
    """One line that a finding takes out of the session it is in (`part` of its block; None where it is in none)."""

    file_no: int
    block: int
    line_no: int
    part: int | None


@dataclass(frozen=True)
class Finding:
    """Becomes one incident. `identity` tells apart the findings of one detector in one batch.

    It owns its `sessions` (by number) and its `lines`: no later detector sees these sessions, neither become
    incidents of their own, and a line taken counts no more where it was.
    """

    identity: tuple[str | int, ...]
    title: str
    entity: str
    source: str
    score: int
    confidence: float
    count: int
    first_seen: datetime | None
    last_seen: datetime | None
    message: str
    template_id: str
    template: str
    reasons: tuple[Reason, ...]
    samples: tuple[Sample, ...]
    sessions: tuple[int, ...] = ()
    lines: tuple[Line, ...] = ()
    classification: Classification = Classification.SECURITY_ALERT
    who: Who = NOBODY
    #: What it means in a story, in the words of `soc.detection.stories.pieces`.
    meaning: str = ""


@dataclass(frozen=True)
class Lift:
    """Raises the incident that a session becomes to `score`, if it is lower; `signature` and `title` say why."""

    session: int
    score: int
    signature: str
    title: str
    attack: str = ""


@dataclass(frozen=True)
class History:
    """What earlier batches left. Nothing is kept yet: it is always empty."""


NO_HISTORY = History()

MarkT = TypeVar("MarkT")
SettingsT = TypeVar("SettingsT", bound=DetectorSettings)


@dataclass(frozen=True)
class State(Generic[MarkT]):
    """`marks`: what all blocks' marks merged to, None where no block had any. `sessions`: those that no earlier
    detector took, in order of file and line."""

    marks: MarkT | None = None
    sessions: Sequence[Session] = field(default=())


class Detector(ABC, Generic[SettingsT, MarkT]):
    """What many lines must do. One file a detector; it is found by its file.

    `hold` and `mark` run in the pool, once a block; `merge` and `find` in the process that coordinates.
    `order`: detectors find, and take lines, in this order; incidents of one score are listed in it, too.
    `asks`: the tags it asks signatures for, and what they mean.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
    order: ClassVar[int]
    attack: ClassVar[tuple[str, ...]]
    asks: ClassVar[Mapping[str, str]] = {}
    examples: ClassVar[tuple[Example, ...]]
    Settings: ClassVar[type[DetectorSettings]]

    def __init__(self, settings: SettingsT, ruleset: Ruleset) -> None:
        self.settings, self.ruleset = settings, ruleset

    @property
    def window_us(self) -> int:
        return self.window_minutes * 60_000_000

    @property
    def window_minutes(self) -> int:
        return self.settings.window_minutes or self.ruleset.session_window.minutes

    def hold(self, block: JudgedBlock) -> pl.DataFrame | None:
        """`row, value`: lines that alone are too weak to be kept, and what each tried (text). Equal lines of one
        address and source become a session whose `rule_id` is the detector's id; strong lines stay in theirs."""
        return None

    def mark(self, block: JudgedBlock) -> MarkT | None:
        """What the detector needs to know of a block; small, and fit to be pickled. `block.events` has `part`."""
        return None

    def merge(self, marks: Sequence[MarkT]) -> MarkT:
        """Marks of some blocks as one. Associative, and the order of blocks does not matter."""
        raise NotImplementedError(f"{self.id} marks blocks, so it must merge what it marked.")

    @abstractmethod
    def find(self, state: State[MarkT], history: History) -> Iterable[Finding | Lift]:
        """What all the lines together mean."""
