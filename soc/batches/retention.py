"""Uploads and lines of batches that ended long ago go; their incidents, tickets and deliveries stay.

Never what is still needed: a batch that has not finished keeps its files, and so does one of whose messages one is
still on its way. An upload that no batch was made of goes after a day.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from soc.audit.write import record
from soc.batches.reading.folders import forget_events
from soc.domain.actor import Actor, Known
from soc.domain.audit import Subject, SubjectKind
from soc.errors import NotFound
from soc.store.db import read_session, write_session
from soc.store.files import get_files, name_of
from soc.store.upkeep.retention import is_used, list_file_paths, list_prunable, mark_pruned

log = structlog.get_logger(__name__)
_RETENTION = Actor.system("retention", Known.SCHEDULE)

#: Said of each file of such a batch, on its page and by the API.
PRUNED = (
    "Its lines and its upload were removed when they had been kept for as long as SOC_KEEP_FILES_DAYS says."
)
#: So many batches at one turn.
PORTION = 50
#: An upload that no batch was made of (chosen, and the page left) is kept for so long.
UNSTARTED = timedelta(hours=24)


def prune_files(*, before: datetime) -> int:
    """Remove the files of batches that finished before the moment; returns of how many."""
    with read_session() as session:
        chosen = list_prunable(session, before=before, limit=PORTION)
    for batch_id in chosen:
        _prune(batch_id)
    if chosen:
        log.info("files_pruned", batches=len(chosen))
    return len(chosen)


def _prune(batch_id: str) -> None:
    """The rows say so first: what is read meanwhile is missed with a reason. What is left by a crash is only rubbish."""
    with write_session() as session:
        paths = mark_pruned(session, batch_id, said=PRUNED)
        record(session, _RETENTION, "delete files", Subject(SubjectKind.BATCH, batch_id), note=PRUNED)
    forget_events(batch_id)
    for path in paths:
        name = name_of(path) if path else None
        if name is None or not name.startswith("uploads/"):
            continue  # a file that was read where it lies is not ours
        with read_session() as session:
            used = is_used(session, path)
        if not used:
            get_files().delete(name)


def prune_unstarted(*, before: datetime) -> int:
    """Remove uploads written before the moment that no batch was made of; returns how many."""
    files, gone = get_files(), 0
    lying = files.names("uploads")  # before the rows are read: what comes later is not looked at
    with read_session() as session:
        wanted = {name_of(path) for path in list_file_paths(session)}
    for name in (f"uploads/{one}" for one in lying):
        if name in wanted:
            continue
        with suppress(NotFound):  # another process was here before
            if files.written_at(name) >= before:
                continue
            with read_session() as session:
                used = is_used(session, name)
            if not used:
                files.delete(name)
                gone += 1
    if gone:
        log.info("unstarted_uploads_pruned", files=gone)
    return gone
