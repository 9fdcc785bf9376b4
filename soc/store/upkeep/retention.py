"""What of finished batches may go: their files, never their rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from soc.domain.delivery import FINAL_STATES
from soc.store.nouns.batches.batches import BatchFileRow, BatchRow, BatchState, list_files
from soc.store.nouns.deliveries.deliveries import DeliveryRow

#: The name that a file's row holds once the file is gone.
GONE = "pruned/"
_OVER = (BatchState.FINISHED.value, BatchState.FAILED.value, BatchState.STOPPED.value)


def list_prunable(session: Session, *, before: datetime, limit: int) -> Sequence[str]:
    """Batches that ended before the moment, have files, and no message on its way; the oldest first."""
    under_way = sa.exists().where(
        col(DeliveryRow.batch_id) == col(BatchRow.id),
        col(DeliveryRow.state).not_in([state.value for state in FINAL_STATES]),
    )
    has_files = sa.exists().where(
        col(BatchFileRow.batch_id) == col(BatchRow.id), col(BatchFileRow.path).not_like(f"{GONE}%")
    )
    return session.exec(
        select(BatchRow.id)
        .where(col(BatchRow.state).in_(_OVER), col(BatchRow.finished_at) < before, has_files, ~under_way)
        .order_by(col(BatchRow.finished_at))
        .limit(limit)
    ).all()


def mark_pruned(session: Session, batch_id: str, *, said: str) -> Sequence[str]:
    """Say it at each file; returns the names that they had."""
    names = []
    for row in list_files(session, batch_id):
        names.append(row.path)
        row.path = f"{GONE}{row.path.removeprefix('uploads/')}"
        row.warnings = [*row.warnings, said]
        session.add(row)
    return names


def is_used(session: Session, path: str) -> bool:
    """Whether another batch reads this very file."""
    return session.exec(select(BatchFileRow.id).where(BatchFileRow.path == path).limit(1)).first() is not None


def count_kept_files(session: Session) -> int:
    """Files of batches that are still there."""
    kept = col(BatchFileRow.path).not_like(f"{GONE}%")
    return session.exec(select(sa.func.count()).select_from(BatchFileRow).where(kept)).one()


def list_file_paths(session: Session) -> Sequence[str]:
    """What the rows of every batch's files hold, those that are gone left out."""
    kept = col(BatchFileRow.path).not_like(f"{GONE}%")
    return session.exec(select(BatchFileRow.path).where(kept)).all()
