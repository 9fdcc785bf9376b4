"""Whether the escalation's clock runs, so that every page and `/metrics` can say it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from soc import clock
from soc.escalation.heartbeat import PATIENCE, oldest_due
from soc.store.db import read_session
from soc.store.nouns.escalation_clock import read_tick
from soc.store.unchanged import while_unchanged


@dataclass(frozen=True)
class EscalationClock:
    """`trouble` says what is wrong with it, `heartbeat` what was wrong with the last call of the heartbeat ("": nothing)."""

    ticked_at: datetime | None
    oldest_due: timedelta
    trouble: str
    heartbeat: str


@while_unchanged
def read_escalation() -> EscalationClock:
    """As it stands now."""
    now = clock.now()
    with read_session() as session:
        tick = read_tick(session)
    oldest = oldest_due(now=now)
    trouble = ""
    # a tick that lies ahead was made before the clock was set back; the next one makes it good
    if tick is not None and now - tick.at > PATIENCE:
        trouble = f"Nobody is told: the escalation's clock has not run for {clock.describe(now - tick.at)}"
    elif oldest > PATIENCE:
        trouble = f"A step of an escalation is late by {clock.describe(oldest)}"
    return EscalationClock(tick.at if tick else None, oldest, trouble, tick.trouble if tick else "")
