"""`soc people`: the roster's people and teams, changed from the shell."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from soc import clock
from soc.access.people import FIELDS, add_person, add_team, change_person, change_team
from soc.cli.say import explained, give, note, open_store, result
from soc.domain.actor import AT_THE_SHELL
from soc.store.db import read_session, write_session
from soc.store.nouns.people.people import PersonRow, find_by_email, list_people
from soc.store.nouns.people.teams import TeamRow, find_team, list_teams


def print_people(*, everybody: bool) -> None:
    with explained():
        open_store()
        with read_session() as session:
            teams = {team.id: team.name for team in list_teams(session)}
            rows = list_people(session, active_only=not everybody)
        if not rows:
            note("There is nobody. `soc people add NAME` adds a person.")
        for row in rows:
            accounts = [
                row.email,
                f"Jira {row.jira_account}" * bool(row.jira_account),
                f"Slack {row.slack_id}" * bool(row.slack_id),
            ]
            words = [
                row.role,
                teams.get(row.team_id or "", ""),
                row.zone,
                *accounts,
                "" if row.active else "left",
            ]
            result(f"{row.id}  {row.name}  ({', '.join(word for word in words if word)})")
        give({"people": [_told(row) for row in rows]})


def add(name: str, **given: str | None) -> None:
    with explained():
        open_store()
        said = {field: value for field, value in given.items() if value is not None}
        with write_session() as session:
            row = add_person(session, {"name": name, **said}, actor=AT_THE_SHELL, now=clock.now())
        result(f"{row.id} ({row.name}) is in the roster.")
        give(_told(row))


def change(person: str, **given: Any) -> None:
    """What is None stays."""
    with explained():
        open_store()
        said = {field: value for field, value in given.items() if value is not None}
        with write_session() as session:
            row = change_person(
                session, _person_id(session, person), said, actor=AT_THE_SHELL, now=clock.now()
            )
        result(f"{row.id} ({row.name}) is as you say.")
        give(_told(row))


def _person_id(session: Session, given: str) -> str:
    found = find_by_email(session, given) if "@" in given else None
    return given if found is None else found.id


def print_teams() -> None:
    with explained():
        open_store()
        with read_session() as session:
            rows = list_teams(session)
        if not rows:
            note("There are no teams. `soc people add-team NAME` adds one.")
        for row in rows:
            result(f"{row.id}  {row.name}{'' if row.active else '  (no more)'}")
        give({"teams": [_told_team(row) for row in rows]})


def new_team(name: str) -> None:
    with explained():
        open_store()
        with write_session() as session:
            row = add_team(session, name, actor=AT_THE_SHELL, now=clock.now())
        result(f"{row.id} ({row.name}) is a team.")
        give(_told_team(row))


def alter_team(team: str, *, name: str | None, active: bool | None) -> None:
    with explained():
        open_store()
        with write_session() as session:
            found = find_team(session, team)
            row = change_team(
                session, team if found is None else found.id, name=name, active=active, actor=AT_THE_SHELL
            )
        result(f"{row.id} ({row.name}) is as you say.")
        give(_told_team(row))


def _told(row: PersonRow) -> dict[str, Any]:
    return {"id": row.id, **{field: getattr(row, field) for field in FIELDS}}


def _told_team(row: TeamRow) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "active": row.active}
