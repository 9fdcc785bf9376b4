from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from soc.access.keys import _USE_PRECISION, LONGEST_NAME, check_key, make_key, revoke_key
from soc.access.scopes import Scope
from soc.domain.actor import AT_A_PAGE
from soc.errors import ConfigurationError, NotFound
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.keys import any_active, get_key, touch

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
