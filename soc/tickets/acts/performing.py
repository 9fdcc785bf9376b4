"""One act in a transaction of its own, and what is to be told after it handed to the engine."""

from __future__ import annotations

from collections.abc import Callable

from sqlmodel import Session

from soc.delivery.queues import enqueue_tries
from soc.store.db import write_session
from soc.tickets.acts.asked import Outcome


def perform(work: Callable[[Session], Outcome]) -> Outcome:
    """Do `work` (one act, or several of which the last one's outcome counts) and tell. Raises what it raises: then nothing was done."""
    with write_session() as session:
        outcome = work(session)
    enqueue_tries(outcome.tries)
    return outcome
