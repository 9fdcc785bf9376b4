"""The same act on many incidents: shown beforehand, done as one group of the audit, and taken back within ten seconds.

What vendors are told waits those ten seconds; what is taken back in time is told to nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlmodel import Session

from soc import clock
from soc.delivery.ledger import Try
from soc.delivery.queues import enqueue_tries
from soc.domain.actor import Actor
from soc.domain.acts import ActKind, Ending, Verdict
from soc.domain.incident import IncidentStatus
from soc.domain.severity import Priority
from soc.errors import ConfigurationError, NotFound
from soc.ids import derived_id
from soc.store.db import write_session
from soc.store.nouns.deliveries.outbox_due import postpone
from soc.store.nouns.incidents.acts import list_group, note_told
from soc.tickets.acts.asked import Asked, Outcome
from soc.tickets.acts.ending import close
from soc.tickets.acts.merging import merge
from soc.tickets.acts.moving import set_priority, set_status
from soc.tickets.acts.noting import add_note
from soc.tickets.acts.owning import acknowledge, assign
from soc.tickets.acts.undoing import UNDO_FOR, undo_group

#: More at once is a mistake more often than a wish.
MOST = 500


@dataclass(frozen=True)
class Wish:
    """One act, with what it takes: `assign` an owner, `set_status` a status, `set_priority` a priority, `close` a verdict (and a note),
    `add_note` a note.
    """

    act: ActKind
    owner: str = ""
    status: IncidentStatus | None = None
    priority: Priority | None = None
    verdict: Verdict | None = None
    note: str = ""
    duplicate_of: str = ""


@dataclass(frozen=True)
class Bulk:
    """What came of it, incident by incident; `group` takes it back until `until`."""

    group: str
    outcomes: Sequence[Outcome]

    def count(self, *endings: Ending) -> int:
        return sum(one.ending in endings for one in self.outcomes)


class _OnlyLooked(Exception):
    """Nothing of it is to be kept."""


def preview(incident_ids: Sequence[str], wish: Wish, *, actor: Actor) -> Sequence[Outcome]:
    """What would come of it; it is done and rolled back, so it is no guess. Raises ConfigurationError for what cannot be asked."""
    ids, outcomes = _checked(incident_ids), list[Outcome]()
    with suppress(_OnlyLooked), write_session() as session:
        for incident_id in ids:
            outcomes.append(_one(session, incident_id, wish, Asked(actor, "preview")))
        raise _OnlyLooked
    return outcomes


def do_many(incident_ids: Sequence[str], wish: Wish, asked: Asked) -> Bulk:
    """Each in a transaction of its own, all in one group; what one refuses keeps nobody else from it."""
    ids = _checked(incident_ids)
    group = derived_id("grp", asked.key)
    each = replace(asked, group=group)
    outcomes: list[Outcome] = []
    for incident_id in ids:
        with write_session() as session:
            outcome = _one(session, incident_id, wish, each)
            tries = held_back(session, outcome)
        enqueue_tries(tries)
        outcomes.append(outcome)
    return Bulk(group, outcomes)


def preview_merge(incident_id: str, others: Sequence[str], *, actor: Actor) -> Sequence[Outcome]:
    """What merging would come to, as `preview`. Raises NotFound, ConfigurationError."""
    outcomes: list[Outcome] = []
    with suppress(_OnlyLooked), write_session() as session:
        outcomes += merge(session, incident_id, others, Asked(actor, "preview"))
        raise _OnlyLooked
    return outcomes


def do_merge(incident_id: str, others: Sequence[str], asked: Asked) -> Bulk:
    """All in one transaction and one group; vendors are told once it can no longer be taken back. Raises as `merge`."""
    group = derived_id("grp", asked.key)
    with write_session() as session:
        outcomes = merge(session, incident_id, others, replace(asked, group=group))
        tries = [one for outcome in outcomes for one in held_back(session, outcome)]
    enqueue_tries(tries)
    return Bulk(group, outcomes)


def undo(group: str, *, actor: Actor, within: timedelta = UNDO_FOR) -> Sequence[Outcome]:
    """Take the group back. What somebody has changed since stays as it is, and is said. Raises NotFound; ConfigurationError too late.

    `within`: so long after the act; vendors who were told by then are told again. A split has UNDO_FOR: its ticket is opened then.
    """
    with write_session() as session:
        rows = [one for one in list_group(session, group) if one.ending == Ending.DONE]
        if not rows:
            raise NotFound(
                "There is no such group of acts.",
                hint="Only what was done together can be taken back together.",
            )
        if any(one.act == ActKind.SPLIT for one in rows):
            within = UNDO_FOR
        if clock.now() - max(one.created_at for one in rows) > within:
            raise ConfigurationError(
                "It is too late to take this back.",
                hint="Each can still be moved, given or reopened by itself.",
            )
        outcomes = undo_group(session, rows, actor=actor)
    for outcome in outcomes:
        enqueue_tries(outcome.tries)
    return outcomes


def _checked(incident_ids: Sequence[str]) -> list[str]:
    ids = list(dict.fromkeys(incident_ids))
    if not ids or len(ids) > MOST:
        raise ConfigurationError("Too few or too many at once.", hint=f"Name 1 to {MOST} incidents.")
    return ids


def _one(session: Session, incident_id: str, wish: Wish, asked: Asked) -> Outcome:
    """One of them; what it refuses by an error is its outcome."""
    try:
        with session.begin_nested():
            return _act(session, incident_id, wish, asked)
    except (NotFound, ConfigurationError) as error:
        return Outcome(incident_id, wish.act, Ending.REFUSED, str(error))


def _act(session: Session, incident_id: str, wish: Wish, asked: Asked) -> Outcome:
    match wish.act:
        case ActKind.ACKNOWLEDGE:
            return acknowledge(session, incident_id, asked)
        case ActKind.ASSIGN:
            return assign(session, incident_id, wish.owner, asked)
        case ActKind.ADD_NOTE:
            return add_note(session, incident_id, wish.note, asked)
        case ActKind.SET_STATUS if wish.status is not None:
            return set_status(session, incident_id, wish.status, asked)
        case ActKind.SET_PRIORITY if wish.priority is not None:
            return set_priority(session, incident_id, wish.priority, asked)
        case ActKind.CLOSE:
            return close(
                session, incident_id, wish.verdict, asked, note=wish.note, duplicate_of=wish.duplicate_of
            )
    raise ConfigurationError(
        "This cannot be done to many at once.",
        hint="acknowledge, assign, add_note, set_status, set_priority and close can, each with what it takes.",
    )


def held_back(session: Session, outcome: Outcome) -> list[Try]:
    """Its messages, to be sent once it can no longer be taken back."""
    if not outcome.tries:
        return []
    after = clock.now() + UNDO_FOR
    postpone(session, [one.delivery_id for one in outcome.tries], until=after)
    note_told(session, outcome.act_id, [one.delivery_id for one in outcome.tries])
    return [one._replace(at=max(one.at, after)) for one in outcome.tries]
