"""Suppressions and maintenance windows: made with a reason, an owner and an end; previewed on what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from soc import clock
from soc.audit.write import record
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.domain.incident import Incident
from soc.domain.people import one_line
from soc.domain.rule import LONGEST, Suppression
from soc.errors import ConfigurationError
from soc.ids import new_id
from soc.store.nouns.incidents.incidents import IncidentFilter, list_incidents, to_incident
from soc.store.nouns.people.people import get_person
from soc.store.nouns.rules.suppressions import SuppressionRow, get_suppression, list_hiding

#: How many of the newest incidents a preview looks at.
LAST = 1_000
#: A maintenance counts by the log's times, and logs come late: so long after its end it is still asked.
LATE = timedelta(days=30)


@dataclass(frozen=True)
class HidingPreview:
    """Of the `looked` newest incidents `hidden` meet the conditions, whenever they were; `told` of these met a rule."""

    looked: int
    hidden: int
    told: int
    examples: tuple[tuple[str, str], ...]

    @property
    def sentence(self) -> str:
        return f"Of the last {self.looked:,} incidents it would have hidden {self.hidden:,}, of which {self.told:,} met a rule."


def find_hiding(session: Session, incidents: Sequence[Incident], *, now: datetime) -> dict[str, Suppression]:
    """By incident: the suppression that hides it now."""
    known = list_hiding(session, since=now - LATE)
    found = {one.id: next((each for each in known if each.hides(one, now=now)), None) for one in incidents}
    return {incident_id: one for incident_id, one in found.items() if one is not None}


def check_suppression(session: Session, wanted: Suppression) -> Suppression:
    """As it is kept. Raises ConfigurationError for one that cannot be, NotFound for an owner who is nobody."""
    values = {
        name: one_line(getattr(wanted, name), name)
        for name in ("entity", "source", "signature", "class_contains")
    }
    if not any(value.strip("* ") for value in values.values()):
        raise ConfigurationError(
            "It would hide everything.", hint="Name a host or address, a source, a signature or a class."
        )
    reason = one_line(wanted.reason, "reason", needed=True)
    if not wanted.starts_at < wanted.ends_at:
        raise ConfigurationError("It ends before it begins.", hint="Give an end after the begin.")
    if wanted.ends_at - wanted.starts_at > LONGEST:
        raise ConfigurationError(
            f"It lasts longer than {LONGEST.days} days.",
            hint="End it earlier, and say so anew if it is still wanted.",
        )
    owner = get_person(session, wanted.owner)
    if not owner.active:
        raise ConfigurationError(f"{owner.name} has left.", hint="Name an owner who is here.")
    return wanted.model_copy(update={**values, "reason": reason})


def add_suppression(session: Session, wanted: Suppression, *, actor: Actor) -> SuppressionRow:
    """In force from its begin, for batches that are processed from now on. Raises ConfigurationError, NotFound."""
    clean = check_suppression(session, wanted).model_copy(update={"id": new_id("sup")})
    row = SuppressionRow(
        **{**clean.model_dump(), "kind": clean.kind.value}, created_at=clock.now(), made_by=str(actor)
    )
    session.add(row)
    session.flush()
    after = clean.model_dump(mode="json", exclude={"id"})
    record(session, actor, "add suppression", Subject(SubjectKind.SUPPRESSION, row.id), after=after)
    return row


def end_suppression(session: Session, suppression_id: str, *, actor: Actor) -> SuppressionRow:
    """It hides nothing from now on. One that is over stays as it is. Raises NotFound."""
    row, now = get_suppression(session, suppression_id), clock.now()
    if row.ends_at > now:
        before = {"ends_at": row.ends_at}
        row.ends_at, row.changed_by = max(now, row.starts_at), str(actor)
        session.add(row)
        session.flush()
        subject = Subject(SubjectKind.SUPPRESSION, row.id)
        record(session, actor, "end suppression", subject, before=before, after={"ends_at": row.ends_at})
    return row


def preview_suppression(session: Session, wanted: Suppression, *, last: int = LAST) -> HidingPreview:
    """What it would have hidden of the newest stored incidents, had it been in force then. Raises as `check_suppression`."""
    clean = check_suppression(session, wanted)
    rows = list_incidents(session, IncidentFilter(), sort="-created_at", limit=last)
    met = [row for row in rows if clean.meets(to_incident(row))]
    return HidingPreview(
        looked=len(rows),
        hidden=len(met),
        told=sum(row.eligible for row in met),
        examples=tuple((row.id, row.title) for row in met[:5]),
    )
