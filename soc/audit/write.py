"""Tells the audit what somebody did, in the transaction that does it: both are there, or neither."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from soc import clock
from soc.audit.whereabouts import whereabouts
from soc.domain.actor import Actor
from soc.domain.audit import Subject, make_entry
from soc.store.trail.chain import note_entry
from soc.tracing.context import current_trace_id


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject: Subject,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    group: str | None = None,
    note: str | None = None,
) -> None:
    """Add one entry to the audit when this session's transaction commits; none where it is rolled back.

    `action`: words in small letters, a verb first (“set status”). `before` and `after`: the fields that changed
    (`soc.domain.audit.differences` picks them), JSON values, datetimes and enums; mappings within them are taken apart, so that each
    value can be redacted by itself. Never a secret. `group`: one id for all that was done at once. From where it was done is
    taken from `soc.audit.whereabouts`, within which trace from `soc.tracing.context`. It reads and locks nothing now. Raises ValueError or TypeError for what cannot be
    kept; the commit raises NoKey, or StoreError where the chain is broken.
    """
    note_entry(
        session,
        make_entry(
            at=clock.now(),
            actor=actor,
            whereabouts=whereabouts(),
            action=action,
            subject=subject,
            before=before or {},
            after=after or {},
            group=group or "",
            note=note or "",
            trace=current_trace_id(),
        ),
    )
