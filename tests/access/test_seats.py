"""Sessions and keys of people: until when somebody sits there, what their key may, and who ended it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import Session

from soc.access import keys, sessions
from soc.access.accounts import LOCAL, Identity, add_account
from soc.access.scopes import AccessRole, Scope
from soc.access.sessions import NotAllowed, find_seat, living_sessions, note_use, to_seat
from soc.domain.actor import Actor, Known
from soc.domain.audit import Subject, SubjectKind
from soc.errors import ConfigurationError, NotFound
from soc.settings import get_settings
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.installation.audit import list_of_subject
from soc.store.nouns.people.accounts import AccountRow, get_account, list_accounts
from soc.store.nouns.people.people import PersonRow
from soc.store.nouns.people.sessions import SessionRow, find_session
from tests.rows import NIGHT

CHIEF = Actor.person("per-chief", Known.SHELL)
MINUTE, HOUR, TICK = timedelta(minutes=1), timedelta(hours=1), timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def _store() -> None:
    migrate()


def _add(session: Session, name: str = "anna", role: AccessRole = AccessRole.ANALYST) -> AccountRow:
    return add_account(session, Identity(LOCAL, name), role, actor=CHIEF, now=NIGHT)


def _entries(person_id: str) -> list[tuple[str, str, Any, Any]]:
    with read_session() as session:
        rows = list_of_subject(session, Subject(SubjectKind.PERSON, person_id))
        return [(row.action, row.made_by, row.before, row.after) for row in reversed(rows)]


def test_a_session_is_of_its_browser_and_ends_by_whoever_ends_it() -> None:
    with write_session() as session:
        row = _add(session)
        old = sessions.begin_session(
            session, row, address="a", agent="b", now=NIGHT - timedelta(days=30) - TICK
        )[0]
        session.flush()
        kept = sessions.begin_session(session, row, address="a", agent="b", now=NIGHT - timedelta(days=30))[0]
        one, token = sessions.begin_session(
            session, row, address="a" * 300, agent="B\r\n\x00" + "x" * 300, now=NIGHT
        )
        session.flush()
        assert (one.address, one.agent, one.seen_at, row.signed_in_at) == (
            "a" * 200,
            "B" + "x" * 199,
            NIGHT,
            NIGHT,
        )
        assert (session.get(SessionRow, old.id, populate_existing=True), len(token)) == (None, 43)
        here = Actor.person(row.person_id, Known.SIGNED_IN)
        for actor, now in ((CHIEF, NIGHT), (here, NIGHT + HOUR)):
            sessions.end_session(session, kept.id, actor=actor, now=now)
        assert (kept.ended_at, kept.ended_by) == (NIGHT, str(CHIEF))
        sessions.end_session(session, one.id, actor=here, now=NIGHT)
        with pytest.raises(NotFound):
            sessions.end_session(session, "ses-none", actor=here, now=NIGHT)
        person, issuer, ids = row.person_id, row.issuer, (kept.id, one.id)
    assert [(action, by, after) for action, by, _, after in _entries(person)][-3:] == [
        ("sign in", str(here), {"session": ids[1], "issuer": issuer}),
        ("end session", str(CHIEF), {"session": ids[0]}), ("sign out", str(here), {"session": ids[1]}),
    ]  # fmt: skip
    assert (find_seat(token), find_seat(""), find_seat(token[:-1]), find_seat(token + "x")) == (None,) * 4


def test_a_seat_lasts_as_the_settings_say_and_is_told_by_its_last_use() -> None:
    settings = get_settings()
    idle, age = timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours)
    with time_machine.travel(NIGHT, tick=False) as time:
        with write_session() as session:
            row, other = _add(session), _add(session, "bo", AccessRole.LEAD)
            token = sessions.begin_session(session, row, address="a", agent="b", now=NIGHT)[1]
            second = sessions.begin_session(session, other, address="a", agent="b", now=NIGHT + TICK)[1]
        seat = find_seat(token)
        assert seat is not None
        assert (seat.account_id, seat.person_id, seat.name, seat.issuer, seat.subject) == (
            row.id,
            row.person_id,
            "anna",
            LOCAL,
            "anna",
        )
        assert (seat.role, seat.scope, seat.began_at) == (AccessRole.ANALYST, Scope.ACT, NIGHT)
        assert str(seat.actor) == str(Actor.person(row.person_id, Known.SIGNED_IN))
        with read_session() as session:
            assert [one.subject for one, _ in living_sessions(session)] == ["bo", "anna"]
            assert [one.subject for one, _ in living_sessions(session, account_id=row.id)] == ["anna"]
        time.shift(MINUTE)
        note_use(seat)  # a minute is no later than it was
        time.shift(idle - MINUTE - TICK)
        assert find_seat(token) is not None
        note_use(seat)
        time.shift(2 * TICK)
        assert find_seat(second) is None
        time.shift(timedelta(seconds=6))
        found = find_seat(token)
        assert found is not None
        assert found.seen_at == NIGHT + idle - TICK
        time.move_to(NIGHT + age)
        with write_session() as session:
            session.get_one(SessionRow, seat.session_id).seen_at = NIGHT + age
            session.flush()
            assert living_sessions(session) == []
        assert find_seat(token) is None


def test_nobody_sits_where_the_account_or_the_person_may_not_be() -> None:
    with write_session() as session:
        row = _add(session)
        one, token = sessions.begin_session(session, row, address="a", agent="b", now=NIGHT)
        session.flush()
        found = find_session(session, sessions._digest(token))
        assert found is not None
        person: PersonRow = found[2]
        assert to_seat(found) is not None
        for target, field, wrong, right in (
            (row, "disabled_at", NIGHT, None), (row, "role", "", "analyst"), (row, "role", "king", "analyst"),
            (person, "active", False, True),
        ):  # fmt: skip
            setattr(target, field, wrong)
            assert to_seat(found) is None
            setattr(target, field, right)
        one.ended_at = NIGHT
        session.flush()
        assert find_session(session, sessions._digest(token)) is None
        assert [account.id for account, _ in list_accounts(session)] == [row.id]
    with pytest.raises(NotAllowed) as refused:
        sessions.allow(to_seat((one, row, person)), Scope.ADMIN, "page keys")  # type: ignore[arg-type]
    assert "“admin”; your role “analyst” has “act”" in refused.value.hint
    sessions.refuse(CHIEF, Subject(SubjectKind.PERSON, person.id), "x" * 300, Scope.LEAD, "viewer")
    assert _entries(person.id)[-1] == (
        "refuse",
        str(CHIEF),
        {},
        {"asked": "x" * 200, "needs": "lead", "has": "viewer"},
    )


def test_a_key_is_over_at_its_time_follows_its_owner_and_is_replaced_with_an_overlap() -> None:
    with write_session() as session:
        row = _add(session)
        here = Actor.person(row.person_id, Known.SIGNED_IN)
        mine, key = keys.make_key(session, "mine", Scope.ACT, actor=here, now=NIGHT, lasts=10 * HOUR)
        free, open_end = keys.make_key(session, "program", Scope.READ, actor=CHIEF, now=NIGHT)
        given, _ = keys.make_key(session, "given", Scope.READ, actor=CHIEF, now=NIGHT, owner=row.person_id)
        session.flush()
        assert (mine.owner, free.owner, given.owner) == (row.person_id, "", row.person_id)
        assert (mine.expires_at, free.expires_at, key.startswith(mine.hint), mine.hint != key) == (
            NIGHT + 10 * HOUR,
            None,
            True,
            True,
        )
        holders = [keys.check_key(session, key, now=NIGHT + after) for after in (10 * HOUR - TICK, 10 * HOUR)]
        assert [one is not None for one in holders] == [True, False]
        new, _ = keys.rotate_key(session, mine.id, overlap=HOUR, actor=CHIEF, now=NIGHT + HOUR)
        assert (new.name, new.scope, new.owner, new.follows, new.expires_at) == (
            "mine",
            "act",
            row.person_id,
            mine.id,
            NIGHT + 11 * HOUR,
        )
        assert (mine.expires_at, new.made_by) == (NIGHT + 2 * HOUR, str(CHIEF))
        last, _ = keys.rotate_key(session, free.id, overlap=HOUR, actor=CHIEF, now=NIGHT)
        assert (free.expires_at, last.expires_at, last.follows) == (NIGHT + HOUR, None, free.id)
        again, _ = keys.rotate_key(session, free.id, overlap=9 * HOUR, actor=CHIEF, now=NIGHT)
        assert (free.expires_at, again.follows) == (NIGHT + HOUR, free.id)  # never longer than it was to last
        keys.revoke_key(session, last.id, actor=CHIEF, now=NIGHT)
        for wrong, now in ((last.id, NIGHT), (free.id, NIGHT + HOUR)):
            with pytest.raises(ConfigurationError, match="not in force"):
                keys.rotate_key(session, wrong, overlap=HOUR, actor=CHIEF, now=now)
        get_account(session, row.id).disabled_at = NIGHT
        session.flush()
        assert keys.check_key(session, key, now=NIGHT) is None
        assert keys.check_key(session, open_end, now=NIGHT) is not None
        replaced = (mine.id, new.id)
    with read_session() as session:
        told = [
            (row.action, row.after) for row in list_of_subject(session, Subject(SubjectKind.KEY, replaced[0]))
        ]
    assert told[0] == ("rotate", {"ends": (NIGHT + 2 * HOUR).isoformat(), "by": replaced[1]})
