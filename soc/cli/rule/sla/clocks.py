"""`soc sla explain`, `pause`, `resume`, `recompute`: the clocks of tickets from the shell."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from soc import clock
from soc.cli.say import give, open_store, result
from soc.domain.actor import AT_THE_SHELL
from soc.errors import ConfigurationError, Conflict, NotFound
from soc.sla import explain as explaining
from soc.sla import holding
from soc.store.db import read_session, write_session
from soc.store.nouns.tickets.tickets import TicketRow, find_by_key, get_ticket
from soc.zone import known_zones


def _find(session: Session, which: str) -> TicketRow:
    """By its number here, or its key. Raises NotFound, Conflict where several have it."""
    if which.isascii() and which.isdecimal():
        return get_ticket(session, int(which))
    found = find_by_key(session, which)
    if not found:
        raise NotFound(
            f"There is no ticket {which} here.",
            hint="Only tickets that were opened from this product are listed.",
        )
    if len(found) > 1:
        numbers = ", ".join(str(one.id) for one in found)
        raise Conflict(
            f"{len(found)} tickets have the key {which}.", hint=f"Give the number of one: {numbers}."
        )
    return found[0]


def explain(which: str, *, zone: str) -> None:
    if zone not in known_zones():
        raise ConfigurationError(f"“{zone}” is no time zone.", hint="Write one such as Europe/Berlin.")
    open_store()
    with read_session() as session:
        ticket = _find(session, which)
        sentences = explaining.explain_ticket(session, ticket, zone=zone)
    for sentence in sentences:
        result(sentence)
    give({"ticket": ticket.key, "sentences": sentences})


def pause(which: str, *, reason: str, hours: float) -> None:
    open_store()
    until = clock.now() + timedelta(hours=hours)
    with write_session() as session:
        ticket = _find(session, which)
        holding.pause_by_hand(session, ticket, actor=AT_THE_SHELL, reason=reason, until=until)
        key = ticket.key
    result(f"The clocks of {key} wait until {clock.isoformat(until)}.")
    give({"ticket": key, "until": clock.isoformat(until)})


def resume(which: str) -> None:
    open_store()
    with write_session() as session:
        ticket = _find(session, which)
        if not holding.resume_by_hand(session, ticket, actor=AT_THE_SHELL):
            raise Conflict(
                f"No clock of {ticket.key} is paused by hand.",
                hint="A status that pauses ends when it is left.",
            )
        key = ticket.key
    result(f"The clocks of {key} go on.")
    give({"ticket": key})


def recompute(*, dry_run: bool) -> None:
    open_store()
    found = explaining.recompute(dry_run=dry_run)
    for one in found:
        result(
            f"{one.ticket} {one.clock} (cycle {one.cycle}), {one.field}: kept {one.kept}, its rows say {one.folded}"
        )
    if not found:
        result("What is kept of every clock is what its rows add up to.")
    elif dry_run:
        result(f"{len(found):,} differences. Nothing was changed.")
    else:
        result(f"{len(found):,} differences were mended; no row of the ledger was changed.")
    give({"dry_run": dry_run, "items": [vars(one) for one in found]})
