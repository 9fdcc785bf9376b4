"""What one practice vendor remembers. Every change is journalled first."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from soc import clock
from soc.sandbox.kit.journal import Record

Json = dict[str, Any]


class Settings(BaseModel):
    """What can be set through `/admin/settings`, named as the memory's attributes; every vendor has these.

    `clock_offset`: so many seconds all vendors' clocks are ahead of ours (negative: behind).
    """

    model_config = ConfigDict(extra="forbid")

    clock_offset: float = Field(default=0.0, ge=-86400, le=86400)


class Memory(ABC):
    """One vendor's records, as their journal makes them; `RECORDS` are the `kind`s that it writes.

    All requests run on one event loop and change it without awaiting in between, so each change is atomic; the lock is
    for other threads of the same process that look at it.
    """

    RECORDS: ClassVar[frozenset[str]]
    SETTINGS: ClassVar[type[Settings]] = Settings
    clock_offset: float = 0.0

    def __init__(self, write: Callable[[Record], None], lock: threading.RLock) -> None:
        self.lock = lock
        self._write = write
        self.forget()

    def moment(self) -> datetime:
        """The present moment by the vendor's own clock."""
        return clock.now() + timedelta(seconds=self.clock_offset)

    def now(self) -> str:
        """The same as records keep it: ISO-8601, UTC, microseconds."""
        return self.moment().isoformat(timespec="microseconds")

    def record(self, kind: str, data: Json) -> None:
        """Journal and apply one change."""
        with self.lock:
            self._write({"kind": kind, "data": data})
            self.apply(kind, data)

    @abstractmethod
    def apply(self, kind: str, data: Json) -> None:
        """Make a journalled change, at its time or when the journal is read again."""

    @abstractmethod
    def kept(self) -> list[Record]:
        """The records that make it what it is now; superseded ones are left out."""

    @abstractmethod
    def forget(self) -> None:
        """Forget everything that was received; numbering starts again. Settings stay."""

    @abstractmethod
    def counts(self) -> dict[str, int]:
        """How much was taken, under names that no other vendor has."""

    @abstractmethod
    def received(self) -> dict[str, list[Json]]:
        """Everything that was received under the names of `counts`, oldest first."""
