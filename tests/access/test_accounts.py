"""Accounts, one-time links and one-time codes: who may come in, until when, and what the audit keeps of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyotp
import pytest
from sqlmodel import Session

from soc.access import accounts, local, sessions
from soc.access.accounts import LOCAL, Identity, NotInvited, account_of, add_account, role_of_groups
from soc.access.passwords import hash_password
from soc.access.scopes import AccessRole
from soc.domain.actor import Actor, Known
from soc.domain.audit import Subject, SubjectKind
from soc.errors import ConfigurationError, NotFound
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.installation.audit import list_of_subject
from soc.store.nouns.people.accounts import AccountRow, any_usable_admin, find_account
from soc.store.nouns.people.people import get_person
from soc.store.nouns.people.sessions import end_sessions
from tests.access.signed_in import PASSWORD, hash_quickly
from tests.rows import NIGHT

CHIEF, ROBOT = Actor.person("per-chief", Known.SHELL), Actor.system("sign-in")
MINUTE, HOUR, TICK = timedelta(minutes=1), timedelta(hours=1), timedelta(microseconds=1)
TABLE = {
    "soc": AccessRole.ANALYST,
    "boss": AccessRole.ADMIN,
    "audit": AccessRole.AUDITOR,
    "all": AccessRole.VIEWER,
}


@pytest.fixture(autouse=True)
def _store(monkeypatch: pytest.MonkeyPatch) -> None:
    migrate()
    hash_quickly(monkeypatch)


def _add(
    session: Session, name: str = "anna", role: AccessRole = AccessRole.ANALYST, **more: Any
) -> AccountRow:
    return add_account(session, Identity(LOCAL, name), role, actor=CHIEF, now=NIGHT, **more)


def _entries(person_id: str) -> list[tuple[str, str, Any, Any]]:
    with read_session() as session:
        rows = list_of_subject(session, Subject(SubjectKind.PERSON, person_id))
        return [(row.action, row.made_by, row.before, row.after) for row in reversed(rows)]


def test_an_account_is_of_one_identity_and_of_a_person_of_the_roster() -> None:
    with write_session() as session:
        first = _add(session, " anna  ito ")
        second = add_account(
            session, Identity("https://id", "anna ito", " Anna I. "), AccessRole.LEAD, person_id=first.person_id,
            by_groups=True, actor=CHIEF, now=NIGHT,
        )  # fmt: skip
        named = add_account(
            session, Identity("proxy", "bo", " Bo "), AccessRole.VIEWER, actor=CHIEF, now=NIGHT
        )
        assert (first.subject, first.role, first.by_groups, first.made_by) == (
            "anna ito",
            "analyst",
            False,
            str(CHIEF),
        )
        assert (second.person_id, second.by_groups, second.created_at) == (first.person_id, True, NIGHT)
        names = [get_person(session, row.person_id).name for row in (first, named)]
        assert names == ["anna ito", "Bo"]
        for wrong, error in (
            (Identity(LOCAL, "anna ito"), "may sign in already"),
            (Identity(LOCAL, "  "), "name to sign in with"),
        ):
            with pytest.raises(ConfigurationError, match=error):
                add_account(session, wrong, AccessRole.ADMIN, actor=CHIEF, now=NIGHT)
        with pytest.raises(NotFound):
            add_account(
                session, Identity(LOCAL, "x"), AccessRole.ADMIN, person_id="none", actor=CHIEF, now=NIGHT
            )
        person, ids = first.person_id, [first.id, second.id]
    told = [after for action, _, _, after in _entries(person) if action == "add account"]
    assert told == [
        {"account": ids[0], "issuer": LOCAL, "subject": "anna ito", "role": "analyst"},
        {"account": ids[1], "issuer": "https://id", "subject": "anna ito", "role": "lead"},
    ]


def test_groups_give_the_greatest_of_their_roles_and_take_it_away_again() -> None:
    for groups, role in (
        ((), None), (("x",), None), (("all", "soc"), "analyst"), (("audit", "all"), "auditor"), (("audit", "soc"), "analyst"),
        (("all", "boss", "audit"), "admin"),
    ):  # fmt: skip
        assert role_of_groups(groups, TABLE) == role
    with write_session() as session:
        by_hand = _add(session, "chief", AccessRole.LEAD)
        said = Identity("https://id", "7", "Anna", ("soc", "x"))
        row = account_of(session, said, TABLE, now=NIGHT)
        assert row is not None
        assert (row.role, row.by_groups, row.groups, row.made_by) == (
            "analyst",
            True,
            ["soc", "x"],
            str(ROBOT),
        )
        assert accounts.apply_table(session, {"x": AccessRole.LEAD}, actor=CHIEF) == [row]
        assert accounts.apply_table(session, {"x": AccessRole.LEAD}, actor=CHIEF) == []
        assert (row.role, row.changed_by, by_hand.role) == ("lead", str(CHIEF), "lead")
        assert account_of(session, Identity("https://id", "7"), TABLE, now=NIGHT) is None
        assert (row.role, row.groups, row.changed_by) == ("", [], str(ROBOT))
        accounts.change_role(session, row.id, AccessRole.VIEWER, actor=CHIEF)
        assert account_of(session, said, TABLE, now=NIGHT) is row
        assert (row.role, row.by_groups, row.groups) == ("viewer", False, ["soc", "x"])
        get_person(session, row.person_id).active = False
        session.flush()
        assert account_of(session, said, TABLE, now=NIGHT) is None
        assert account_of(session, Identity("https://id", "9", "", ("x",)), TABLE, now=NIGHT) is None
        assert find_account(session, "https://id", "9") is None
        person = row.person_id
    roles = [(before, after, by) for action, by, before, after in _entries(person) if action == "change role"]
    assert roles == [
        ({"role": "analyst"}, {"role": "lead"}, str(CHIEF)), ({"role": "lead"}, {"role": ""}, str(ROBOT)),
        ({"role": ""}, {"role": "viewer"}, str(CHIEF)),
    ]  # fmt: skip


def test_who_is_disabled_is_out_has_no_link_and_comes_back_with_no_session() -> None:
    with write_session() as session:
        row, other = _add(session), _add(session, "bo")
        link = accounts.invite(session, row.id, actor=CHIEF, now=NIGHT)
        for account in (row, row, other):
            sessions.begin_session(session, account, address="a", agent="b", now=NIGHT)
        session.flush()
        assert accounts.disable_person(session, row.person_id, actor=CHIEF, now=NIGHT + MINUTE) == 2
        assert (row.disabled_at, row.changed_by, row.invitation) == (NIGHT + MINUTE, str(CHIEF), "")
        assert accounts.disable_person(session, row.person_id, actor=ROBOT, now=NIGHT + HOUR) == 0
        assert (row.disabled_at, accounts.may_come_in(session, row), other.disabled_at) == (
            NIGHT + MINUTE,
            False,
            None,
        )
        accounts.enable_person(session, row.person_id, actor=CHIEF)
        accounts.enable_person(session, other.person_id, actor=CHIEF)  # is in force: no change
        assert (row.disabled_at, accounts.may_come_in(session, row), other.changed_by) == (None, True, "")
        with pytest.raises(NotInvited):
            accounts.invited(session, link, now=NIGHT)
        assert end_sessions(session, row.id, now=NIGHT, ended_by="x") == 0
        people, ids = (row.person_id, other.person_id), row.id
    entries = [(action, after) for action, _, _, after in _entries(people[0]) if "able" in action]
    assert entries == [("disable account", {"account": ids}), ("enable account", {"account": ids})]
    assert "enable account" not in [action for action, *_ in _entries(people[1])]


def test_a_link_is_in_force_for_a_day_for_a_local_account_and_the_newest_alone() -> None:
    with write_session() as session:
        row = _add(session)
        provided = add_account(session, Identity("https://id", "7"), AccessRole.LEAD, actor=CHIEF, now=NIGHT)
        with pytest.raises(ConfigurationError, match="no password here"):
            accounts.invite(session, provided.id, actor=CHIEF, now=NIGHT)
        old = accounts.invite(session, row.id, actor=CHIEF, now=NIGHT)
        link = accounts.invite(session, row.id, actor=CHIEF, now=NIGHT)
        assert (row.invited_until, row.changed_by) == (NIGHT + 24 * HOUR, str(CHIEF))
        assert len(link) == 43
        assert link not in str(row.model_dump())
        assert accounts.invited(session, link, now=NIGHT + 24 * HOUR) is row
        for token, now in ((old, NIGHT), (link, NIGHT + 24 * HOUR + TICK), ("", NIGHT)):
            with pytest.raises(NotInvited):
                accounts.invited(session, token, now=now)
        assert not any_usable_admin(session, "analyst")
        signed = sessions.begin_session(session, row, address="a", agent="b", now=NIGHT)[0]
        accounts.accept_invitation(session, link, PASSWORD, now=NIGHT + HOUR)
        here = str(Actor.person(row.person_id, Known.SIGNED_IN))
        assert (row.invitation, row.invited_until, row.changed_by) == ("", None, here)
        session.refresh(signed)
        assert (signed.ended_at, signed.ended_by) == (NIGHT + HOUR, here)
        assert (any_usable_admin(session, "analyst"), any_usable_admin(session, "lead")) == (True, True)
        assert not any_usable_admin(session, "admin")
        assert local.check_local(session, "  anna ", PASSWORD) is row
        assert (local.check_local(session, "anna", "x"), local.check_local(session, "7", PASSWORD)) == (
            None,
            None,
        )
        row.disabled_at = NIGHT
        session.flush()
        assert local.check_local(session, "anna", PASSWORD) is None
        person = row.person_id
    assert [action for action, *_ in _entries(person)][-4:] == ["invite", "invite", "sign in", "set password"]


def test_codes_are_asked_for_once_they_were_confirmed_and_until_they_are_dropped() -> None:
    with write_session() as session:
        row, other = _add(session), _add(session, "bo")
        assert local.take_code(session, row.id, "", now=NIGHT)
        sealed, address = local.begin_codes(row)
        totp: Any = pyotp.parse_uri(address)
        assert (row.totp, totp.secret in sealed) == ("", False)
        with pytest.raises(ConfigurationError, match="not the app's code"):
            local.confirm_codes(
                session, row.id, sealed, "000000" if totp.at(NIGHT) != "000000" else "1", now=NIGHT
            )
        with pytest.raises(Exception, match="cannot be opened"):
            local.confirm_codes(session, other.id, sealed, totp.at(NIGHT), now=NIGHT)
        local.confirm_codes(session, row.id, sealed, totp.at(NIGHT), now=NIGHT)
        session.flush()
        assert not local.take_code(session, row.id, totp.at(NIGHT), now=NIGHT)  # it confirmed already
        later = NIGHT + MINUTE
        assert [local.take_code(session, row.id, totp.at(later), now=later) for _ in range(2)] == [
            True,
            False,
        ]
        assert not local.take_code(
            session, row.id, totp.at(later - MINUTE / 2), now=later
        )  # an earlier one than the last
        local.drop_codes(session, row.id, actor=CHIEF)
        assert (row.totp, row.changed_by, local.take_code(session, row.id, "", now=later)) == (
            "",
            str(CHIEF),
            True,
        )
        local.note_refused(session, " anna ")
        local.note_refused(session, "nobody")
        person = row.person_id
    here = str(Actor.person(person, Known.SIGNED_IN))
    assert [entry[:2] for entry in _entries(person)][-3:] == [
        ("set up codes", here), ("drop codes", str(CHIEF)), ("refuse sign-in", str(ROBOT)),
    ]  # fmt: skip


def test_a_password_is_changed_by_whoever_knows_the_old_one_and_only_one_that_is_kept_here() -> None:
    new = "another long one"
    with write_session() as session:
        row = _add(session)
        row.password = hash_password(PASSWORD)
        for wrong in ("x", "", new):
            with pytest.raises(local.NotThem):
                local.change_password(session, row.id, wrong, new)
        assert local.check_local(session, "anna", PASSWORD) is row
        local.change_password(session, row.id, PASSWORD, new)
        assert local.check_local(session, "anna", new) is row
        assert local.check_local(session, "anna", PASSWORD) is None
        elsewhere = add_account(
            session, Identity("https://id", "anna"), AccessRole.LEAD, actor=CHIEF, now=NIGHT
        )
        with pytest.raises(local.NotThem):
            local.change_password(session, elsewhere.id, "", new)
