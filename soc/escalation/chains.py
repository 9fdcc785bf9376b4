"""Chains: read, written, taken away; each version is kept, and each change is an entry of the audit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session

from soc.audit.write import record
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind, differences
from soc.domain.escalation.chain import Chain, check_chain
from soc.errors import ConfigurationError
from soc.escalation.carriers import guide_chain, titles
from soc.ids import new_id
from soc.store.nouns.escalation import chains as stored
from soc.wrong_values import said_of

_SELF = Actor.system("defaults")


def read_chains(session: Session) -> list[Chain]:
    """In the order in which they are asked; the guide's where nobody ever wrote one."""
    found = stored.list_chains(session)
    guide = guide_chain()
    return found if found or stored.last_version(session, guide.id) else [guide]


def keep_default(session: Session, *, now: datetime) -> None:
    """The guide's chain, written down once; what somebody changed or took away stays so."""
    guide = guide_chain()
    if not stored.last_version(session, guide.id):
        stored.keep_first(session, guide, actor=_SELF, now=now)


def read_chain(given: dict[str, Any], *, chain_id: str = "new") -> Chain:
    """A chain from what somebody wrote (id, version and place are not theirs to say). Raises ConfigurationError."""
    values = {name: value for name, value in given.items() if name not in ("id", "version", "position")}
    wrong = ""
    try:
        return Chain.model_validate({**values, "id": chain_id})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        wrong = f"{'.'.join(str(part) for part in first['loc'])}: {said_of(first)}"
    raise ConfigurationError(
        f"The chain cannot be read: {wrong}.", hint="Look at the guide's chain for its shape."
    )


def add_chain(session: Session, chain: Chain, *, actor: Actor, now: datetime) -> Chain:
    """A new chain, asked last. Raises ConfigurationError."""
    keep_default(session, now=now)
    last = max((one.position for one in stored.list_chains(session)), default=0)
    made = chain.model_copy(update={"id": new_id("chn"), "version": 1, "position": last + 1})
    check_chain(made, channels=titles())
    stored.keep_chain(session, made, actor=actor, now=now)
    _tell(session, actor, "add", None, made)
    return made


def replace_chain(session: Session, chain: Chain, *, actor: Actor, now: datetime) -> Chain:
    """The chain of this id is this from now on: for tickets that open from now on. Raises NotFound, ConfigurationError."""
    keep_default(session, now=now)
    before = stored.get_chain(session, chain.id)
    same = chain.model_copy(update={"version": before.version, "position": before.position})
    check_chain(same, channels=titles())
    if same == before:
        return before
    made = same.model_copy(update={"version": stored.last_version(session, chain.id) + 1})
    stored.keep_chain(session, made, actor=actor, now=now)
    _tell(session, actor, "change", before, made)
    return made


def place_chain(session: Session, chain_id: str, place: int, *, actor: Actor, now: datetime) -> None:
    """Ask it earlier or later: places are counted from 1. Raises NotFound, ConfigurationError."""
    if place < 1:
        raise ConfigurationError("Places are counted from 1.", hint="1 is asked first.")
    keep_default(session, now=now)
    moved = stored.get_chain(session, chain_id)
    others = [one for one in stored.list_chains(session) if one.id != chain_id]
    for position, one in enumerate([*others[: place - 1], moved, *others[place - 1 :]], start=1):
        if one.position != position:
            row = stored.get_chain_row(session, one.id)
            row.position, row.changed_by = position, str(actor)
            row.definition = {**row.definition, "position": position}
            session.add(row)
            before, after = {"position": one.position}, {"position": position}
            record(session, actor, "move", Subject(SubjectKind.CHAIN, one.id), before=before, after=after)
    session.flush()


def remove_chain(session: Session, chain_id: str, *, actor: Actor, now: datetime) -> None:
    """Tickets that were planned with it go on by it. Raises NotFound."""
    keep_default(session, now=now)
    before = stored.get_chain(session, chain_id)
    stored.delete_chain(session, chain_id)
    _tell(session, actor, "remove", before, None)


def _tell(session: Session, actor: Actor, action: str, before: Chain | None, after: Chain | None) -> None:
    old = before.model_dump(mode="json") if before else {}
    new = after.model_dump(mode="json") if after else {}
    chain = after or before
    assert chain is not None
    was, now_is = differences(old, new)
    record(session, actor, action, Subject(SubjectKind.CHAIN, chain.id), before=was, after=now_is)
