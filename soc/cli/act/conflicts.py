"""Conflicts of tickets, and what differs between both sides, from the shell."""

from __future__ import annotations

from dataclasses import asdict

from soc import clock
from soc.cli.endings import Ending
from soc.cli.say import end, give, open_store, result
from soc.configuration.practice import practising
from soc.configuration.readiness import last_looks
from soc.delivery.queues import enqueue_tries
from soc.domain.actor import AT_THE_SHELL
from soc.errors import ConfigurationError
from soc.integrations.registry import KINDS, takers
from soc.store.db import read_session, write_session
from soc.store.nouns.tickets.ticket_conflicts import ConflictFilter, page_conflicts
from soc.store.nouns.tickets.ticket_fields import value_of
from soc.store.nouns.tickets.tickets import get_ticket
from soc.tickets.sync.deciding import decide
from soc.tickets.sync.difference import compare_sides


def _words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "–")


def print_conflicts(*, every: bool, limit: int) -> None:
    """Those that wait for a person; with `every`, the decided ones too."""
    open_store()
    with read_session() as session:
        page = page_conflicts(session, ConflictFilter(is_open=None if every else True), limit=limit)
        told = [(row, get_ticket(session, row.ticket_id).key) for row in page.rows]
    for row, key in told:
        who = f" by {row.their_name}" if row.their_name else ""
        state = f"  [{row.decision}]" if row.decision else ""
        ours, theirs = _words(value_of(row.ours)), _words(value_of(row.theirs))
        result(f"{row.id}  {key}  {row.field}: here {ours}, there {theirs}{who}{state}")
        result(f"   {row.reason}")
    if not told:
        result("No conflict waits for anybody.")
    items = [{**row.model_dump(mode="json"), "key": key} for row, key in told]
    give({"items": items, "total": page.total})


def decide_conflict(number: int, side: str) -> None:
    """`ours` or `theirs`: the other side is brought to it."""
    if side not in ("ours", "theirs"):
        raise ConfigurationError(
            "Say which value holds.", hint="ours (this product's) or theirs (the vendor's)."
        )
    open_store()
    with write_session() as session:
        tries = decide(session, number, "ours" if side == "ours" else "theirs", actor=AT_THE_SHELL)
    enqueue_tries(tries)
    give({"id": number, "decision": side, "told": len(tries)})
    result(f"Conflict {number}: {side}." + (" The vendor is told." if tries else ""))


def print_differences() -> None:
    """One line a difference. Ends with CHECK_FAILED where one is unexplained, with NOT_AVAILABLE where nobody could be asked."""
    open_store()
    with practising():
        compared = compare_sides()
    if not compared.kinds:
        keepers = " or ".join(KINDS[kind].title for kind in takers("open_ticket"))
        end(Ending.NOT_AVAILABLE, f"Nothing was compared: {keepers} is not configured, or switched off.")
    found = compared.differences
    read = f"{compared.tickets:,} {'ticket' if compared.tickets == 1 else 'tickets'} read"
    for one in found:
        result(f"{one.key}  {one.field}: here {_words(one.ours)}, there {_words(one.theirs)}  ({one.why})")
    if not found:
        result(
            f"{read}: both sides agree."
            if compared.tickets
            else "No ticket is open, so nothing was compared."
        )
    for kind, checked in last_looks().items():
        result(
            f"The project of {KINDS[kind].title} was looked at {clock.isoformat(checked)} (`soc readiness {kind}`)."
        )
    give({"items": [asdict(one) for one in found], "total": len(found), "tickets": compared.tickets})
    if any(one.why == "unexplained" for one in found):
        end(Ending.CHECK_FAILED, "Some differences are unexplained.")
