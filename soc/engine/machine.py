"""What a process notices of its machine: a disk that is nearly full, a database that did not answer for long."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from soc import clock

GIB = 1024**3
#: A database that is away for less is a restart.
OUTAGE = timedelta(seconds=60)


def least_free(total: int) -> int:
    """Bytes below which a disk is nearly full: a twentieth of it, at least 1 GiB and at most 10."""
    return min(max(total // 20, GIB), 10 * GIB)


class Disk:
    """The disk of the data folder. It is nearly full until half as much again is free: it does not flap."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._full = False

    def trouble(self) -> str:
        """In words; "" where there is room. A folder that cannot be asked says nothing: the store says it then."""
        try:
            total, _, free = shutil.disk_usage(self._folder)
        except OSError:
            return ""
        least = least_free(total)
        self._full = free < (least * 3 // 2 if self._full else least)
        return (
            f"The disk of the data folder is nearly full: less than {least / GIB:.0f} GiB free."
            if self._full
            else ""
        )


class Outage:
    """Since when the database does not answer this process, by both clocks."""

    def __init__(self) -> None:
        self._since: float | None = None

    def failed(self) -> None:
        if self._since is None:
            self._since = clock.steady()

    def answered(self) -> timedelta:
        """How long it had been away, where that was long; else nothing."""
        since, self._since = self._since, None
        away = timedelta(seconds=clock.steady() - since) if since is not None else timedelta(0)
        return away if away >= OUTAGE else timedelta(0)
