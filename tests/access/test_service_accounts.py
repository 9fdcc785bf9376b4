"""Accounts of programs: they own keys, cannot sign in, and none of their keys may more than they may now."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from typer.testing import CliRunner

from soc import clock
from soc.access.accounts import change_role
from soc.access.keys import check_key, find_owner, make_key, rotate_key
from soc.access.scopes import AccessRole, Scope
from soc.access.service_accounts import add_service_account, change_service_role, switch_service_account
from soc.access.sessions import find_seat
from soc.cli.commands import app
from soc.domain.actor import AT_THE_SHELL
from soc.domain.audit import Subject, SubjectKind
from soc.errors import ConfigurationError, NotFound
from soc.serving import front_door, guarded_routes
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.installation.audit import list_of_subject
from tests.access.signed_in import add, sign_in


@pytest.fixture(autouse=True)
def _store() -> None:
    migrate()


def _bot(role: AccessRole = AccessRole.ANALYST) -> str:
    with write_session() as session:
        return add_service_account(session, "deploy-bot", role, actor=AT_THE_SHELL, now=clock.now()).id


def _key(owner: str, scope: Scope = Scope.ACT) -> tuple[str, str]:
    with write_session() as session:
        row, key = make_key(session, "ci", scope, owner=owner, actor=AT_THE_SHELL, now=clock.now())
        return row.id, key


def _may(key: str) -> Scope | None:
    with read_session() as session:
        holder = check_key(session, key, now=clock.now())
    return None if holder is None else holder.scope


def test_a_disabled_service_account_s_keys_open_nothing_and_an_enabled_one_s_do_again() -> None:
    bot = _bot()
    key_id, key = _key(bot)
    with write_session() as session:
        _, next_key = rotate_key(
            session, key_id, overlap=timedelta(hours=1), actor=AT_THE_SHELL, now=clock.now()
        )
    assert (_may(key), _may(next_key)) == (Scope.ACT, Scope.ACT)
    for enabled, scope in ((False, None), (True, Scope.ACT)):
        with write_session() as session:
            switch_service_account(session, bot, enabled=enabled, actor=AT_THE_SHELL, now=clock.now())
        assert (_may(key), _may(next_key)) == (scope, scope)
    with read_session() as session:
        told = [one.action for one in list_of_subject(session, Subject(SubjectKind.SERVICE_ACCOUNT, bot))]
    assert sorted(told) == ["add account", "disable account", "enable account"]


@pytest.mark.parametrize(
    ("role", "left"),
    [
        (AccessRole.VIEWER, Scope.READ),
        (AccessRole.ANALYST, Scope.ACT),
        (AccessRole.LEAD, Scope.LEAD),
        (AccessRole.AUDITOR, Scope.READ),
        (AccessRole.ADMIN, Scope.LEAD),
    ],
)
def test_a_key_may_no_more_than_its_owner_may_now(role: AccessRole, left: Scope) -> None:
    bot = _bot(AccessRole.ADMIN)
    person = add("anna", AccessRole.ADMIN)
    seat = find_seat(sign_in(person))
    assert seat is not None
    keys = [_key(owner, Scope.LEAD)[1] for owner in (bot, seat.person_id)]
    with write_session() as session:
        change_service_role(session, bot, role, actor=AT_THE_SHELL)
        change_role(session, person, role, actor=AT_THE_SHELL)
    assert [_may(key) for key in keys] == [left, left]


def test_a_key_that_may_more_than_its_owner_is_not_made() -> None:
    with pytest.raises(ConfigurationError, match="role does not cover “admin”"):
        _key(_bot(), Scope.ADMIN)


def test_an_owner_is_found_by_id_or_name_and_is_in_force() -> None:
    bot = _bot()
    with read_session() as session:
        assert find_owner(session, bot) == find_owner(session, "Deploy-Bot") == bot
        with pytest.raises(NotFound):
            find_owner(session, "svc-none")
    with write_session() as session:
        switch_service_account(session, bot, enabled=False, actor=AT_THE_SHELL, now=clock.now())
        with pytest.raises(ConfigurationError, match="is disabled"):
            find_owner(session, bot)
        with pytest.raises(ConfigurationError, match="already"):
            add_service_account(session, "DEPLOY-BOT", AccessRole.VIEWER, actor=AT_THE_SHELL, now=clock.now())


def test_what_it_does_carries_its_key_and_the_list_of_keys_says_whose_it_is() -> None:
    bot = _bot(AccessRole.ADMIN)
    key_id, key = _key(bot, Scope.ADMIN)
    served = Starlette(
        routes=guarded_routes(listens_beyond_loopback=False),
        middleware=[front_door(listens_beyond_loopback=False)],
    )
    client = TestClient(served, base_url="http://localhost")
    headers = {"Authorization": f"Bearer {key}"}
    made = client.post("/api/v1/keys", json={"name": "next", "owner": "deploy-bot"}, headers=headers)
    assert (made.status_code, made.json()["owner"], made.json()["made_by"]) == (
        201,
        bot,
        f"key:{key_id}@bearer",
    )
    with write_session() as session:
        switch_service_account(session, bot, enabled=False, actor=AT_THE_SHELL, now=clock.now())
    assert client.get("/api/v1/keys", headers=headers).status_code == 401


def test_the_shell_adds_lists_and_disables_one_and_gives_it_no_way_to_sign_in() -> None:
    def soc(*words: str) -> str:
        done = CliRunner().invoke(app, list(words))
        assert done.exit_code == 0, done.output
        return done.stdout

    soc("people", "add-team", "Platform")
    told = soc("users", "add", "bot", "--service", "--role", "analyst", "--team", "Platform")
    assert "cannot sign in" in told
    assert "/signin/link" not in told
    one = json.loads(soc("users", "list", "--json"))["service_accounts"][0]
    assert (one["name"], one["role"], one["team"], one["state"]) == ("bot", "analyst", "Platform", "in force")
    key = soc("keys", "create", "ci", "--scope", "act", "--owner", "bot").strip().splitlines()[-1]
    assert _may(key) is Scope.ACT
    assert f"of {one['id']}" in soc("keys", "list")
    soc("users", "role", "bot", "viewer")
    assert _may(key) is Scope.READ
    soc("users", "disable", "bot")
    assert _may(key) is None
    done = CliRunner().invoke(app, ["users", "invite", "bot"])
    assert (done.exit_code, "cannot sign in" in done.output) == (2, True)
