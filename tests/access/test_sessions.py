"""Who is signed in, and until when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from sqlmodel import Session

from soc import clock
from soc.access import accounts, sessions
from soc.access.local import begin_codes, check_local, confirm_codes, take_code
from soc.access.people import change_person
from soc.access.scopes import AccessRole, Scope
from soc.access.sessions import NotAllowed, allow, find_seat, note_use
from soc.domain.actor import AT_THE_SHELL, Actor, Known
from soc.domain.audit import Subject, SubjectKind
from soc.errors import ConfigurationError
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.installation.audit import list_of_subject
from soc.store.nouns.people.accounts import find_account, get_account
from tests.access.signed_in import PASSWORD, add, hash_quickly, sign_in

NOW = datetime(2026, 1, 14, 22, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _store(monkeypatch: pytest.MonkeyPatch) -> None:
    migrate()
    hash_quickly(monkeypatch)


def _write(act: Callable[[Session], object]) -> None:
    with write_session() as session:
        act(session)


def test_a_session_ends_after_its_idle_time_and_at_its_greatest_age() -> None:
    with time_machine.travel(NOW, tick=False) as time:
        account = add("anna")
        left, used = sign_in(account), sign_in(account)
        for _ in range(26):
            time.shift(timedelta(minutes=27))
            seat = find_seat(used)
            assert seat is not None
            note_use(seat)
            time.shift(timedelta(seconds=6))  # what was read before is no older than 5 s
        assert find_seat(left) is None
        assert clock.now() - NOW < timedelta(hours=12)
        time.shift(timedelta(minutes=18))
        assert find_seat(used) is None  # though it was used a moment ago


def test_whatever_puts_a_person_out_puts_every_session_out_at_once() -> None:
    account = add("anna")
    with read_session() as session:
        person = get_account(session, account).person_id
    now, role = clock.now(), AccessRole.ANALYST
    ends: list[Callable[[Session], object]] = [
        lambda session: sessions.end_session(session, seat.session_id, actor=AT_THE_SHELL, now=now),
        lambda session: change_person(session, person, {"active": False}, actor=AT_THE_SHELL, now=now),
        lambda session: accounts.disable_person(session, person, actor=AT_THE_SHELL, now=now),
    ]
    for end in ends:
        tokens = [sign_in(account), sign_in(account)]
        seat = find_seat(tokens[0])
        assert seat is not None
        _write(end)
        assert find_seat(tokens[0]) is None
        assert (find_seat(tokens[1]) is None) == (end is not ends[0])
        _write(lambda session: change_person(session, person, {"active": True}, actor=AT_THE_SHELL, now=now))
        _write(lambda session: accounts.enable_person(session, person, actor=AT_THE_SHELL))
        if end is ends[2]:
            assert find_seat(tokens[1]) is None  # what ended stays ended
    token = sign_in(account)
    _write(lambda session: accounts.change_role(session, account, AccessRole.VIEWER, actor=AT_THE_SHELL))
    seat = find_seat(token)
    assert seat is not None
    assert (seat.role, role) == (AccessRole.VIEWER, AccessRole.ANALYST)


def test_the_store_keeps_no_cookie_and_no_password() -> None:
    account = add("anna")
    token = sign_in(account)
    with read_session() as session:
        kept = str([one[1].model_dump() for one in sessions.living_sessions(session)])
    with write_session() as session:
        link = accounts.invite(session, account, actor=AT_THE_SHELL, now=clock.now())
        row = accounts.accept_invitation(session, link, PASSWORD, now=clock.now())
        kept += str(row.model_dump())
    assert "ses-" in kept
    assert not [secret for secret in (token, link, PASSWORD) if secret in kept]
    assert "$argon2id$" in kept
    assert find_seat(token) is None  # a new password ends what was there


def test_a_link_works_once_and_a_weak_password_does_not_use_it_up() -> None:
    account = add("anna")
    with write_session() as session:
        link = accounts.invite(session, account, actor=AT_THE_SHELL, now=clock.now())
    for weak in ("short", "aaaaaaaaaaaaaaa", "x" * 201):
        with pytest.raises(ConfigurationError), write_session() as session:
            accounts.accept_invitation(session, link, weak, now=clock.now())
    _write(lambda session: accounts.accept_invitation(session, link, PASSWORD, now=clock.now()))
    for token in (link, "", "x" * 43):
        with pytest.raises(accounts.NotInvited), read_session() as session:
            accounts.invited(session, token, now=clock.now())
    with read_session() as session:
        assert check_local(session, "anna", PASSWORD) is not None
        assert check_local(session, "anna", PASSWORD + " ") is None
        assert check_local(session, "nobody", PASSWORD) is None


def test_a_one_time_code_is_taken_once_and_only_now() -> None:
    account = add("anna")
    with time_machine.travel(NOW, tick=False) as time:
        with write_session() as session:
            sealed, address = begin_codes(get_account(session, account))
        totp = pyotp.parse_uri(address)
        assert isinstance(totp, pyotp.TOTP)
        _write(lambda session: confirm_codes(session, account, sealed, totp.at(NOW), now=NOW))
        time.shift(timedelta(minutes=5))
        later = clock.now()
        with write_session() as session:
            said = [take_code(session, account, code, now=later)
                    for code in ("", "000000", totp.at(NOW), totp.at(later), totp.at(later))]  # fmt: skip
            assert totp.secret not in str(get_account(session, account).model_dump())
    assert said == [False, False, False, True, False]


def test_an_identity_is_issuer_and_subject_and_never_an_address() -> None:
    table = {"soc": AccessRole.ANALYST, "boss": AccessRole.ADMIN}
    mine, other = (accounts.Identity(issuer, "7", "Anna", ("soc",)) for issuer in ("https://a", "https://b"))
    with write_session() as session:
        first = accounts.account_of(session, mine, table, now=NOW)
        second = accounts.account_of(session, other, table, now=NOW)
        assert first is not None
        assert second is not None
        assert first.person_id != second.person_id
        promoted = accounts.Identity("https://a", "7", "Anna", ("soc", "boss"))
        again = accounts.account_of(session, promoted, table, now=NOW)
        assert again is not None
        assert (again.id, again.role) == (first.id, "admin")
        assert accounts.account_of(session, accounts.Identity("https://a", "7"), table, now=NOW) is None
        assert accounts.account_of(session, accounts.Identity("https://a", "8"), table, now=NOW) is None
        assert find_account(session, "https://a", "8") is None


def test_what_a_role_does_not_cover_is_refused_and_the_audit_says_so() -> None:
    seat = find_seat(sign_in(add("anna")))
    assert seat is not None
    allow(seat, Scope.ACT, "page tickets")
    with pytest.raises(NotAllowed) as refused:
        allow(seat, Scope.LEAD, "page rules")
    refused.value.tell()
    with read_session() as session:
        row = list_of_subject(session, Subject(SubjectKind.PERSON, seat.person_id))[0]
    assert (row.action, row.made_by) == ("refuse", str(Actor.person(seat.person_id, Known.SIGNED_IN)))
