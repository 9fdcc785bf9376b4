"""Some of an incident's lines become another incident: it is as old and as urgent, and has a ticket where the whole has one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlmodel import Session

from soc.analysis.parting import Piece, share_out
from soc.delivery.ledger import Try
from soc.delivery.queues import enqueue_tries
from soc.domain.actor import Actor
from soc.domain.acts import ActKind, Ending, Visibility
from soc.domain.delivery import FINAL_STATES, DeliveryState
from soc.domain.event import Selection
from soc.domain.incident import IncidentStatus, Origin
from soc.errors import ConfigurationError
from soc.ids import derived_id
from soc.integrations.in_force import standing_of
from soc.integrations.naming import named
from soc.integrations.registry import takers
from soc.links import incident_url
from soc.store.db import write_session
from soc.store.nouns.deliveries.outbox import list_told
from soc.store.nouns.incidents.acts import find_last
from soc.store.nouns.incidents.families import survivor_of
from soc.store.nouns.incidents.incidents import IncidentRow, lock_incident
from soc.store.nouns.incidents.parts import PartRow, last_part_at, list_parts
from soc.store.nouns.incidents.search_terms import add_terms, change_terms
from soc.store.nouns.tickets.tickets import lock_tickets
from soc.tickets.acts.asked import Asked, Came, Outcome
from soc.tickets.acts.bulk import Bulk, held_back
from soc.tickets.acts.case import Case, act
from soc.tickets.acts.moving import move
from soc.tickets.acts.noting import write
from soc.tickets.acts.wording import called_by, is_ended, is_same, since
from soc.tickets.outgoing import plan_opening

LONGEST_TITLE = 200
#: Where an incident's address or host stands in its lines.
_ENTITIES = ("source.ip", "host.name")
_OPENS = "open_ticket"


@dataclass(frozen=True)
class Cut:
    """What a selection comes to, as it was read: `parts` are those that the incident had at that moment, by ids."""

    incident_id: str
    which: Selection
    chosen: Piece
    left: Piece
    parts: tuple[str, ...]


def split(session: Session, cut: Cut, asked: Asked, *, title: str = "") -> Sequence[Outcome]:
    """Make the chosen lines an incident of their own: the outcome of the whole, then that of the part where there is one.

    The part is found when the whole was, so that its clocks win no time by it; the one who has the whole has it too. Where the
    whole has a ticket, or one on its way, the part gets one, linked to it. Raises NotFound, ConfigurationError.
    """
    clean = " ".join(title.split())
    if len(clean) > LONGEST_TITLE or "\x00" in clean:
        raise ConfigurationError(
            f"The title is longer than {LONGEST_TITLE} characters, or holds a NUL.", hint="Say it shorter."
        )
    asked = replace(asked, group=asked.group or derived_id("grp", asked.key))
    part_id = derived_id("inc", "part", asked.key, cut.incident_id)
    whole = lock_incident(session, cut.incident_id)
    name = clean or whole.title
    first = act(
        session, whole.id, ActKind.SPLIT, asked, lambda case: _cut_whole(case, cut, asked, part_id, name)
    )
    if first.ending is not Ending.DONE:
        return [first]
    if first.new:
        _add_part(session, whole, cut, asked, part_id, name)
    second = act(session, part_id, ActKind.SPLIT, asked, lambda case: _begin_part(case, whole.id, cut, asked))
    return [first, second]


def preview_split(cut: Cut, *, actor: Actor, title: str = "") -> Sequence[Outcome]:
    """What splitting would come to; it is done and rolled back, so it is no guess. Raises as `split`."""
    outcomes: list[Outcome] = []
    with suppress(_OnlyLooked), write_session() as session:
        outcomes += split(session, cut, Asked(actor, "preview"), title=title)
        raise _OnlyLooked
    return outcomes


def do_split(cut: Cut, asked: Asked, *, title: str = "") -> Bulk:
    """In one transaction and one group; vendors are told once it can no longer be taken back. Raises as `split`."""
    group = derived_id("grp", asked.key)
    with write_session() as session:
        outcomes = split(session, cut, replace(asked, group=group), title=title)
        tries = [one for outcome in outcomes for one in held_back(session, outcome)]
    enqueue_tries(tries)
    return Bulk(group, outcomes)


class _OnlyLooked(Exception):
    """Nothing of it is to be kept."""


def _refusal(case: Case, cut: Cut, asked: Asked) -> Came | None:
    session, row = case.session, case.incident
    if row.merged_into:
        name = called_by(session, survivor_of(session, row.id))
        return Came(Ending.REFUSED, f"It was merged into {name}. Reopen it to take it out of there.")
    if is_ended(row):
        return Came(Ending.REFUSED, f"It is {row.status}: reopen it first.")
    if row.origin == Origin.API:
        return Came(Ending.REFUSED, "It was told by a call: it has no lines to choose from.")
    if tuple(one.id for one in list_parts(session, row.id)) != cut.parts:
        last = find_last(session, row.id, [ActKind.SPLIT])
        by = last.made_by if last is not None else ""
        mine = is_same(by, asked.actor)
        who = "You" if mine else named(session, by)
        when = f" {since(last.created_at)}" if last is not None else ""
        return Came(Ending.TAKEN, f"{who} split it{when}, while you chose. Look at it as it is now.", by=by)
    if not cut.chosen.lines:
        return Came(Ending.REFUSED, f"None of its lines is that ({cut.which.words()}).")
    if not cut.left.lines:
        return Came(
            Ending.REFUSED, f"All of its lines are that ({cut.which.words()}): nothing would be left."
        )
    return None


def _cut_whole(case: Case, cut: Cut, asked: Asked, part_id: str, name: str) -> Came:
    refusal = _refusal(case, cut, asked)
    if refusal is not None:
        return refusal
    row = case.incident
    if row.count > cut.chosen.lines + cut.left.lines:  # it went on in another batch, whose lines stay
        row.count -= cut.chosen.lines
    else:
        _measure(row, cut.left)
    place = incident_url(part_id) or part_id
    words = f"{_lines(cut.chosen)} were split off into “{name}” ({place}): {cut.which.words()}."
    change = write(case, words, asked, Visibility.INTERNAL)
    goes = "becomes an incident of its own" if cut.chosen.lines == 1 else "become an incident of their own"
    said = f"{_lines(cut.chosen)} {goes}, {_lines(cut.left)} {'stays' if cut.left.lines == 1 else 'stay'}."
    return Came(Ending.DONE, said, changes=(change,))


def _add_part(session: Session, whole: IncidentRow, cut: Cut, asked: Asked, part_id: str, name: str) -> None:
    """The part as it is while the split is not done, and again where it was taken back: nothing of its own, closed into the whole."""
    last = last_part_at(session, whole.batch_id)  # they keep their order by the moment at which each was made
    at = max(asked.at, last + timedelta(microseconds=1)) if last is not None else asked.at
    values = whole.model_dump()
    before = whole.model_dump()
    had = {"entities": whole.entities, "entity": whole.entity}
    fresh = {"id": part_id, "title": name, "entity": _entity(whole, cut),
             "entities": share_out(whole.entities, cut.chosen, cut.left), "count": 0, "first_seen": None,
             "last_seen": None, "samples": cut.chosen.samples, "changed_by": str(asked.actor), "fingerprint": "", "joined_to": "",
             "status": IncidentStatus.CLOSED.value, "acknowledged_at": None, "acknowledged_by": "",
             "verdict": "duplicate", "duplicate_of": whole.id, "merged_into": whole.id, "closed_at": asked.at,
             "awaiting_release": False}  # fmt: skip
    row = IncidentRow(**{**values, **fresh})
    session.add(row)
    session.flush()
    add_terms(session, [row.model_dump()])
    part = PartRow(
        id=part_id, incident_id=whole.id, batch_id=whole.batch_id, which=cut.which.kept(), samples=whole.samples,
        had=had, created_at=at, made_by=str(asked.actor),
    )  # fmt: skip
    session.add(part)
    whole.samples = cut.left.samples
    if (
        whole.count == cut.left.lines
    ):  # else it went on in another batch, of whose lines nobody looked who stands in them
        whole.entities = share_out(whole.entities, cut.left, cut.chosen)
        whole.entity = "" if cut.left.lacks(whole.entity, cut.chosen) else whole.entity
    session.add(whole)
    session.flush()
    change_terms(session, before, whole.model_dump())


def _begin_part(case: Case, whole_id: str, cut: Cut, asked: Asked) -> Came:
    session, row = case.session, case.incident
    move(case, IncidentStatus.OPEN, asked)
    _measure(row, cut.chosen)
    session.add(row)
    session.flush()
    place = incident_url(whole_id) or whole_id
    words = f"Split off {called_by(session, whole_id)} ({place}): {cut.which.words()}, {_lines(cut.chosen)}."
    change = write(case, words, asked, Visibility.INTERNAL)
    tries, told = _open_ticket(session, row, whole_id, asked)
    said = f"{_lines(cut.chosen)}, as urgent as what it was split off{told}."
    return Came(Ending.DONE, said, changes=(change,), tries=tuple(tries))


def _open_ticket(
    session: Session, row: IncidentRow, whole_id: str, asked: Asked
) -> tuple[Sequence[Try], str]:
    """A ticket where the whole has one, or one is on its way; and what is said of it."""
    had = {one.integration: one.key for one in lock_tickets(session, whole_id)}
    for told in list_told(session, whole_id, action=_OPENS, integrations=takers(_OPENS)):
        if DeliveryState(told.state) not in FINAL_STATES:
            had.setdefault(told.integration, "")
    tries: list[Try] = []
    for kind, key in had.items():
        if kind in takers(_OPENS) and standing_of(kind, session).enabled:
            tries += plan_opening(session, row, kind, actor=asked.actor, now=asked.at, parted_from=key)
    return tries, "; its ticket will be opened" if tries else ""


def _measure(row: IncidentRow, piece: Piece) -> None:
    row.count, row.first_seen, row.last_seen = piece.lines, piece.first_seen, piece.last_seen


def _entity(whole: IncidentRow, cut: Cut) -> str:
    """The address or host that the chosen lines share, as far as the choice says it; else the whole's, where they have it."""
    for name in _ENTITIES:
        values = cut.which.fields.get(name, ())
        if len(values) == 1:
            return values[0]
    return "" if cut.chosen.lacks(whole.entity, cut.left) else whole.entity


def _lines(piece: Piece) -> str:
    return f"{piece.lines:,} line{'s' if piece.lines != 1 else ''}"
