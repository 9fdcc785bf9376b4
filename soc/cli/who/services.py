"""`soc users … --service`: accounts of programs, from the shell of the machine that serves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from soc import clock
from soc.access import service_accounts as changing
from soc.access.scopes import AccessRole
from soc.cli.say import explained, give, note, open_store, result
from soc.domain.actor import AT_THE_SHELL
from soc.errors import ConfigurationError
from soc.store.db import write_session
from soc.store.nouns.people.service_accounts import (
    ServiceAccountRow,
    find_service_account,
    list_service_accounts,
)
from soc.store.nouns.people.teams import list_teams


def add_service(name: str, *, role: AccessRole, team: str) -> None:
    """It has no link and no password: keys are made for it."""
    with explained():
        open_store()
        with write_session() as session:
            row = changing.add_service_account(
                session, name, role, team=team, actor=AT_THE_SHELL, now=clock.now()
            )
        result(f"{row.id} ({row.name}) owns keys that may what the role {role} may; it cannot sign in.")
        note(f"Make one: soc keys create NAME --scope read --owner {row.id}")
        give({"id": row.id, "role": row.role, "team": row.team_id or ""})


def tell_services(session: Session) -> list[dict[str, Any]]:
    """Every service account, as `soc users list` shows it."""
    teams = {team.id: team.name for team in list_teams(session)}
    return [_told(row, teams) for row in list_service_accounts(session)]


def _told(row: ServiceAccountRow, teams: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "role": row.role,
        "team": teams.get(row.team_id or "", ""),
        "state": "in force" if row.disabled_at is None else "disabled",
    }


def switched_service(session: Session, given: str, *, enabled: bool) -> bool:
    """Whether it was a service account that was switched, and no person."""
    row = find_service_account(session, given)
    if row is not None:
        changing.switch_service_account(session, row.id, enabled=enabled, actor=AT_THE_SHELL, now=clock.now())
    return row is not None


def changed_service_role(session: Session, given: str, role: AccessRole) -> str:
    """The id of the service account whose role was changed; "" where it is none."""
    row = find_service_account(session, given)
    return "" if row is None else changing.change_service_role(session, row.id, role, actor=AT_THE_SHELL).id


def refuse_service(session: Session, given: str) -> None:
    """Raises ConfigurationError for a service account."""
    if find_service_account(session, given) is not None:
        raise ConfigurationError(
            "A service account cannot sign in.", hint="Make it a key: `soc keys create`."
        )
