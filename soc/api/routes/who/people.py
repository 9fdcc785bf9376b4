"""People and teams of the roster: listed, added, changed, deactivated."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StrictBool, StringConstraints

from soc import clock
from soc.access import people as changing
from soc.access.scopes import Scope
from soc.api.asked_once import Asked, answer_once
from soc.api.guard import actor_of
from soc.api.inputs import Limit, Offset, RowId
from soc.api.lists import Answer, Cursor, Listed, sorts_of
from soc.api.problems import at
from soc.api.scopes import needs
from soc.domain.people import Role
from soc.store.db import read_session, write_session
from soc.store.nouns.people.people import PEOPLE_SORTS, page_people
from soc.store.nouns.people.people import get_person as stored_person
from soc.store.nouns.people.teams import list_teams as stored_teams

router = APIRouter(prefix="/people", tags=["people"])
_Sort = Annotated[str, sorts_of(PEOPLE_SORTS)]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
_Line = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
_EXAMPLE: dict[str, JsonValue] = {
    "name": "Anna Ito",
    "email": "anna@example.com",
    "role": "lead",
    "zone": "Europe/Berlin",
}


class PersonChange(BaseModel):
    """What is to be another value; what is left out stays, and an empty text takes away."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"slack_id": "U012AB3CD"}]})

    name: _Name | None = None
    email: _Line | None = None
    role: Role | None = None
    team_id: _Line | None = Field(default=None, description="A team's id or name; empty: none.")
    zone: _Line | None = Field(default=None, description="Of the IANA list.")
    jira_account: _Line | None = Field(
        default=None, description="Account id (Cloud) or user name (Data Center)."
    )
    slack_id: _Line | None = None
    active: StrictBool | None = Field(default=None, description="false: the person left.")


class PersonRequest(PersonChange):
    """A person; an analyst unless said otherwise."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    name: _Name


class Person(Answer):
    """A person of the roster."""

    id: str = Field(examples=["per-7k2m9q4x1c"])
    name: str = Field(examples=["Anna Ito"])
    email: str = Field(examples=["anna@example.com"])
    role: Role
    team_id: str | None = Field(examples=["team-7k2m9q4x1c"])
    zone: str = Field(examples=["Europe/Berlin"])
    jira_account: str = Field(examples=["5b10ac8d82e05b22cc7d4ef5"])
    slack_id: str = Field(examples=["U012AB3CD"])
    active: bool = Field(examples=[True])
    created_at: datetime = Field(examples=["2026-01-14T22:03:11Z"])
    made_by: str = Field(examples=["person:shell@shell"])
    changed_by: str = Field(examples=[""])


class PersonList(Listed[Person]):
    """A page of people."""


class TeamRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "Night shift"}]})

    name: _Name


class TeamChange(BaseModel):
    """What is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"active": False}]})

    name: _Name | None = None
    active: StrictBool | None = Field(default=None, description="false: the team is no more.")


class Team(Answer):
    """A team of the roster."""

    id: str = Field(examples=["team-7k2m9q4x1c"])
    name: str = Field(examples=["Night shift"])
    active: bool = Field(examples=[True])


class Teams(BaseModel):
    """Every team, by name."""

    items: list[Team]


@router.get("", dependencies=[needs(Scope.READ)], summary="Everybody, by name")
def list_people(
    sort: _Sort = "name", cursor: Cursor = "", offset: Offset = 0, limit: Limit = 50
) -> PersonList:
    """Those who left, too (`active` is false)."""
    with read_session() as session:
        page = page_people(session, sort=sort, cursor=cursor, offset=offset, limit=limit)
        return PersonList.of(page, map(Person.model_validate, page.rows))


@router.post("", dependencies=[needs(Scope.ADMIN)], status_code=201, summary="Add a person")
def create_person(data: PersonRequest, request: Request, response: Response, once: Asked) -> Person:
    """E-mail address, Jira account and Slack id are one person's alone."""
    given = data.model_dump(exclude_none=True)
    with write_session() as session:
        actor, now = actor_of(request), clock.now()
        made = answer_once(
            session,
            once,
            lambda: Person.model_validate(changing.add_person(session, given, actor=actor, now=now)),
            Person,
        )
    response.headers["Location"] = at(request, f"/people/{made.id}")
    return made


@router.get("/teams", dependencies=[needs(Scope.READ)], summary="Every team")
def list_teams() -> Teams:
    """By name; those that are no more, too."""
    with read_session() as session:
        return Teams(items=[Team.model_validate(row) for row in stored_teams(session)])


@router.post("/teams", dependencies=[needs(Scope.ADMIN)], status_code=201, summary="Add a team")
def create_team(data: TeamRequest, request: Request, once: Asked) -> Team:
    """Its name is its own, in any case of letters."""
    with write_session() as session:
        actor, now = actor_of(request), clock.now()
        return answer_once(
            session,
            once,
            lambda: Team.model_validate(changing.add_team(session, data.name, actor=actor, now=now)),
            Team,
        )


@router.patch("/teams/{team_id}", dependencies=[needs(Scope.ADMIN)], summary="Change a team")
def change_team(team_id: RowId, data: TeamChange, request: Request) -> Team:
    """Rename it, or say that it is no more."""
    with write_session() as session:
        row = changing.change_team(
            session, team_id, name=data.name, active=data.active, actor=actor_of(request)
        )
        return Team.model_validate(row)


@router.get("/{person_id}", dependencies=[needs(Scope.READ)], summary="One person")
def get_person(person_id: RowId) -> Person:
    """Also one who left."""
    with read_session() as session:
        return Person.model_validate(stored_person(session, person_id))


@router.patch("/{person_id}", dependencies=[needs(Scope.ADMIN)], summary="Change a person")
def change_person(person_id: RowId, data: PersonChange, request: Request) -> Person:
    """Deactivate with `active: false`; what they did stays theirs."""
    given = data.model_dump(exclude_none=True)
    with write_session() as session:
        row = changing.change_person(session, person_id, given, actor=actor_of(request), now=clock.now())
        return Person.model_validate(row)
