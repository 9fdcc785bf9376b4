"""A stable name for this process, kept by a file lock."""

from __future__ import annotations

import fcntl
import socket
from pathlib import Path
from typing import IO

from soc.errors import StoreError

MOST_SLOTS = 64


class ExecutorSlot:
    """A stable name for this process: the first slot on this machine whose holder is not alive.

    The name is kept by a file lock, which the operating system gives back at any death: whoever takes the
    slot next has the dead process's name and recovers its work.
    """

    def __init__(self, folder: Path, name: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        host = socket.gethostname()
        names = [name] if name else [f"{host}-{slot}" for slot in range(MOST_SLOTS)]
        for candidate in names:
            handle = (folder / f"{candidate}.lock").open("a")
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                handle.close()
                continue
            self.name, self._handle = candidate, handle
            return
        raise StoreError(
            f"Another process runs as {name or host}.", hint="Stop it first, or set another SOC_EXECUTOR_ID."
        )

    def dead_neighbours(self) -> list[str]:
        """Slots of this machine that were used once and whose process is gone."""
        dead = []
        for path in sorted(Path(self._handle.name).parent.glob("*.lock")):
            if path.stem == self.name:
                continue
            with path.open("a") as handle:
                if _try_lock(handle):
                    dead.append(path.stem)
        return dead

    def release(self) -> None:
        self._handle.close()


def _try_lock(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    fcntl.flock(handle, fcntl.LOCK_UN)
    return True
