"""When this process read a project last, and since when what it keeps of it counts no more."""

from __future__ import annotations

import threading
import time
from datetime import datetime
from typing import NamedTuple

from soc import clock
from soc.integrations.vendors.jira.config import JiraConfig

#: How long a project's shape is believed. A refused ticket forgets it at once.
KEPT_SECONDS = 600.0


class _Project(NamedTuple):
    site: str
    key: str


_lock = threading.Lock()
_read: dict[_Project, datetime] = {}
_refreshed: dict[_Project, float] = {}


def is_fresh(config: JiraConfig, read: float) -> bool:
    """Whether what was read then (`time.monotonic`) is still believed."""
    return time.monotonic() - read < KEPT_SECONDS and read >= _refreshed.get(_of(config), read)


def note_read(config: JiraConfig) -> float:
    """It is read now; the moment by which its age is counted."""
    with _lock:
        _read[_of(config)] = clock.now()
    return time.monotonic()


def last_read(config: JiraConfig) -> datetime | None:
    """None: not since this process began."""
    return _read.get(_of(config))


def forget_everywhere(config: JiraConfig) -> None:
    """Every connector of this process reads the project anew when it needs it."""
    with _lock:
        _refreshed[_of(config)] = time.monotonic()
        _read.pop(_of(config), None)


def _of(config: JiraConfig) -> _Project:
    return _Project(config.base_url, config.project_key)
