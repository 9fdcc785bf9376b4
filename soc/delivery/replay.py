"""A person brings back what was given up, or an integration works again and its held deliveries go on."""

from __future__ import annotations

from collections.abc import Sequence

from soc import clock
from soc.delivery import revival
from soc.delivery.queues import enqueue_tries
from soc.domain.actor import Actor
from soc.store.db import write_session


def replay(delivery_ids: Sequence[str], *, actor: Actor) -> int:
    """Try dead, suppressed or cancelled deliveries again; returns how many were released.

    What may have reached the vendor is looked up there before it is sent. Others are left as they are, so a
    double click releases once.
    """
    now = clock.now()
    with write_session() as session:
        revived = [revival.revive(session, delivery_id, actor=actor, now=now) for delivery_id in delivery_ids]
    released = [one for one in revived if one is not None]
    enqueue_tries(released)
    return len(released)


def resume(integration: str, *, actor: Actor) -> int:
    """Let everything that waits for this integration go on; returns how many deliveries that are."""
    now = clock.now()
    with write_session() as session:
        released = revival.release(session, integration, actor=actor, now=now)
    enqueue_tries(released)
    return len(released)
