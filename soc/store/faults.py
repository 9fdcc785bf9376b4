"""Faults of the database itself: it is away, locked, full or starting, and the same call may succeed later.

And what it is not given: a text that one of the two databases cannot hold.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
import structlog

from soc.errors import ConfigurationError, StoreError
from soc.storable import is_storable

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
#: What SQLite says where a file may not grow any more, and where a disk fails.
_UNWRITABLE = ("disk i/o error", "file too large")
_NO_ROOM = "The disk is full.", "Free some space"
_NO_GROWTH = (
    "The disk cannot be written.",
    "A limit on the size of files (ulimit -f) was reached, or the disk fails: see to it",
)


def what_no_room(error: BaseException) -> tuple[str, str] | None:
    """What is wrong with this machine's disk or the database's, and what to do about it; None where it is something else."""
    if isinstance(error, OSError):
        full, stuck = error.errno in (errno.ENOSPC, errno.EDQUOT), error.errno == errno.EFBIG
    elif isinstance(error, sa.exc.DBAPIError):
        said = str(error.orig).lower()
        full = getattr(error.orig, "sqlstate", "") == "53100" or any(word in said for word in _FULL)
        stuck = any(word in said for word in _UNWRITABLE)
    else:
        return None
    return _NO_ROOM if full else _NO_GROWTH if stuck else None


#: How SQLite says that its file is none, or is broken, and PostgreSQL (XX001 data_corrupted, XX002 index_corrupted).
_BROKEN = ("file is not a database", "disk image is malformed")
_DAMAGED = (
    "The database is damaged.",
    "Stop the product, keep the file, and restore the last backup (docs/backup.md)",
)


def is_damaged(fault: object) -> bool:
    """Whether a driver's own error says that the database itself is broken."""
    broken = getattr(fault, "sqlstate", "") in ("XX001", "XX002")
    return broken or any(word in str(fault).lower() for word in _BROKEN)


def what_ails(error: BaseException) -> tuple[str, str] | None:
    """What is wrong with the disk or the database, and what to do about it; None for one that may only be away."""
    if isinstance(error, sa.exc.DBAPIError) and is_damaged(error.orig):
        return _DAMAGED
    return what_no_room(error)


def is_full(error: BaseException) -> bool:
    """Whether there was no room left, or none that may be used."""
    return what_no_room(error) is not None


def trouble_of(error: BaseException) -> StoreError | None:
    """What a person is told of it: no room, or a database that does not answer. None: it was something else."""
    if found := what_ails(error):
        return StoreError(found[0], hint=f"Nothing was saved. {found[1]}, then do it again.")
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


def watched(engine: sa.Engine) -> sa.Engine:
    """The engine; what it cannot hold is refused, and a broken file is a fault of the database."""
    return call_damage_a_fault(refuse_unstorable(engine))


def call_damage_a_fault(engine: sa.Engine) -> sa.Engine:
    """The engine; from now on a broken file is an OperationalError, as other faults of the database are.

    SQLite's driver calls it by the name that all its errors share.
    """

    def look(context: sa.engine.ExceptionContext) -> BaseException | None:
        error = context.sqlalchemy_exception
        if error is not None and type(error) is sa.exc.DatabaseError and is_damaged(error.orig):
            assert error.orig is not None
            return sa.exc.OperationalError(context.statement, None, error.orig, hide_parameters=True)
        return None

    sa.event.listen(engine.dialect, "handle_error", look)  # also while it connects
    return engine


def refuse_unstorable(engine: sa.Engine) -> sa.Engine:
    """The engine; from now on a statement with a text that is not `storable` raises ConfigurationError, whether it writes or asks.

    Inlets clean or refuse such a text themselves, sooner and at its field.
    """

    def look(_connection: Any, _cursor: Any, _statement: str, given: Any, _context: Any, _many: bool) -> None:
        if not _are_storable(given):
            raise ConfigurationError(
                "A text holds a character that cannot be kept: a NUL, or half a character.",
                hint="Write it again without that character.",
            )

    sa.event.listen(engine, "before_cursor_execute", look)
    return engine


def _are_storable(given: Any) -> bool:
    """Of a statement's values: one row's or many rows', by name or by place (SQLAlchemy's flag for many may mean either)."""
    if isinstance(given, str):
        return is_storable(given)
    if isinstance(given, Mapping):
        given = given.values()
    elif not isinstance(given, (list, tuple)):
        return True
    return all(map(_are_storable, given))
