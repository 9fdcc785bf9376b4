"""What `soc roster …` does."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from soc import clock
from soc.cli.say import give, note, open_store, result, warn
from soc.configuration.practice import practising
from soc.domain.actor import AT_THE_SHELL
from soc.domain.severity import Priority
from soc.errors import ConfigurationError
from soc.escalation import calling_off  # noqa: F401 - acts of this process stop what is planned
from soc.roster import assigning, changing, finding, handing_over
from soc.roster.standing import read_members
from soc.store.db import read_session, write_session
from soc.store.nouns.people.people import find_by_email, get_person
from soc.store.nouns.people.roster import list_absences, list_assignments, list_shifts
from soc.store.nouns.people.roster_rules import read_rules


def person_of(session: Session, reference: str) -> str:
    """The id of whom an id or an e-mail address means. Raises NotFound."""
    found = find_by_email(session, reference) if "@" in reference else None
    return found.id if found is not None else get_person(session, reference).id


def moment_of(text: str) -> datetime:
    """Raises ConfigurationError."""
    try:
        return clock.parse(text)
    except ValueError:
        raise ConfigurationError(
            "The time cannot be read.", hint="Write it as 2026-03-02T08:00+01:00."
        ) from None


def print_roster() -> None:
    """A line a person, with their shifts and absences below."""
    open_store()
    now = clock.now()
    with read_session() as session:
        members = read_members(session, now=now)
        shifts, absences = list_shifts(session), list_absences(session, since=now)
    document = []
    for one in members:
        mine = [(row.id, row.as_shift().words) for row in shifts if row.person_id == one.person.id]
        away = [row for row in absences if row.person_id == one.person.id]
        result(
            f"{one.person.id}  {one.person.name}, {one.person.role}{f' of {one.team}' if one.team else ''}: "
            f"{one.presence.why}; {one.held} open"
        )
        for shift_id, words in mine:
            result(f"    {shift_id}  {words}")
        for row in away:
            result(
                f"    {row.id}  away {row.start:%Y-%m-%d %H:%M} to {row.end:%Y-%m-%d %H:%M} UTC {row.note}".rstrip()
            )
        if one.warning:
            warn(one.warning)
        document.append(
            {
                "id": one.person.id, "name": one.person.name, "role": one.person.role, "team": one.team,
                "on_duty": one.presence.on, "why": one.presence.why, "open_tickets": one.held,
                "shifts": [{"id": shift_id, "words": words} for shift_id, words in mine],
                "absences": [row.model_dump(include={"id", "start", "end", "note"}) for row in away],
            }
        )  # fmt: skip
    if not members:
        note("The roster is empty: add people with `soc people add`.")
    give({"items": document})


def add_shift(person: str, days: str, start: str, end: str, zone: str) -> None:
    open_store()
    with write_session() as session:
        row = changing.add_shift(
            session, person_of(session, person), weekdays=changing.read_days(days), start=changing.read_time(start),
            end=changing.read_time(end), zone=zone, actor=AT_THE_SHELL,
        )  # fmt: skip
        words = row.as_shift().words
    result(f"{row.id}  {words}")
    give({"id": row.id, "words": words})


def add_absence(person: str, start: str, end: str, words: str) -> None:
    open_store()
    begin, over = moment_of(start), moment_of(end)
    with write_session() as session:
        whom = person_of(session, person)
        row = changing.add_absence(session, whom, start=begin, end=over, note=words, actor=AT_THE_SHELL)
    result(f"{row.id}  away {row.start:%Y-%m-%d %H:%M} to {row.end:%Y-%m-%d %H:%M} UTC")
    give({"id": row.id, "start": row.start, "end": row.end})


def remove(entry: str) -> None:
    open_store()
    with write_session() as session:
        if entry.startswith("abs-"):
            changing.remove_absence(session, entry, actor=AT_THE_SHELL)
        else:
            changing.remove_shift(session, entry, actor=AT_THE_SHELL)
    result(f"{entry} is taken away.")
    give({"removed": entry})


def hand_over(from_person: str, to_person: str, *, dry_run: bool) -> None:
    """Every open ticket of the one to the other."""
    open_store()
    with read_session() as session:
        giver, taker = person_of(session, from_person), person_of(session, to_person)
    if dry_run:
        keys = [one.key for one in handing_over.what_is_held(giver)]
        result(f"{len(keys)} would change hands: {', '.join(keys) or 'none'}")
        give({"would_move": keys})
        return
    done = handing_over.hand_over(giver, taker, actor=AT_THE_SHELL)
    result(f"{len(done.moved)} changed hands: {', '.join(done.moved) or 'none'}")
    for key, why in done.kept:
        warn(f"{key}: {why}")
    give({"moved": list(done.moved), "kept": [{"key": key, "reason": why} for key, why in done.kept]})


def print_next() -> None:
    open_store()
    with read_session() as session:
        found = {one.value: assigning.preview(session, one, now=clock.now()).sentence for one in Priority}
    for name, sentence in found.items():
        result(f"{name}: {sentence}")
    give(found)


def print_decisions(limit: int) -> None:
    open_store()
    with read_session() as session:
        rows = list_assignments(session, limit=limit)
    for row in rows:
        result(f"{row.created_at:%Y-%m-%d %H:%M} UTC  ticket {row.ticket_id}  {row.way}: {row.why}")
    give({"items": [row.model_dump() for row in rows]})


def rules(automatic: bool | None, security_team: str | None) -> None:
    open_store()
    if automatic is not None or security_team is not None:
        with write_session() as session:
            assigning.set_rules(session, automatic=automatic, security_team=security_team, actor=AT_THE_SHELL)
    with read_session() as session:
        row = read_rules(session)
    result(f"Tickets are given out {'by themselves' if row.automatic else 'by hand'}.")
    result(f"Critical goes to the lead of {row.security_team}.")
    give({"automatic": row.automatic, "security_team": row.security_team})


def accounts() -> None:
    open_store()
    with practising():
        found = finding.find_accounts(actor=AT_THE_SHELL)
    for one in found:
        result(f"{one.name}: {one.what} {one.account or one.trouble or 'not found'}")
    if not found:
        note("Nobody has an e-mail address and an account to be found, or nothing is connected.")
    give({"items": [one._asdict() for one in found]})
