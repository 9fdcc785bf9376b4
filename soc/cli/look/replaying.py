"""`soc replay`: deliveries that were given up, tried again and followed for a while."""

from __future__ import annotations

import time
from collections.abc import Sequence

from soc import engine
from soc.cli.endings import Ending
from soc.cli.look.looking import identities
from soc.cli.say import end, give, note, open_store, refuse, result
from soc.configuration.practice import resume_practice, stop_sandbox
from soc.delivery.export import about
from soc.delivery.replay import preview_replay_all, replay
from soc.domain.actor import AT_THE_SHELL
from soc.domain.message import message_title
from soc.integrations.registry import KINDS, kind_of
from soc.store.db import read_session
from soc.store.nouns.deliveries.deliveries import DeliveryRow, get_delivery
from soc.store.nouns.deliveries.outbox import list_dead
from soc.store.nouns.vendors.health import read_health

#: At most so many are tried again by one call of `--dead`.
MOST = 500
#: So many are named by a preview; --json names all.
SHOWN = 20
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


def preview_deliveries(ids: Sequence[str], *, dead: bool, integration: str) -> None:
    """Say what `--dead` would send, an integration after the other. Raises NotFound, ConfigurationError."""
    open_store()
    if ids or not dead:
        refuse("A preview is of what was given up.", hint="Say --dead, and --integration for one alone.")
    if integration:
        kind_of(integration)
    found = [preview_replay_all(kind) for kind in ([integration] if integration else KINDS)]
    shown = [one for one in found if one.dead or integration]
    for one in shown:
        result(" ".join(one.words()))
        for row in one.rows[:SHOWN]:
            first = "  looked up first" * (row.id in one.looked_up)
            result(f"  {row.id}  {message_title(row.action):16}  {about(row)[:60]}{first}".rstrip())
    if not shown:
        result("Nothing was given up.")
    give(
        {
            "items": [
                {
                    "integration": one.integration, "dead": one.dead, "messages": one.messages(), "over": one.over,
                    "looked_up": sorted(one.looked_up), "paused": one.paused, "ids": [row.id for row in one.rows],
                }
                for one in shown
            ]
        }
    )  # fmt: skip


def _dead(integration: str) -> Sequence[str]:
    with read_session() as session:
        return list_dead(session, integration, limit=MOST)


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
