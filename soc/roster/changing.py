"""Shifts and absences, added and taken away. Each is an entry of the audit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from soc.audit.write import record
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.domain.people import one_line
from soc.domain.roster.shifts import DAY_NAMES
from soc.errors import ConfigurationError
from soc.ids import new_id
from soc.store.nouns.people.people import get_person
from soc.store.nouns.people.roster import AbsenceRow, ShiftRow, get_absence, get_shift, list_shifts

#: Who has more is not on a roster but in a table.
MOST_SHIFTS = 50
LONGEST_ABSENCE = timedelta(days=2 * 366)


def read_days(words: str) -> frozenset[int]:
    """`Mon-Fri`, `mon,wed`, `every day`: 0 is Monday. Raises ConfigurationError."""
    text = words.strip().lower().replace("–", "-")
    if text in ("every day", "daily", "all", "*"):
        return frozenset(range(7))
    names = [name.lower() for name in DAY_NAMES]
    days: set[int] = set()
    for part in filter(None, (one.strip() for one in text.split(","))):
        first, dash, last = (one.strip()[:3] for one in part.partition("-"))
        if first not in names or (dash and last not in names):
            raise ConfigurationError(
                "The days cannot be read.", hint="Write them as Mon-Fri, as Mon,Wed,Fri or as every day."
            )
        begin, end = names.index(first), names.index(last if dash else first)
        days.update((begin + step) % 7 for step in range((end - begin) % 7 + 1))
    return frozenset(days)


def read_time(words: str) -> time:
    """`08:00`; `24:00` is midnight. Raises ConfigurationError."""
    text = words.strip()
    try:
        return time(0) if text == "24:00" else datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a wall time
    except ValueError:
        raise ConfigurationError("The time of day cannot be read.", hint="Write it as 08:00.") from None


def add_shift(
    session: Session,
    person_id: str,
    *,
    weekdays: Iterable[int],
    start: time,
    end: time,
    zone: str = "",
    since: date | None = None,
    until: date | None = None,
    actor: Actor,
) -> ShiftRow:
    """A shift of this person; its zone is the person's own unless another is given. Raises NotFound, ConfigurationError."""
    person = get_person(session, person_id)
    row = ShiftRow(
        id=new_id("shf"), person_id=person.id, weekdays="".join(str(day) for day in sorted(set(weekdays))),
        start=f"{start:%H:%M}", end=f"{end:%H:%M}", zone=zone.strip() or person.zone,
        since=since.isoformat() if since else "", until=until.isoformat() if until else "", made_by=str(actor),
    )  # fmt: skip
    words = row.as_shift().words
    if len(list_shifts(session, person_id=person.id)) >= MOST_SHIFTS:
        raise ConfigurationError(
            f"{person.name} has {MOST_SHIFTS} shifts already.", hint="Take some away first."
        )
    session.add(row)
    record(
        session,
        actor,
        "add shift",
        Subject(SubjectKind.ROSTER, row.id),
        after={"person": person.id, "shift": words},
    )
    return row


def remove_shift(session: Session, shift_id: str, *, actor: Actor) -> None:
    """Raises NotFound."""
    row = get_shift(session, shift_id)
    before = {"person": row.person_id, "shift": row.as_shift().words}
    session.delete(row)
    record(session, actor, "remove shift", Subject(SubjectKind.ROSTER, shift_id), before=before)


def add_absence(
    session: Session, person_id: str, *, start: datetime, end: datetime, note: str = "", actor: Actor
) -> AbsenceRow:
    """Out of office for that time. Raises NotFound, ConfigurationError."""
    person = get_person(session, person_id)
    if end <= start:
        raise ConfigurationError(
            "The absence ends before it begins.", hint="Choose an end after its beginning."
        )
    if end - start > LONGEST_ABSENCE:
        raise ConfigurationError(
            "The absence is longer than two years.", hint="Deactivate the person instead: `soc people`."
        )
    row = AbsenceRow(
        id=new_id("abs"),
        person_id=person.id,
        start=start,
        end=end,
        note=one_line(note, "note"),
        made_by=str(actor),
    )
    session.add(row)
    after = {"person": person.id, "start": start, "end": end, "note": row.note}
    record(session, actor, "add absence", Subject(SubjectKind.ROSTER, row.id), after=after)
    return row


def remove_absence(session: Session, absence_id: str, *, actor: Actor) -> None:
    """Raises NotFound."""
    row = get_absence(session, absence_id)
    before = {"person": row.person_id, "start": row.start, "end": row.end, "note": row.note}
    session.delete(row)
    record(session, actor, "remove absence", Subject(SubjectKind.ROSTER, absence_id), before=before)
