"""What the practice vendors remember together, and the journal that outlives the process."""

from __future__ import annotations

import threading
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from soc.sandbox.found import VENDORS
from soc.sandbox.kit.journal import Journal, Record
from soc.sandbox.kit.memory import Memory

One = TypeVar("One", bound=Memory)


class SandboxState:
    """Every vendor's memory, over one journal (none without a path). Raises JournalInUse."""

    def __init__(self, path: Path | None = None) -> None:
        self.lock = threading.RLock()
        self._journal = Journal(path) if path else None
        self.memories: dict[str, Memory] = {
            vendor.name: vendor.memory(self._write, self.lock) for vendor in VENDORS
        }
        if self._journal:
            self._replay(self._journal)

    def of(self, kind: type[One]) -> One:
        """One vendor's memory, by its class."""
        return next(memory for memory in self.memories.values() if isinstance(memory, kind))

    def moment(self) -> datetime:
        """The present moment by the vendors' clock."""
        return next(iter(self.memories.values())).moment()

    def counts(self) -> dict[str, int]:
        """What each vendor took."""
        with self.lock:
            return {name: number for one in self.memories.values() for name, number in one.counts().items()}

    def received(self) -> dict[str, list[dict[str, Any]]]:
        """All that was received under the names of `counts`, oldest first."""
        with self.lock:
            return {name: rows for one in self.memories.values() for name, rows in one.received().items()}

    def reset(self) -> None:
        """Forget everything that was received; numbering starts again. Settings stay."""
        with self.lock:
            for memory in self.memories.values():
                memory.forget()
            if self._journal:
                self._journal.rewrite(())

    def close(self) -> None:
        if self._journal:
            self._journal.close()

    def _write(self, record: Record) -> None:
        if self._journal:
            self._journal.append(record)

    def _replay(self, journal: Journal) -> None:
        owners = {kind: memory for memory in self.memories.values() for kind in memory.RECORDS}
        read = 0
        for record in journal.read():
            read += 1
            if (owner := owners.get(str(record.get("kind")))) is not None:
                owner.apply(str(record["kind"]), record.get("data", {}))
        kept = [record for memory in self.memories.values() for record in memory.kept()]
        if read > len(kept):  # some are superseded versions
            journal.rewrite(kept)
