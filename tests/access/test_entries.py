"""What is told of keys, people and teams: each act is an entry, each refusal names what is wrong and what to do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session
from starlette.requests import Request

from soc.access.keys import check_key, is_key, make_key, revoke_key
from soc.access.people import add_person, add_team, change_person, change_team
from soc.access.scopes import Scope
from soc.api.guard import actor_of, caller_of, read_needed
from soc.audit.whereabouts import whereabouts
from soc.domain.actor import AT_A_PAGE, ON_LOOPBACK, Actor
from soc.domain.audit import Subject, SubjectKind
from soc.errors import ConfigurationError, NotFound
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.installation.audit import list_of_subject
from soc.store.nouns.people.people import PersonRow
from soc.store.nouns.people.teams import TeamRow
from tests.rows import NIGHT

MIA = Actor.key("key-mia")
LATER = NIGHT + timedelta(hours=1)


def _entries(kind: SubjectKind, subject_id: str) -> list[tuple[str, str, Any, Any]]:
    """(action, who, before, after), the first first; what is recorded is there once it is committed."""
    with read_session() as session:
        rows = list_of_subject(session, Subject(kind, subject_id))
        return [(row.action, row.made_by, row.before, row.after) for row in reversed(rows)]


def test_a_key_s_making_and_its_one_end_are_entries() -> None:
    migrate()
    with write_session() as session:
        row, key = make_key(session, " grafana ", Scope.ACT, actor=AT_A_PAGE, now=NIGHT)
        assert (row.name, row.scope, row.created_at, row.made_by) == ("grafana", "act", NIGHT, str(AT_A_PAGE))
        for moment, actor in ((LATER, MIA), (LATER + timedelta(hours=1), AT_A_PAGE)):
            ended = revoke_key(session, row.id, actor=actor, now=moment)
        assert (ended.id, ended.revoked_at, ended.revoked_by) == (row.id, LATER, str(MIA))
    entries = _entries(SubjectKind.KEY, row.id)
    assert entries == [
        ("make", str(AT_A_PAGE), {}, {"name": "grafana", "scope": "act"}),
        ("revoke", str(MIA), {"name": "grafana"}, {}),
    ]
    assert check_key(session, key, now=LATER) is None
    with pytest.raises(ConfigurationError, match="no name") as refused:
        make_key(session, "  ", Scope.READ, actor=MIA, now=NIGHT)
    assert "program" in refused.value.hint


def test_a_key_is_written_in_one_way_only(session: Session) -> None:
    _, key = make_key(session, "a", Scope.READ, actor=MIA, now=NIGHT)
    assert is_key(key)
    assert key.startswith("soc_")
    assert len(key) == len("soc_") + 27
    wrong = (key[:-1], key + "A", key[4:], f" {key}", key[:-1] + "!", key.upper()[:4] + key[4:], "")
    assert [is_key(text) for text in wrong] == [False] * len(wrong)


def test_a_person_belongs_to_a_team_by_its_id_or_its_name(session: Session) -> None:
    night = add_team(session, " Night  shift ", actor=MIA, now=NIGHT)
    assert (night.name, night.created_at, night.made_by, night.active) == (
        "Night shift",
        NIGHT,
        str(MIA),
        True,
    )
    for given, expected in (
        (night.id, night.id),
        (f" {night.id} ", night.id),
        ("NIGHT SHIFT", night.id),
        ("  ", None),
        (None, None),
    ):
        assert add_person(session, {"name": "A", "team_id": given}, actor=MIA, now=NIGHT).team_id == expected
    with pytest.raises(NotFound, match="no team Day"):
        add_person(session, {"name": "A", "team_id": "Day"}, actor=MIA, now=NIGHT)


def test_a_person_is_there_from_the_moment_of_the_entry_and_changed_by_who_changes_something() -> None:
    migrate()
    with write_session() as session:
        row = add_person(session, {"name": " Anna  Ito ", "slack_id": " U1 "}, actor=MIA, now=NIGHT)
        stood: dict[str, Any] = {"name": "Anna Ito", "email": "", "role": "analyst", "team_id": None, "zone": "UTC",
                                 "jira_account": "", "slack_id": "U1", "active": True}  # fmt: skip
        assert (row.created_at, row.made_by, row.changed_at, row.changed_by) == (NIGHT, str(MIA), None, "")
        same = change_person(session, row.id, {"name": "Anna Ito"}, actor=AT_A_PAGE, now=LATER)
        assert (same.changed_at, same.changed_by) == (None, "")
        for given in (
            {"active": False},
            {"active": True},
            {"active": False, "zone": "Asia/Tokyo"},
            {"role": "lead"},
        ):
            changed: PersonRow = change_person(session, row.id, given, actor=AT_A_PAGE, now=LATER)
        assert (changed.changed_at, changed.changed_by) == (LATER, str(AT_A_PAGE))
    entries = _entries(SubjectKind.PERSON, row.id)
    assert entries[0] == ("add", str(MIA), {}, stood)
    assert [entry[0] for entry in entries[1:]] == ["deactivate", "activate", "change", "change"]
    assert entries[3][2:] == ({"active": True, "zone": "UTC"}, {"active": False, "zone": "Asia/Tokyo"})


def test_what_is_wrong_with_a_person_is_named(session: Session) -> None:
    add_person(
        session,
        {"name": "Anna", "email": "a@b.example", "jira_account": "j", "slack_id": "s"},
        actor=MIA,
        now=NIGHT,
    )
    for given, said, hint in (
        ({"shoe": 1, "age": 2}, "A person has no age, shoe.", "There are: name, email, role"),
        ({"email": "A@b.example"}, "Anna has that e-mail address already.", "Take it from per-"),
        ({"jira_account": "j"}, "Anna has that Jira account already.", "Take it from per-"),
        ({"slack_id": " s "}, "Anna has that Slack id already.", "Take it from per-"),
    ):
        with pytest.raises(ConfigurationError) as refused:
            add_person(session, {"name": "Bo", **given}, actor=MIA, now=NIGHT)
        assert refused.value.message == said
        assert refused.value.hint.startswith(hint)


def test_a_team_s_changes_are_entries_and_what_is_the_same_is_none() -> None:
    migrate()
    with write_session() as session:
        team = add_team(session, "Night", actor=MIA, now=NIGHT)
        other = add_team(session, "Day", actor=MIA, now=NIGHT)
        change_team(session, team.id, name="Night", active=True, actor=AT_A_PAGE)
        assert team.changed_by == ""
        change_team(session, team.id, name="NIGHT", actor=AT_A_PAGE)  # its own name in other letters
        changed: TeamRow = change_team(session, team.id, active=False, actor=MIA)
        assert (changed.name, changed.active, changed.changed_by) == ("NIGHT", False, str(MIA))
        with pytest.raises(ConfigurationError, match="There is a team Day already") as refused:
            change_team(session, team.id, name=" day ", actor=MIA)
        assert (refused.value.hint, other.name) == ("Choose another name.", "Day")
    assert _entries(SubjectKind.TEAM, team.id) == [
        ("add", str(MIA), {}, {"name": "Night"}),
        ("change", str(AT_A_PAGE), {"name": "Night"}, {"name": "NIGHT"}),
        ("change", str(MIA), {"active": True}, {"active": False}),
    ]


def test_who_calls_is_the_key_s_holder_or_somebody_on_this_machine() -> None:
    scope: dict[str, Any] = {"type": "http", "headers": [], "client": ("10.0.0.7", 1)}
    assert (actor_of(Request(scope)), caller_of(Request(scope))) == (ON_LOOPBACK, "local")
    assert whereabouts() == "api 10.0.0.7"
    known = {**scope, "soc.actor": MIA, "soc.caller": "key:mia", "client": None}
    assert (actor_of(Request(known)), caller_of(Request(known))) == (MIA, "key:mia")
    assert whereabouts() == "api"
    assert actor_of(Request({**scope, "soc.actor": "somebody"})) == ON_LOOPBACK
    assert read_needed("DELETE", "/anything") == Scope.READ
