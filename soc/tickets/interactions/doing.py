"""What each wish does: the act that a page or the API would do, under the interaction's own key, so that it is done once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from soc.delivery.ledger import Try
from soc.domain.actor import Actor
from soc.domain.acts import Ending, InteractionState, Verdict, Wish
from soc.errors import ConfigurationError
from soc.store.nouns.vendors.interactions import InteractionRow
from soc.tickets import acts
from soc.tickets.acts import Asked, Outcome
from soc.tickets.alerts import name_of
from soc.tickets.asking import ask_for_ticket
from soc.tickets.interactions.persons import Person


@dataclass(frozen=True)
class Done:
    state: InteractionState
    words: str
    tries: tuple[Try, ...] = ()


_STATES = {
    Ending.DONE: InteractionState.DONE,
    Ending.ALREADY: InteractionState.MOOT,
    Ending.TAKEN: InteractionState.MOOT,
    Ending.REFUSED: InteractionState.REFUSED,
}


def do(session: Session, row: InteractionRow, person: Person, *, now: datetime) -> Done:
    """Raises SocError (no such incident, an empty note …): then nothing was done, and the person reads why."""
    asked = Asked(person.actor, row.id, source=row.id, at=now)
    if row.wish == Wish.CREATE_TICKET.value:
        opening = ask_for_ticket(session, row.incident_id, actor=person.actor, now=now)
        state = InteractionState.DONE if opening.new else InteractionState.MOOT
        return Done(state, opening.said, opening.tries)
    outcome = _act(session, row, person, asked)
    quiet = outcome.ending is Ending.DONE  # the alert and its thread say so to everybody
    return Done(_STATES[outcome.ending], "" if quiet else _words(session, outcome), outcome.tries)


def _act(session: Session, row: InteractionRow, person: Person, asked: Asked) -> Outcome:
    said, incident_id = row.said, row.incident_id
    match Wish(row.wish):
        case Wish.ACKNOWLEDGE:
            return acts.acknowledge(session, incident_id, asked)
        case Wish.ASSIGN:
            # who pressed under an alert that showed another owner than there is now was second
            return acts.assign(session, incident_id, person.id, asked, expected=said.get("owner", ""))
        case Wish.ADD_NOTE | Wish.THREAD_NOTE:
            return acts.add_note(session, incident_id, said.get("note", ""), asked)
        case Wish.CLOSE:
            return acts.close(
                session, incident_id, _verdict(said.get("verdict", "")), asked,
                note=said.get("note", ""), duplicate_of=said.get("duplicate_of", ""),
            )  # fmt: skip
    raise ConfigurationError(f"“{row.wish}” is nothing that is done.")


def _verdict(text: str) -> Verdict:
    try:
        return Verdict(text)
    except ValueError:
        raise ConfigurationError("There is no such verdict.", hint="Choose one of the list.") from None


def _words(session: Session, outcome: Outcome) -> str:
    """With the name of whoever was first, where it is a person of the roster."""
    try:
        first = Actor.parse(outcome.by).id
    except ValueError:
        first = outcome.by
    return outcome.said.replace(first, name_of(session, outcome.by)) if first else outcome.said
