"""Faults of the database itself: it is away, locked, full or starting, and the same call may succeed later."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import sqlalchemy as sa
import structlog

from soc.errors import StoreError

log = structlog.get_logger(__name__)

T = TypeVar("T")

#: What a statement itself did wrong: asking again changes nothing.
_OWN_MISTAKES = (
    sa.exc.IntegrityError,
    sa.exc.DataError,
    sa.exc.ProgrammingError,
    sa.exc.NotSupportedError,
)
#: SQLite's words for what PostgreSQL calls a programming error: a schema that is not the product's.
_UNKNOWN = ("no such table", "no such column")
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 5.0


def is_store_fault(error: BaseException) -> bool:
    """Whether the database was away, locked or full: not the statement's mistake, and likely over later."""
    if isinstance(error, sa.exc.TimeoutError):  # no connection of the pool came free
        return True
    if not isinstance(error, sa.exc.DBAPIError) or isinstance(error, _OWN_MISTAKES):
        return False
    return not str(error.orig).startswith(_UNKNOWN)


#: How SQLite and PostgreSQL say that no room is left (PostgreSQL's class 53100 is disk_full).
_FULL = ("disk is full", "disk full", "no space left", "quota exceeded")


def is_full(error: BaseException) -> bool:
    """Whether there was no room left, on this machine's disk or on the database's."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    driver = getattr(error, "orig", None)
    if driver is None or not isinstance(error, sa.exc.DBAPIError):
        return False
    return getattr(driver, "sqlstate", "") == "53100" or any(word in str(driver).lower() for word in _FULL)


def trouble_of(error: BaseException) -> StoreError | None:
    """What a person is told of it: no room, or a database that does not answer. None: it was something else."""
    if is_full(error):
        return StoreError("The disk is full.", hint="Nothing was saved. Free some space, then do it again.")
    if isinstance(error, sa.exc.SQLAlchemyError) and is_store_fault(error):
        return StoreError("The database does not answer.", hint="Nothing was saved. Do it again in a moment.")
    return None


def when_the_store_answers(
    work: Callable[[], T],
    *,
    patience: timedelta,
    give_up: Callable[[], bool] = lambda: False,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Do the work, again and again while the database has a fault; `work` has to be safe to repeat.

    Raises the database's own error when `patience` has passed or `give_up` says so; anything else at once.
    """
    end, wait = time.monotonic() + patience.total_seconds(), _FIRST_WAIT
    while True:
        try:
            return work()
        except sa.exc.SQLAlchemyError as error:
            if not is_store_fault(error) or give_up() or time.monotonic() + wait > end:
                raise
            log.warning("store_does_not_answer", error=type(error).__name__, again_in=wait)
        sleep(wait)
        wait = min(wait * 2, _LONGEST_WAIT)
