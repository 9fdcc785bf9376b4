"""Housekeeping, once an hour by one process of all: what nobody needs any more goes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from soc import clock
from soc.access.approvals import fail_stuck
from soc.audit.redact import expire_old
from soc.batches.retention import UNSTARTED, prune_files, prune_unstarted
from soc.settings import get_settings
from soc.store.db import write_session
from soc.store.nouns.rules.approvals import forget_sealed
from soc.store.nouns.vendors.interactions import forget_interactions
from soc.stream.sending import streamed_through

#: What people did at a vendor is kept so long; what came of it stands in the audit.
HEARD_KEPT = timedelta(days=90)

log = structlog.get_logger(__name__)


class Tables(Protocol):
    """The engine's own."""

    def forget_over(self, before: datetime) -> int: ...
    def count_rows(self) -> Mapping[str, int]: ...


_tables: Tables | None = None


def tidy_by(tables: Tables | None) -> None:
    """From now on these are the engine's tables; None: the engine is down."""
    global _tables
    _tables = tables


def tidy() -> None:
    """Finished workflows of the engine, files of batches that ended long ago, uploads that no batch was made of, old entries of the audit."""
    settings, now = get_settings(), clock.now()
    gone = _tables.forget_over(now - timedelta(hours=settings.keep_engine_hours)) if _tables else 0
    batches = 0
    if settings.keep_files_days:
        batches = prune_files(before=now - timedelta(days=settings.keep_files_days))
    with write_session() as session:
        told = streamed_through(session)
        entries = (
            expire_old(session, days=settings.keep_audit_days, through=told)
            if settings.keep_audit_days
            else 0
        )
        fail_stuck(session, now=now)
        forget_sealed(session, before=now)
        heard = forget_interactions(session, before=now - HEARD_KEPT)
    unstarted = prune_unstarted(before=now - UNSTARTED)
    log.info("tidied", workflows=gone, batches=batches, unstarted=unstarted, heard=heard, audit=entries)
