"""`soc replay`: deliveries that were given up, tried again and followed for a while."""

from __future__ import annotations

import time
from collections.abc import Sequence

from soc import engine
from soc.cli.endings import Ending
from soc.cli.look.looking import identities
from soc.cli.say import end, give, note, open_store, refuse, result
from soc.configuration.practice import resume_practice, stop_sandbox
from soc.delivery.replay import replay
from soc.domain.actor import AT_THE_SHELL
from soc.integrations.registry import KINDS, kind_of
from soc.store.db import read_session
from soc.store.nouns.deliveries import DeliveryFilter, DeliveryRow, get_delivery, page_deliveries
from soc.store.nouns.health import read_health

#: At most so many are tried again by one call of `--dead`.
MOST = 500
_ENDED = ("delivered", "dead", "suppressed", "joined", "awaiting", "cancelled")


def replay_deliveries(ids: Sequence[str], *, dead: bool, integration: str, wait: int) -> None:
    """Try them again and say what came of each. Raises NotFound, ConfigurationError."""
    open_store()
    if integration:
        kind_of(integration)
    if not (ids or dead):
        refuse("No delivery is named.", hint="Name ids (`soc list deliveries --state dead`), or say --dead.")
    chosen = identities([*ids, *(_dead(integration) if dead else [])])
    with read_session() as session:
        for one in chosen:
            get_delivery(session, one)
    if not chosen:
        result("Nothing was given up.")
        give({"released": 0, "items": []})
        return
    try:
        engine.launch(first=resume_practice)
        released = replay(chosen, actor=AT_THE_SHELL)
        note(f"{released:,} of {len(chosen):,} released.")
        rows = _follow(chosen, wait)
    finally:
        engine.shut_down()
        stop_sandbox()
    _tell(rows, released)


def _dead(integration: str) -> list[str]:
    with read_session() as session:
        page = page_deliveries(session, DeliveryFilter(states=("dead",), integration=integration), limit=MOST)
    return [row.id for row in page.rows]


def _follow(ids: Sequence[str], wait: int) -> list[DeliveryRow]:
    until = time.monotonic() + wait
    while True:
        with read_session() as session:
            rows = [get_delivery(session, one) for one in ids]
        if all(row.state in _ENDED or row.next_try_at is None for row in rows) or time.monotonic() > until:
            return rows
        time.sleep(0.2)


def _tell(rows: Sequence[DeliveryRow], released: int) -> None:
    for row in rows:
        result(f"{row.id}  {row.state:10}  {row.integration:10}  {row.error}".rstrip())
    left = [row for row in rows if row.state != "delivered"]
    with read_session() as session:
        paused = {row.integration: read_health(session, row.integration) for row in left}
    held = [
        f"{KINDS[name].title} is paused: {one.paused_reason}" for name, one in paused.items() if one.paused
    ]
    ending, reason = Ending.DONE, ""
    if held:
        ending, reason = Ending.PAUSED, " ".join(held)
    elif left:
        ending, reason = Ending.UNDELIVERED, f"{len(left):,} of {len(rows):,} not delivered."
    elif not released:
        ending, reason = Ending.REFUSED, "All of them had been delivered; nothing was sent again."
    items = [
        {"id": row.id, "state": row.state, "integration": row.integration, "error": row.error} for row in rows
    ]
    give(
        {
            "exit_code": ending.value,
            "ending": ending.word,
            "reason": reason,
            "released": released,
            "items": items,
        }
    )
    if ending is not Ending.DONE:
        end(ending, reason)
