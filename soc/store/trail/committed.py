"""What is done once a transaction is committed, and never where it is rolled back: above all, to log that something was changed.

A log that says what a transaction did before it is committed says what did not happen where the commit fails, and says it twice where
the transaction is tried again. What was put off within a savepoint that is rolled back goes with it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session

from soc.errors import where_it_broke

log = structlog.get_logger(__name__)
_PUT_OFF = "soc once committed"

#: Moves with every transaction that this process has committed.
_commits = itertools.count(1)
_newest = 0

Then = Callable[[], object]


def commits_here() -> int:
    """Another number than before once this process has committed a transaction since."""
    return _newest


def once_committed(session: Session, then: Then) -> None:
    """Call it when this session's transaction is committed, in the order of being put off. What it raises is logged: the change stands."""
    if not session.in_transaction():
        session.begin()  # else a rollback of a session that has not asked anything yet would end nothing
    session.info.setdefault(_PUT_OFF, []).append((then, session.get_nested_transaction()))


class LogOnceCommitted:
    """A log whose events are those of this session's transaction: `LogOnceCommitted(session, log).info("rule_added", rule=…)`."""

    def __init__(self, session: Session, to: Any) -> None:
        self._session, self._to = session, to

    def info(self, event: str, **fields: object) -> None:
        once_committed(self._session, partial(self._to.info, event, **fields))

    def warning(self, event: str, **fields: object) -> None:
        once_committed(self._session, partial(self._to.warning, event, **fields))


def within(inner: SessionTransaction | None, outer: SessionTransaction) -> bool:
    """Whether it is this transaction, or a savepoint in it."""
    while inner is not None:
        if inner is outer:
            return True
        inner = inner.parent
    return False


def _forget(session: Session, ended: SessionTransaction) -> None:
    """The transaction, or the savepoint, is rolled back."""
    waiting = session.info.get(_PUT_OFF)
    if waiting:
        waiting[:] = [one for one in waiting if ended.nested and not within(one[1], ended)]


def _do(session: Session) -> None:
    global _newest
    if session.in_nested_transaction():
        return
    _newest = next(_commits)
    for then, _ in session.info.pop(_PUT_OFF, ()):
        try:
            then()
        except Exception as error:  # noqa: BLE001 - whoever committed must not take it for undone
            log.error("not_done_after_commit", **where_it_broke(error))


# once for all sessions: to listen to each one anew costs more than what is put off
sa.event.listen(Session, "after_soft_rollback", _forget)
sa.event.listen(Session, "after_commit", _do)
