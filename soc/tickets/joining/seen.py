"""What is done to an incident that was seen again: opened anew where it was done, more urgent where it is, one comment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from soc.delivery.ledger import Try
from soc.domain.actor import Actor
from soc.domain.incident import IncidentStatus
from soc.domain.severity import PRIORITY_BY_SEVERITY, Priority, severity_of
from soc.store.nouns.combined.repeats import find_latest_note
from soc.store.nouns.incidents.incidents import IncidentRow, get_incident
from soc.store.nouns.incidents.investigation_notes import InvestigationNoteRow
from soc.tickets import acts
from soc.tickets.acts import Asked
from soc.tickets.joining.known import Joining
from soc.tickets.joining.rule import Way

_JOINING = Actor.system("joining")
#: What is seen again and again within this time is one comment, which is written anew.
COALESCED = timedelta(hours=24)
_MARK = "Seen again"
_ORDER = tuple(Priority)


@dataclass(frozen=True)
class Seen:
    """How it was seen again: where, in words that follow “in” (a batch, a call); with which score; `key` names the event.

    `new` says in sentences, each after a blank, what is new in it.
    """

    where: str
    score: int
    key: str
    new: str = ""


def seen_again(session: Session, joining: Joining, seen: Seen, *, now: datetime) -> Sequence[Try]:
    """In the transaction that joins it; the same event twice does nothing twice. Returns the tries to enqueue.

    A way that opens a new ticket changes nothing of the old one.
    """
    if not joining.joins:
        return ()
    asked = Asked(actor=_JOINING, key=f"joining:{seen.key}:{joining.known}"[:500], at=now)
    tries: list[Try] = []
    if joining.way is Way.REOPENED:
        tries += acts.set_status(session, joining.known, IncidentStatus.OPEN, asked).tries
    row = get_incident(session, joining.known)
    if (priority := _raised(row, seen.score)) is not None:
        tries += acts.set_priority(session, joining.known, priority, asked).tries
    known = _last_note(session, joining.known, now=now)
    if known is None or joining.way is Way.REOPENED:
        tries += acts.add_note(session, joining.known, _words(joining, seen, 1, now=now), asked).tries
    else:
        times = _times(known.text) + 1
        words = _words(joining, seen, times, now=now)
        tries += acts.edit_note(session, known.id, words, asked).tries
    return tries


def _raised(row: IncidentRow, score: int) -> Priority | None:
    """A higher priority than it has, where its score asks for one; nothing becomes less urgent by being seen again."""
    now = Priority(row.priority) if row.priority else PRIORITY_BY_SEVERITY[severity_of(row.score)]
    wanted = PRIORITY_BY_SEVERITY[severity_of(score)]
    return wanted if _ORDER.index(wanted) < _ORDER.index(now) else None


def _last_note(session: Session, incident_id: str, *, now: datetime) -> InvestigationNoteRow | None:
    return find_latest_note(
        session, incident_id, made_by=str(_JOINING), beginning=_MARK, since=now - COALESCED
    )


def _times(text: str) -> int:
    words = text.removeprefix(_MARK).split()
    return int(words[0]) if words and words[0].isdigit() else 1


def _words(joining: Joining, seen: Seen, times: int, *, now: datetime) -> str:
    often = f"{_MARK} {times} times, last" if times > 1 else _MARK
    again = " It is open again." if joining.way is Way.REOPENED else ""
    return (
        f"{often} on {now:%Y-%m-%d %H:%M} UTC in {seen.where}.{seen.new} No second ticket was opened.{again}"
    )
