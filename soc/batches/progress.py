"""How far a batch is: a row in the store, so it survives a reload, a restart and a crash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from soc import clock
from soc.domain.delivery import DeliveryState
from soc.store.db import read_session
from soc.store.nouns.batches.batches import ACTIVE, BatchFileRow, BatchRow, get_batch, list_files
from soc.store.nouns.deliveries.deliveries import count_by_state, count_held
from soc.store.unchanged import while_unchanged

_MOVING = (
    DeliveryState.PENDING.value,
    DeliveryState.SENDING.value,
    DeliveryState.RETRY.value,
    DeliveryState.UNKNOWN.value,
)


@dataclass(frozen=True)
class BatchProgress:
    """`share` is 0–1 of the bytes; `seconds_left` is None while no rate is known.

    `settled`: the batch has ended and none of its deliveries will move by itself any more.
    """

    batch: BatchRow
    files: Sequence[BatchFileRow]
    share: float
    lines_per_second: float
    seconds_left: float | None
    deliveries: Mapping[str, int]
    held: int
    settled: bool

    @property
    def doing(self) -> str:
        """What is being done now, of a batch at work; what follows is the name of a file."""
        begins = "Starting to read" if not self.batch.lines_done else "Reading"
        return _DOING.get(self.batch.stage, begins)

    @property
    def figures(self) -> str:
        """How much is read, and how fast; "" where nothing is yet."""
        lines = self.batch.lines_done
        return f"{lines:,} lines · {self.lines_per_second:,.0f} lines/s" if lines else ""


#: By stage.
_DOING = {
    "opening": "Opening",
    "compiling": "Compiling the signatures, once for this installation, to read",
    "grouping": "Grouping",
    "writing": "Writing",
}


def read_progress(batch_id: str, *, now: datetime | None = None) -> BatchProgress:
    """Raises NotFound."""
    moment = now or clock.now()
    with read_session() as session:
        batch = get_batch(session, batch_id)
        files = list_files(session, batch_id)
        deliveries = count_by_state(session, batch_id=batch_id)
        held = count_held(session, batch_id=batch_id)
    running = batch.state in ACTIVE
    share = (
        1.0 if not running else min(1.0, batch.bytes_done / batch.bytes_total) if batch.bytes_total else 0.0
    )
    until = batch.finished_at or moment
    elapsed = (until - batch.started_at).total_seconds() if batch.started_at else 0.0
    rate = batch.lines_done / elapsed if elapsed > 0 else 0.0
    left = elapsed * (1 - share) / share if running and share > 0.01 else None
    moving = sum(deliveries[state] for state in _MOVING) - held
    return BatchProgress(
        batch=batch,
        files=files,
        share=share,
        lines_per_second=rate,
        seconds_left=left,
        deliveries=deliveries,
        held=held,
        settled=not running and moving <= 0,
    )


#: The same for a page that shows it beside other things.
kept_progress = while_unchanged(read_progress)
