"""Acts from the shell: done in one transaction, and their outcome said as what it is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from sqlmodel import Session

from soc.cli.endings import Ending as Code
from soc.cli.say import end, give, note, open_store, result
from soc.domain.actor import AT_THE_SHELL
from soc.domain.acts import VERDICT_TITLES, Ending, Verdict, Visibility
from soc.domain.incident import IncidentStatus
from soc.domain.severity import Priority
from soc.errors import ConfigurationError
from soc.escalation import calling_off  # noqa: F401 - acts of this process stop what is planned
from soc.ids import new_id
from soc.store.db import read_session
from soc.store.nouns.incidents.investigation_notes import list_notes, list_wordings
from soc.store.nouns.tickets.tickets import TicketFilter, page_tickets
from soc.tickets import acts
from soc.tickets.acts import Asked, Outcome
from soc.tickets.acts.members import Field, members_of_ticket, names_of

Words = TypeVar("Words", bound=StrEnum)


def acknowledge(which: str, *, key: str) -> None:
    _do(which, key, lambda session, incident, asked: acts.acknowledge(session, incident, asked))


def assign(which: str, owner: str, *, key: str) -> None:
    """`nobody` gives it back."""
    wanted = "" if owner == "nobody" else owner
    _do(which, key, lambda session, incident, asked: acts.assign(session, incident, wanted, asked))


def add_note(which: str, text: str, *, public: bool, key: str) -> None:
    words = _read(text)
    _do(
        which,
        key,
        lambda session, incident, asked: acts.add_note(
            session, incident, words, asked, visibility=_seen(public)
        ),
    )


def edit_note(note_id: str, text: str) -> None:
    open_store()
    words = _read(text)
    _tell(
        acts.perform(
            lambda session: acts.edit_note(session, note_id, words, Asked(AT_THE_SHELL, new_id("ask")))
        )
    )


def print_notes(which: str) -> None:
    """Every note with its wordings."""
    open_store()
    with read_session() as session:
        notes = list_notes(session, acts.find_incident(session, which))
        told = [(one, list_wordings(session, one.id)) for one in notes]
    for row, wordings in told:
        gone = ", its comment was deleted" if row.gone_at else ""
        result(f"{row.id}  {row.created_at:%Y-%m-%d %H:%M}Z  {row.made_by}  {row.visibility}{gone}")
        for one in wordings:
            result(f"  {one.version}. {one.text}")
    if not told:
        result("There is no note.")
    give(
        {
            "items": [
                {**row.model_dump(mode="json"), "wordings": [one.model_dump(mode="json") for one in wordings]}
                for row, wordings in told
            ]
        }
    )


def set_status(which: str, status: str, *, key: str) -> None:
    wanted = one_of(IncidentStatus, status)
    _do(which, key, lambda session, incident, asked: acts.set_status(session, incident, wanted, asked))


def set_priority(which: str, priority: str, *, key: str) -> None:
    wanted = one_of(Priority, priority)
    _do(which, key, lambda session, incident, asked: acts.set_priority(session, incident, wanted, asked))


def close(which: str, verdict: str, *, note: str, duplicate_of: str, public: bool, key: str) -> None:
    judged, words = one_of(Verdict, verdict), _read(note)
    _do(
        which,
        key,
        lambda session, incident, asked: acts.close(
            session, incident, judged, asked, note=words, visibility=_seen(public), duplicate_of=duplicate_of
        ),
    )


def set_verdict(which: str, verdict: str, *, duplicate_of: str, key: str) -> None:
    judged = one_of(Verdict, verdict)
    _do(
        which,
        key,
        lambda session, incident, asked: acts.set_verdict(
            session, incident, judged, asked, duplicate_of=duplicate_of
        ),
    )


def change_members(which: str, field: Field, *, add: list[str], remove: list[str], key: str) -> None:
    """Without any: what they are."""
    if not add and not remove:
        _print_members(which, field)
        return
    _do(
        which,
        key,
        lambda session, incident, asked: acts.change_members(session, incident, field, add, remove, asked),
    )


def _print_members(which: str, field: Field) -> None:
    open_store()
    with read_session() as session:
        incident = acts.find_incident(session, which)
        tickets = page_tickets(session, TicketFilter(incident_ids=(incident,))).rows
        told: dict[str, list[str]] = {}
        for ticket in tickets:
            known = members_of_ticket(session, ticket.id or 0, ticket.integration)
            told[ticket.key] = list(known.of(field))
            more = (
                f" and {known.others} more whom only its vendor knows"
                if field == "watchers" and known.others
                else ""
            )
            result(f"{ticket.key}  {names_of(session, field, known.of(field)) or 'none'}{more}")
    if not tickets:
        result("It has no ticket.")
    give({"tickets": told})


def _do(which: str, key: str, work: Callable[[Session, str, Asked], Outcome]) -> None:
    open_store()
    asked = Asked(AT_THE_SHELL, f"shell:{key or new_id('ask')}")
    _tell(acts.perform(lambda session: work(session, acts.find_incident(session, which), asked)))


def _tell(outcome: Outcome) -> None:
    """What came of it. Ends with REFUSED where somebody else was first, or what is there does not allow it."""
    told = {
        "incident_id": outcome.incident_id, "act": outcome.act.value, "outcome": outcome.ending.value, "said": outcome.said,
        "by": outcome.by, "act_id": outcome.act_id,
    }  # fmt: skip
    give(told)
    if outcome.ending in (Ending.TAKEN, Ending.REFUSED):
        end(Code.REFUSED, outcome.said)
    result(f"{outcome.incident_id}  {outcome.said}")
    if not outcome.new:
        note("The same key asked for this before; it was done once.")


def _seen(public: bool) -> Visibility:
    return Visibility.PUBLIC if public else Visibility.INTERNAL


def _read(text: str) -> str:
    return sys.stdin.read() if text == "-" else text


def one_of(words: type[Words], given: str) -> Words:
    """One of the words, in any case of letters, with blanks or hyphens. Raises ConfigurationError, naming those there are."""
    plain = given.strip().lower().replace("-", "_").replace(" ", "_")
    for one in words:
        if plain == one.value.lower():
            return one
    hint = ", ".join(
        f"{one.value} ({VERDICT_TITLES[one]})" if isinstance(one, Verdict) else one.value for one in words
    )
    raise ConfigurationError("That is none of the words there are.", hint=f"One of: {hint}.")
