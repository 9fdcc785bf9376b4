"""The roster: who is on duty, shifts and absences, who gets a ticket and why, hand-over of all that somebody holds."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from soc import clock
from soc.access.scopes import Scope
from soc.api.asked_once import Asked
from soc.api.guard import actor_of
from soc.api.inputs import Limit, RowId
from soc.api.lists import Answer
from soc.api.scopes import needs
from soc.domain.severity import Priority
from soc.roster import assigning, changing, finding, handing_over
from soc.roster.standing import Member, read_members
from soc.store.db import read_session, write_session
from soc.store.nouns.roster import list_absences, list_assignments, list_shifts
from soc.store.nouns.roster_rules import read_rules

router = APIRouter(prefix="/roster", tags=["roster"])
_Person = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
_Short = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class RosterMember(Answer):
    """A person and where they stand now."""

    id: str = Field(examples=["per-7k2m9q4x1c"])
    name: str = Field(examples=["Mia Berg"])
    role: str = Field(examples=["analyst"])
    team: str = Field(examples=["Security"])
    on_duty: bool
    why: str = Field(examples=["on shift until Mon 2026-03-02 16:00 Europe/Berlin"])
    until: datetime | None = Field(description="When that changes next.", default=None)
    open_tickets: int = Field(examples=[3])
    warning: str = Field(description="That they hold too many; empty: no.", examples=[""])


class RosterMembers(BaseModel):
    """Everybody who works here, by name."""

    items: list[RosterMember]


class ShiftRequest(BaseModel):
    """A weekly shift of a person."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"person": "per-7k2m9q4x1c", "days": "Mon-Fri", "start": "08:00", "end": "16:00"}]
        },
    )

    person: _Person
    days: _Short = Field(description="Mon-Fri, Mon,Wed or every day: those on which it begins.")
    start: _Short = Field(description="HH:MM on the wall clock of its zone.")
    end: _Short = Field(description="The same; not after the start means on the next day.")
    zone: _Short = Field(default="", description="Europe/Berlin; empty: the person's own.")
    since: date | None = Field(default=None, description="The first day on which it begins.")
    until: date | None = Field(default=None, description="The last one.")


class Shift(Answer):
    """A shift as it is kept."""

    id: str = Field(examples=["shf-7k2m9q4x1c"])
    person_id: str
    words: str = Field(examples=["Mon–Fri 08:00–16:00 Europe/Berlin"])


class Shifts(BaseModel):
    """Everybody's shifts."""

    items: list[Shift]


class AbsenceRequest(BaseModel):
    """A time out of office."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"person": "per-7k2m9q4x1c", "start": "2026-03-02T08:00:00Z", "end": "2026-03-06T16:00:00Z"}
            ]
        },
    )

    person: _Person
    start: AwareDatetime
    end: AwareDatetime = Field(description="Excluded.")
    note: _Short = ""


class Absence(Answer):
    """A time out of office as it is kept."""

    id: str = Field(examples=["abs-7k2m9q4x1c"])
    person_id: str
    start: datetime
    end: datetime
    note: str = ""


class Absences(BaseModel):
    """Those that are not over."""

    items: list[Absence]


class Decision(Answer):
    """Who was given a ticket, and why."""

    ticket_id: int
    incident_id: str
    person_id: str = Field(description="Empty: nobody could be found.")
    way: str = Field(examples=["round robin"])
    why: str
    created_at: datetime
    made_by: str


class Decisions(BaseModel):
    """The newest first."""

    items: list[Decision]


class NextChoice(Answer):
    """Who would get a ticket of this priority now."""

    priority: Priority
    person_id: str
    why: str = Field(examples=["Ana: next in the round of those on duty."])


class NextChoices(BaseModel):
    """For each priority."""

    items: list[NextChoice]


class AssignmentRules(BaseModel):
    """How tickets are given out when they open."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"automatic": True, "security_team": "Security"}]}
    )

    automatic: bool
    security_team: _Short = Field(description="The team whose lead gets what is critical.")


