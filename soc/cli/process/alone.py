"""A batch that a process runs by itself: where nobody is told and nothing else waits, no engine is needed.

To load and start one costs more than to read a small file. What does not end at the first try is an engine's
all the same.
"""

from __future__ import annotations

import threading
from datetime import timedelta

import structlog

from soc.analysis import close_pool
from soc.batches.pulse import end_runs
from soc.batches.run import run_batch
from soc.delivery.ledger import Try
from soc.domain.delivery import DeliveryState
from soc.errors import ConfigurationError, where_it_broke
from soc.integrations.in_force import load_config
from soc.integrations.registry import KINDS
from soc.store.db import read_session
from soc.store.nouns.batches.batches import ACTIVE, list_active
from soc.store.nouns.deliveries.deliveries import count_unfinished

log = structlog.get_logger(__name__)

#: Fewer bytes than this are read sooner in this process, which serves nobody, than the pool's processes can be started.
HERE_BYTES = 2_000_000
#: How long a run that is told to end may take to give its batch back.
_END_PATIENCE = timedelta(seconds=5)


def needs_engine() -> bool:
    """Whether there may be more to do than to read a batch: an integration is configured, or something waits already."""
    if any(_is_configured(kind) for kind in KINDS):
        return True
    with read_session() as session:
        waiting = any(one.state != DeliveryState.DEAD.value for one in count_unfinished(session))
        return waiting or bool(list_active(session))


def _is_configured(kind: str) -> bool:
    try:
        return load_config(kind) is not None
    except ConfigurationError:  # somebody meant it to be; who is told says what is wrong
        return True


class RunAlone:
    """The first try of a batch, in a thread of this process."""

    def __init__(self, batch_id: str) -> None:
        self.batch_id = batch_id
        self.tries: list[Try] = []
        self._broke = False
        self._thread = threading.Thread(target=self._run, daemon=True, name=f"run-{batch_id}")
        self._thread.start()

    def _run(self) -> None:
        try:
            self.tries = run_batch(self.batch_id, read_here=HERE_BYTES)
        except Exception as error:  # noqa: BLE001 - whoever follows the batch hands it to an engine
            self._broke = True
            log.error("try_of_batch_lost", batch=self.batch_id, **where_it_broke(error))

    def wait(self, seconds: float) -> bool:
        """Wait so long for its end, no longer than it takes; returns whether it has ended."""
        self._thread.join(timeout=seconds)
        return not self._thread.is_alive()

    def leaves_work(self, state: str) -> bool:
        """Whether it has ended and something is left for an engine, the batch being in this state now."""
        return not self._thread.is_alive() and (self._broke or bool(self.tries) or state in ACTIVE)

    def end(self) -> None:
        """Have the batch given back where it is still being read, and the pool ended."""
        if self._thread.is_alive():
            end_runs(patience=_END_PATIENCE)
            self._thread.join(timeout=_END_PATIENCE.total_seconds())
        close_pool()
