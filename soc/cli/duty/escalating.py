"""What `soc escalation …` does."""

from __future__ import annotations

from pathlib import Path

from soc import clock
from soc.cli.duty.rostering import moment_of
from soc.cli.given import read_document, refused_where_wrong
from soc.cli.say import give, note, open_store, result, warn
from soc.domain.actor import AT_THE_SHELL
from soc.domain.severity import Priority
from soc.errors import ConfigurationError, NotFound
from soc.escalation import chains as changing
from soc.escalation.heartbeat import oldest_due
from soc.escalation.preview import find_holes, preview_chain
from soc.store.db import read_session, write_session
from soc.store.nouns.escalation.chains import get_chain
from soc.store.nouns.escalation.escalation_clock import read_tick
from soc.store.nouns.escalation.escalations import EscalationStepRow, list_steps
from soc.store.nouns.tickets.tickets import find_by_key, get_ticket


def print_status() -> None:
    open_store()
    with read_session() as session:
        tick = read_tick(session)
    late = oldest_due()
    result(f"Ticked {clock.describe(clock.now() - tick.at)} ago." if tick else "It has never ticked here.")
    result(f"The step that waits longest is due since {clock.describe(late)}." if late else "Nothing is due.")
    if tick and tick.trouble:
        warn(f"Heartbeat: {tick.trouble}")
    give(
        {
            "ticked_at": tick.at if tick else None, "oldest_due_seconds": late.total_seconds(),
            "heartbeat_at": tick.beat_at if tick else None, "heartbeat_trouble": tick.trouble if tick else "",
        }
    )  # fmt: skip


def print_chains() -> None:
    open_store()
    with read_session() as session:
        chains = changing.read_chains(session)
    for chain in chains:
        takes = ", ".join(chain.priorities) or "every priority"
        result(
            f"{chain.id}  {chain.name} (version {chain.version}{'' if chain.enabled else ', off'}): {takes}"
        )
        for number, step in enumerate(chain.steps, start=1):
            whom = ", ".join(one.words for one in step.tell) or "the channel"
            result(
                f"    {number}. {step.title}: {step.when} → {whom} over {', '.join(step.channels) or 'nothing'}"
            )
    give({"items": [chain.model_dump(mode="json") for chain in chains]})


def set_chain(file: Path, chain_id: str) -> None:
    """Add or replace what the file says."""
    open_store()
    given = read_document(file, what="chain", hint="Begin with: soc escalation chains --json")
    with refused_where_wrong(), write_session() as session:
        chain = changing.read_chain(given, chain_id=chain_id or "new")
        change = changing.replace_chain if chain_id else changing.add_chain
        made = change(session, chain, actor=AT_THE_SHELL, now=clock.now())
    result(f"{made.id}  {made.name}, version {made.version}")
    give(made.model_dump(mode="json"))


def move_chain(chain_id: str, place: int) -> None:
    open_store()
    with write_session() as session:
        changing.place_chain(session, chain_id, place, actor=AT_THE_SHELL, now=clock.now())
    print_chains()


def delete_chain(chain_id: str) -> None:
    open_store()
    with write_session() as session:
        changing.remove_chain(session, chain_id, actor=AT_THE_SHELL, now=clock.now())
    result(f"{chain_id} is taken away.")
    give({"removed": chain_id})


def print_preview(chain_id: str, priority: str, opened: str) -> None:
    open_store()
    if priority.title() not in list(Priority):
        raise ConfigurationError("There is no such priority.", hint=f"One of: {', '.join(Priority)}.")
    at = moment_of(opened) if opened else clock.now()
    with read_session() as session:
        chain = get_chain(session, chain_id) if chain_id else changing.read_chains(session)[0]
        found = preview_chain(session, chain, Priority(priority.title()), opened=at)
    for one in found:
        does = f"; {one.does}" if one.does else ""
        instead = " (the fallback)" if one.instead and one.told else ""
        result(f"{one.at:%Y-%m-%d %H:%M} UTC  {one.title}: {one.words}{instead}{does}")
        for missed in one.missed:
            result(f"    not reached: {missed}")
    give(
        {
            "items": [
                {
                    "at": one.at, "step": one.step, "title": one.title, "loop": one.loop, "told": list(one.told),
                    "missed": list(one.missed), "instead": one.instead, "does": one.does,
                }
                for one in found
            ]
        }
    )  # fmt: skip


def print_holes() -> None:
    open_store()
    with read_session() as session:
        holes = find_holes(session, now=clock.now())
    for one in holes:
        covered = "the fallback would be told" if one.covered else "NOBODY would be told by name"
        result(
            f"{one.start:%Y-%m-%d %H:%M} – {one.end:%Y-%m-%d %H:%M} UTC  {one.name}, step {one.step + 1} ({one.title}): {covered}"
        )
        for why in one.why:
            result(f"    {why}")
    if not holes:
        note("No holes: every step reaches somebody at every moment of the next 14 days.")
    give(
        {
            "items": [
                {
                    "chain": one.chain, "step": one.step, "title": one.title, "start": one.start, "end": one.end,
                    "covered": one.covered, "why": list(one.why),
                }
                for one in holes
            ]
        }
    )  # fmt: skip


def print_ticket(reference: str) -> None:
    open_store()
    with read_session() as session:
        tickets = (
            [get_ticket(session, int(reference))]
            if reference.isdecimal()
            else list(find_by_key(session, reference))
        )
        if not tickets:
            raise NotFound(f"There is no ticket {reference} here.")
        rows = [row for one in tickets for row in list_steps(session, one.id or 0)]
    for row in rows:
        due = f"{row.due_at:%Y-%m-%d %H:%M} UTC" if row.due_at else "when its clock goes on"
        again = f" (repeat {row.loop})" if row.loop else ""
        result(f"cycle {row.cycle}, step {row.step + 1}{again}: {row.title}, {due}: {_said(row)}")
    give({"items": [row.model_dump() for row in rows]})


def _said(row: EscalationStepRow) -> str:
    """Its state and why, which may begin with that very word."""
    return row.why if row.why.startswith(row.state) else f"{row.state} {row.why}".rstrip()
