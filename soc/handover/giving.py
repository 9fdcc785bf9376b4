"""Giving a shift over and taking it: each in one transaction with its entry of the audit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from soc import clock
from soc.access.once import Once
from soc.audit.write import record
from soc.delivery.idempotency import key_of
from soc.delivery.ledger import Intent, Try, plan
from soc.delivery.queues import enqueue_tries
from soc.domain.actor import Actor
from soc.domain.acts import Ending
from soc.domain.audit import Subject, SubjectKind
from soc.domain.message import TellHandover
from soc.domain.roster.handover import Outlook
from soc.errors import ConfigurationError
from soc.handover.document import HandoverDocument, as_json, from_json
from soc.handover.reading import read_handover
from soc.handover.texts import post_of
from soc.ids import new_id
from soc.integrations.in_force import standing_of
from soc.integrations.registry import takers
from soc.links import page_url
from soc.store.db import read_session, write_session
from soc.store.nouns.combined import handovers as store
from soc.store.nouns.combined.handovers import HandoverRow
from soc.store.nouns.incidents.outlooks import OutlookRow, add_outlook, newest_outlook, to_outlook
from soc.store.nouns.people.people import get_person
from soc.tickets import acts

_LONGEST = 4_000


class Written(NamedTuple):
    """`overtaken`: somebody wrote between reading and writing; both versions are kept."""

    row: OutlookRow
    overtaken: bool


def write_outlook(incident_id: str, outlook: Outlook, *, based_on: int, actor: Actor) -> Written:
    """A new version of what is thought of the incident. `based_on` is the version that was on the screen.

    Raises NotFound, ConfigurationError for a text that is too long.
    """
    for text in (outlook.hypothesis, outlook.next_step, outlook.blocker):
        if len(text) > _LONGEST or "\x00" in text:
            raise ConfigurationError(
                f"A text is longer than {_LONGEST:,} characters.", hint="Write a note instead."
            )
    with write_session() as session:
        before = newest_outlook(session, incident_id)
        if before is not None and to_outlook(before) == outlook:
            return Written(before, overtaken=False)
        row = add_outlook(session, incident_id, outlook, based_on=based_on, actor=actor, now=clock.now())
        record(
            session, actor, "write outlook", Subject(SubjectKind.INCIDENT, incident_id),
            before={"version": before.version} if before is not None else None, after={"version": row.version},
        )  # fmt: skip
    return Written(row, overtaken=before is not None and before.version != based_on)


def give_over(
    *, remark: str, actor: Actor, since: datetime | None = None, key: str = "", once: Once | None = None
) -> HandoverRow:
    """Keep what is to be handed over, as it is now. The same `key` gives the same one, so does a keyed request again.

    Raises KeyTaken.
    """
    identity = key or new_id("hov")
    with read_session() as session:
        known = session.get(HandoverRow, identity)
    if known is not None:
        return known
    document = read_handover(remark=remark, since=since)
    with write_session() as session:
        if once is not None and (done := once.claim(session)) is not None:
            return store.get_handover(session, done["id"])
        row = HandoverRow(
            id=identity,
            created_at=document.at,
            since=document.since,
            remark=remark,
            document=as_json(document),
            made_by=str(actor),
        )
        session.add(row)
        session.flush()
        if once is not None:
            once.keep(session, {"id": row.id})
        record(
            session, actor, "give shift over", Subject(SubjectKind.HANDOVER, row.id),
            after={"open": document.total, "lacking": document.lacking},
        )  # fmt: skip
    return row


class Taken(NamedTuple):
    """`kept` (incident, reason) did not change hands: somebody else was first."""

    row: HandoverRow
    taken: Sequence[str]
    kept: Sequence[tuple[str, str]]


def accept(handover_id: str, person_id: str, *, actor: Actor, take: Sequence[str] | None = None) -> Taken:
    """The incoming lead has it. `take`: whose ownership moves to them with it (None: of all that it tells of; (): of none).

    Asked again with further incidents it moves those. Raises NotFound, Conflict where somebody else accepted it, ConfigurationError.
    """
    tries: list[Try] = []
    kept: list[tuple[str, str]] = []
    with write_session() as session:
        person = get_person(session, person_id)
        if not person.active:
            raise ConfigurationError("Whoever takes over has left.", hint="Choose somebody who works here.")
        before = store.get_handover(session, handover_id).accepted_at
        row = store.accept(session, handover_id, person_id, actor=actor, now=clock.now())
        document = from_json(row.document)
        told = {one.incident_id: one.owner for one in document.open}
        wanted = list(told) if take is None else [one for one in take if one in told]
        taken = list(row.taken)
        for incident_id in wanted:
            asked = acts.Asked(actor, f"accept:{handover_id}:{incident_id}"[:200], group=handover_id)
            outcome = acts.assign(session, incident_id, person_id, asked, expected=told[incident_id])
            tries += outcome.tries
            if outcome.ending in (Ending.DONE, Ending.ALREADY):
                taken += [incident_id] if incident_id not in taken else []
            else:
                kept.append((incident_id, outcome.said))
        row.taken = taken
        session.add(row)
        record(
            session, actor, "accept shift", Subject(SubjectKind.HANDOVER, handover_id),
            before={"accepted_at": before}, after={"accepted_person": person_id, "taken": len(taken)},
        )  # fmt: skip
    enqueue_tries(tries)
    return Taken(row, taken, kept)


def post(row: HandoverRow, document: HandoverDocument, *, actor: Actor) -> Sequence[str]:
    """Tell the channels that take hand-overs; the kinds that are told. Asked twice it is told once."""
    told, tries = [], list[Try]()
    for kind in takers("tell_handover"):
        standing = standing_of(kind)
        if not standing.enabled:
            continue
        message = TellHandover(
            handover_id=row.id, text=post_of(document), url=page_url("handover", handover=row.id)
        )
        intent = Intent(key_of(kind, message), kind, message, actor, practice=standing.practice)
        with write_session() as session:
            planned = plan(session, [intent], now=clock.now())
            if planned:
                record(session, actor, "post", Subject(SubjectKind.HANDOVER, row.id), after={"channel": kind})
        tries += planned
        told.append(kind)
    enqueue_tries(tries)
    return told
