from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from soc import clock
from soc.access.accounts import disable_person
from soc.access.keys import _USE_PRECISION, LONGEST_NAME, check_key, make_key, revoke_key, rotate_key
from soc.access.scopes import Scope
from soc.access.sessions import find_seat
from soc.domain.actor import AT_A_PAGE
from soc.errors import ConfigurationError, NotFound
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.people.keys import any_active, get_key, touch
from tests.access.signed_in import add, sign_in

NOW = datetime(2026, 1, 14, 22, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _store() -> None:
    migrate()


def _made(name: str = "grafana") -> tuple[str, str]:
    with write_session() as session:
        row, key = make_key(session, name, Scope.READ, now=NOW, actor=AT_A_PAGE)
    return row.id, key


def test_a_key_is_known_by_its_holder_and_scope() -> None:
    key_id, key = _made()
    with read_session() as session:
        holder = check_key(session, key, now=NOW)
        assert check_key(session, key + "x", now=NOW) is None
    assert holder is not None
    assert (holder.key_id, holder.name, holder.scope) == (key_id, "grafana", Scope.READ)
    assert str(holder.actor) == f"key:{key_id}@bearer"


def test_a_revoked_key_opens_nothing_and_keeps_the_moment_of_its_end() -> None:
    key_id, key = _made()
    for moment in (NOW, NOW + timedelta(hours=1)):
        with write_session() as session:
            revoke_key(session, key_id, now=moment, actor=AT_A_PAGE)
    with read_session() as session:
        assert check_key(session, key, now=NOW) is None
        assert get_key(session, key_id).revoked_at == NOW
        assert not any_active(session)


def test_the_last_use_is_written_once_a_minute() -> None:
    key_id, key = _made()
    with write_session() as session:
        touch(session, key_id, now=NOW)
    for later, stale in ((60, False), (61, True)):
        with read_session() as session:
            holder = check_key(session, key, now=NOW + timedelta(seconds=later))
        assert holder is not None
        assert holder.stale is stale


def test_a_name_is_one_short_line_and_must_be_there() -> None:
    key_id, _ = _made("  two \n words " + "x" * 100)
    with read_session() as session:
        name = get_key(session, key_id).name
    assert name.startswith("two words x")
    assert len(name) == LONGEST_NAME
    with pytest.raises(ConfigurationError):
        _made(" \n ")


def test_a_key_that_is_not_there_cannot_be_revoked() -> None:
    with pytest.raises(NotFound), write_session() as session:
        revoke_key(session, "key-none", now=NOW, actor=AT_A_PAGE)


def test_the_use_of_a_key_is_written_down_no_more_often_than_it_is_told_apart() -> None:
    _, key = _made()
    with write_session() as session:
        first = check_key(session, key, now=NOW)
        assert first is not None
        touch(session, first.key_id, now=NOW)
    with read_session() as session:
        stale = [
            getattr(check_key(session, key, now=NOW + after), "stale", None)
            for after in (-_USE_PRECISION, timedelta(0), _USE_PRECISION, 2 * _USE_PRECISION)
        ]
    assert (first.stale, stale) == (True, [False, False, False, True])


def test_a_key_that_is_rotated_works_beside_its_successor_for_the_overlap_and_no_longer() -> None:
    old_id, old = _made()
    with write_session() as session:
        row, new = rotate_key(session, old_id, overlap=timedelta(hours=24), actor=AT_A_PAGE, now=NOW)
        assert (row.name, row.scope, row.follows, row.hint) == ("grafana", "read", old_id, new[:8])
    with read_session() as session:
        works = {hours: [check_key(session, key, now=NOW + timedelta(hours=hours)) is not None for key in (old, new)]
                 for hours in (0, 23, 24)}  # fmt: skip
    assert works == {0: [True, True], 23: [True, True], 24: [False, True]}
    with pytest.raises(ConfigurationError), write_session() as session:
        rotate_key(
            session, old_id, overlap=timedelta(hours=1), actor=AT_A_PAGE, now=NOW + timedelta(hours=25)
        )


def test_a_person_s_key_ends_with_the_person_and_a_program_s_does_not() -> None:
    now = clock.now()
    seat = find_seat(sign_in(add("anna")))
    assert seat is not None
    with write_session() as session:
        _, hers = make_key(session, "hers", Scope.READ, actor=seat.actor, now=now)
        _, program = make_key(session, "program", Scope.READ, actor=AT_A_PAGE, now=now)
        assert check_key(session, hers, now=now) is not None
        disable_person(session, seat.person_id, actor=AT_A_PAGE, now=now)
        assert check_key(session, hers, now=now) is None
        assert check_key(session, program, now=now) is not None
