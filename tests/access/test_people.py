"""People and teams of the roster: added, changed, found by the accounts that others know them by."""

from __future__ import annotations

from typing import Any

import pytest

from soc import clock
from soc.access.people import add_person, add_team, change_person, change_team
from soc.domain.actor import AT_THE_SHELL
from soc.domain.audit import Subject, SubjectKind
from soc.errors import ConfigurationError, NotFound
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.installation.audit import list_of_subject
from soc.store.nouns.people.people import (
    find_by_email,
    find_by_jira_account,
    find_by_slack_id,
    get_person,
    list_people,
)


@pytest.fixture(autouse=True)
def _store(settings: object) -> None:
    migrate()


def _add(**given: Any) -> str:
    with write_session() as session:
        return add_person(session, given, actor=AT_THE_SHELL, now=clock.now()).id


def _change(person_id: str, **given: Any) -> None:
    with write_session() as session:
        change_person(session, person_id, given, actor=AT_THE_SHELL, now=clock.now())


def test_a_person_is_found_by_what_others_know_them_by() -> None:
    with write_session() as session:
        team = add_team(session, "Night", actor=AT_THE_SHELL, now=clock.now()).id
    one = _add(
        name=" Anna  Ito ",
        email="Anna@Example.com",
        role="Lead",
        team_id="night",
        slack_id="U1",
        jira_account="5b:1",
    )
    with read_session() as session:
        found = get_person(session, one)
        assert (found.name, found.role, found.zone, found.team_id) == ("Anna Ito", "lead", "UTC", team)
        for row in (
            find_by_email(session, " ANNA@example.com"),
            find_by_jira_account(session, "5b:1"),
            find_by_slack_id(session, "U1"),
        ):
            assert row is not None
            assert row.id == one
        assert find_by_slack_id(session, "") is None


def test_each_change_is_in_the_audit_with_what_was_before() -> None:
    one = _add(name="Anna")
    _change(one, email="a@example.com")
    _change(one, email="A@example.com")  # the same address
    _change(one, active=False)
    with read_session() as session:
        told = [
            (row.action, row.before, row.after)
            for row in list_of_subject(session, Subject(SubjectKind.PERSON, one))
        ]
        assert [row.id for row in list_people(session)] == []
        assert [row.id for row in list_people(session, active_only=False)] == [one]
    assert told[:2] == [
        ("deactivate", {"active": True}, {"active": False}),
        ("change", {"email": ""}, {"email": "a@example.com"}),
    ]
    assert [action for action, _, _ in told] == ["deactivate", "change", "add"]


def test_an_account_is_one_person_s_alone() -> None:
    one, other = _add(name="Anna", slack_id="U1", email="a@example.com"), _add(name="Bo", slack_id="U2")
    for given in ({"slack_id": "U1"}, {"email": "A@EXAMPLE.com"}):
        with pytest.raises(ConfigurationError, match="Anna has that"):
            _change(other, **given)
    _change(one, slack_id="U1")
    _change(one, slack_id="")
    _change(other, slack_id="U1")


@pytest.mark.parametrize(
    "given",
    [
        {"name": "  "}, {"name": "x" * 201}, {"name": "A", "role": "king"}, {"name": "A", "zone": "Mars/Base"},
        {"name": "A", "zone": "../../etc"}, {"name": "A", "email": "a@b"}, {"name": "A", "email": "a@b.c, d@e.f"}, {"name": "A", "shoe": 1},
    ],
)  # fmt: skip
def test_what_cannot_be_a_person_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        _add(**given)


def test_a_team_s_name_is_its_own() -> None:
    with write_session() as session:
        team = add_team(session, "Night", actor=AT_THE_SHELL, now=clock.now()).id
        with pytest.raises(ConfigurationError, match="already"):
            add_team(session, "NIGHT", actor=AT_THE_SHELL, now=clock.now())
        change_team(session, team, name="night", active=False, actor=AT_THE_SHELL)
        with pytest.raises(NotFound):
            change_team(session, "team-x", name="y", actor=AT_THE_SHELL)
