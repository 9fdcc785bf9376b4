"""People who may sign in, for tests."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from soc import clock
from soc.access.accounts import LOCAL, Identity, add_account
from soc.access.scopes import AccessRole
from soc.access.sessions import begin_session
from soc.domain.actor import AT_THE_SHELL
from soc.settings import get_settings
from soc.store.db import write_session
from soc.store.nouns.people.accounts import get_account

PASSWORD = "correct horse battery"


def switch_on(monkeypatch: pytest.MonkeyPatch, how: str = "local", **more: str) -> None:
    """Have people sign in, from now on in this test."""
    for name, value in {"SOC_SIGN_IN": how, **more}.items():
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()


def hash_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords of this test take no time: what argon2 costs is its own matter."""
    monkeypatch.setattr("soc.access.passwords._HASHER", PasswordHasher(1, 64, 1))


def add(name: str, role: AccessRole = AccessRole.ANALYST) -> str:
    """The id of a local account."""
    with write_session() as session:
        identity = Identity(LOCAL, name, name=name.title())
        return add_account(session, identity, role, actor=AT_THE_SHELL, now=clock.now()).id


def sign_in(account_id: str) -> str:
    """What the cookie of a new session of this account holds."""
    with write_session() as session:
        row = get_account(session, account_id)
        return begin_session(session, row, address="127.0.0.1", agent="a browser", now=clock.now())[1]
