"""How much is kept: rows of the engine's tables and uploads, so that whoever watches sees what retention leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from soc.store.db import read_session
from soc.store.upkeep.retention import count_kept_files

Count = Callable[[], Mapping[str, int]]
_engine: Count | None = None


def count_engine_by(count: Count | None) -> None:
    """How to count the engine's rows; None: this process runs no engine."""
    global _engine
    _engine = count


def read_engine_rows() -> Mapping[str, int]:
    """Workflows by status, and `steps`; {} in a process without an engine."""
    return _engine() if _engine else {}


def read_kept_files() -> int:
    """Files of batches that retention has not removed."""
    with read_session() as session:
        return count_kept_files(session)
