"""What the roster's calls take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from soc.api.lists import Answer, Moment
from soc.domain.severity import Priority
from soc.domain.sla.day import Day

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
    since: Day | None = Field(default=None, description="The first day on which it begins.")
    until: Day | None = Field(default=None, description="The last one.")


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
    start: Moment
    end: Moment = Field(description="Excluded.")
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


class GivenOut(Answer):
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

    items: list[GivenOut]


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

    automatic: StrictBool
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
