"""Keeping what was heard before the vendor is told so; the same is kept once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from soc.domain.actor import Actor
from soc.domain.acts import Heard
from soc.ids import derived_id
from soc.store.nouns.vendors.interactions import InteractionRow, keep_interactions


def keep_heard(
    session: Session, integration: str, heard: Sequence[Heard], *, practice: bool, now: datetime
) -> list[tuple[str, Heard]]:
    """Those that are new, with the ids they were given."""
    by_id = {derived_id("itx", integration, one.key): one for one in heard}
    rows = [
        InteractionRow(
            id=identity,
            integration=integration,
            key=one.key,
            wish=one.wish.value,
            incident_id=one.incident_id,
            who=one.who,
            said=dict(one.said),
            place=dict(one.place),
            practice=practice,
            made_by=str(Actor.vendor(integration)),
            received_at=now,
            next_try_at=now,
        )
        for identity, one in by_id.items()
    ]
    return [(identity, by_id[identity]) for identity in keep_interactions(session, rows)]
