"""Which SQLite this process uses, and whether its write-ahead log may be trusted (docs/adr/0008)."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import structlog

log = structlog.get_logger(__name__)

#: Before 3.51.3 a reset of the write-ahead log can corrupt the database.
OLDEST_SOUND = (3, 51, 3)
#: Each brings an SQLite of its own; which is installed depends on the machine (requirements.in).
BUNDLED = ("pysqlite3.dbapi2", "sqlcipher3.dbapi2")


def find_driver() -> Any:
    """The first driver that brings a sound SQLite; else Python's own `sqlite3`, whatever its version."""
    for name in (*BUNDLED, "sqlite3.dbapi2"):
        try:
            driver = import_module(name)
        except ImportError:
            continue
        if is_sound(driver):
            return driver
    return import_module("sqlite3.dbapi2")


def is_sound(driver: Any) -> bool:
    """Its SQLite keeps a database whole with a write-ahead log."""
    return bool(driver.sqlite_version_info >= OLDEST_SOUND)


def journal_mode(driver: Any) -> str:
    """WAL where it is sound. Elsewhere the older journal: as safe, but writers and readers wait for each other."""
    if is_sound(driver):
        return "WAL"
    log.warning(
        "sqlite_without_wal",
        version=driver.sqlite_version,
        wanted=".".join(map(str, OLDEST_SOUND)),
        hint="slower with many readers; pip install -r requirements.txt brings a newer SQLite",
    )
    return "TRUNCATE"