class HandOverRequest(BaseModel):
    """Everything open that `from_person` holds goes to `to_person`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"from_person": "per-7k2m9q4x1c", "to_person": "per-0bqr4mj9p4"}]},
    )

    from_person: _Person
    to_person: _Person


class KeptTicket(Answer):
    key: str
    reason: str


class HandOverAnswer(BaseModel):
    """What changed hands, and what did not."""

    moved: list[str]
    kept: list[KeptTicket]


class AccountFound(Answer):
    """What a vendor said of one person."""

    name: str
    what: str = Field(description="Which account.")
    account: str
    trouble: str = ""


class AccountsFound(BaseModel):
    items: list[AccountFound]


def _member(one: Member) -> RosterMember:
    return RosterMember(
        id=one.person.id, name=one.person.name, role=one.person.role, team=one.team, on_duty=one.presence.on,
        why=one.presence.why, until=one.presence.until, open_tickets=one.held, warning=one.warning,
    )  # fmt: skip


@router.get("", dependencies=[needs(Scope.READ)], summary="Who is in the roster, and who is on duty")
def show_roster() -> RosterMembers:
    """With what each holds."""
    with read_session() as session:
        return RosterMembers(items=[_member(one) for one in read_members(session, now=clock.now())])


@router.get("/shifts", dependencies=[needs(Scope.READ)], summary="Everybody's shifts")
def show_shifts() -> Shifts:
    """Who has none is on call at any time."""
    with read_session() as session:
        rows = list_shifts(session)
        return Shifts(
            items=[Shift(id=row.id, person_id=row.person_id, words=row.as_shift().words) for row in rows]
        )


@router.post("/shifts", dependencies=[needs(Scope.ADMIN)], status_code=201, summary="Add a shift")
def create_shift(data: ShiftRequest, request: Request) -> Shift:
    """Weekdays are those on which it begins."""
    with write_session() as session:
        row = changing.add_shift(
            session, data.person, weekdays=changing.read_days(data.days), start=changing.read_time(data.start),
            end=changing.read_time(data.end), zone=data.zone, since=data.since, until=data.until, actor=actor_of(request),
        )  # fmt: skip
        return Shift(id=row.id, person_id=row.person_id, words=row.as_shift().words)


@router.delete(
    "/shifts/{shift_id}", dependencies=[needs(Scope.ADMIN)], status_code=204, summary="Take a shift away"
)
def delete_shift(shift_id: RowId, request: Request) -> None:
    """The audit keeps what it was."""
    with write_session() as session:
        changing.remove_shift(session, shift_id, actor=actor_of(request))


@router.get("/absences", dependencies=[needs(Scope.READ)], summary="Who is out of office, and who will be")
def show_absences() -> Absences:
    """The first to begin first."""
    with read_session() as session:
        rows = list_absences(session, since=clock.now())
        return Absences(items=[Absence.model_validate(row) for row in rows])


@router.post(
    "/absences", dependencies=[needs(Scope.ACT)], status_code=201, summary="Add a time out of office"
)
def create_absence(data: AbsenceRequest, request: Request) -> Absence:
    """They are told nothing and given nothing meanwhile; what they hold stays theirs."""
    with write_session() as session:
        row = changing.add_absence(
            session, data.person, start=data.start, end=data.end, note=data.note, actor=actor_of(request)
        )
        return Absence.model_validate(row)


@router.delete(
    "/absences/{absence_id}", dependencies=[needs(Scope.ACT)], status_code=204, summary="Take an absence away"
)
def delete_absence(absence_id: RowId, request: Request) -> None:
    """They are back."""
    with write_session() as session:
        changing.remove_absence(session, absence_id, actor=actor_of(request))


@router.get("/decisions", dependencies=[needs(Scope.READ)], summary="Who was given which ticket, and why")
def show_decisions(limit: Limit = 50) -> Decisions:
    """The newest first."""
    with read_session() as session:
        return Decisions(
            items=[Decision.model_validate(row) for row in list_assignments(session, limit=limit)]
        )


@router.get("/next", dependencies=[needs(Scope.READ)], summary="Who would get the next ticket")
def show_next() -> NextChoices:
    """For each priority, as things stand now. Nothing is changed."""
    with read_session() as session:
        found = [(one, assigning.preview(session, one, now=clock.now())) for one in Priority]
    items = [
        NextChoice(priority=priority, person_id=choice.person_id, why=choice.sentence)
        for priority, choice in found
    ]
    return NextChoices(items=items)


@router.get("/rules", dependencies=[needs(Scope.READ)], summary="How tickets are given out")
def show_assignment_rules() -> AssignmentRules:
    """Critical: the lead of the security team; high: an available analyst; the rest in turn."""
    with read_session() as session:
        row = read_rules(session)
        return AssignmentRules(automatic=row.automatic, security_team=row.security_team)


@router.put("/rules", dependencies=[needs(Scope.ADMIN)], summary="Change how tickets are given out")
def update_assignment_rules(data: AssignmentRules, request: Request) -> AssignmentRules:
    """For tickets that open from now on."""
    with write_session() as session:
        assigning.set_rules(
            session, automatic=data.automatic, security_team=data.security_team, actor=actor_of(request)
        )
    return data


@router.post("/hand-over", dependencies=[needs(Scope.ACT)], summary="Hand over all that somebody holds")
def hand_over(data: HandOverRequest, request: Request, once: Asked) -> HandOverAnswer:
    """Ticket by ticket, as one group of the audit; what somebody else took meanwhile stays with them."""
    done = handing_over.hand_over(
        data.from_person, data.to_person, actor=actor_of(request), key=once.id if once else ""
    )
    return HandOverAnswer(
        moved=list(done.moved), kept=[KeptTicket(key=key, reason=why) for key, why in done.kept]
    )


@router.post("/accounts", dependencies=[needs(Scope.ADMIN)], summary="Find accounts by e-mail address")
def find_accounts(request: Request) -> AccountsFound:
    """Asks the connected vendors for everybody who has an address and no account there yet; what is found is kept."""
    found = finding.find_accounts(actor=actor_of(request))
    return AccountsFound(items=[AccountFound(**one._asdict()) for one in found])
