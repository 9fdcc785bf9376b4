"""Connectors are kept while their configuration stays the same, each for one thread at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from soc.configuration.save import disconnect, save_configuration
from soc.delivery import connectors
from soc.delivery.connectors import borrow, close_all
from soc.domain.actor import AT_A_PAGE
from soc.store.migrate import migrate

SETTINGS = {"base_url": "https://jira.example.com", "username": "a@b.c", "api_token": "a-token"}


@pytest.fixture(autouse=True)
def closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The connectors that were given back for good."""
    migrate()
    close_all()
    given_back: list[Any] = []
    make = connectors.connect

    def connect(kind: str, config: Any) -> Any:
        connector = make(kind, config)
        monkeypatch.setattr(connector, "close", lambda: given_back.append(connector))
        return connector

    monkeypatch.setattr(connectors, "connect", connect)
    _save()
    yield given_back
    close_all()


def _save(**changes: Any) -> None:
    save_configuration("jira", {**SETTINGS, **changes}, actor=AT_A_PAGE)


def test_a_connector_is_used_again_and_not_closed(closed: list[Any]) -> None:
    with borrow("jira") as first:
        pass
    with borrow("jira") as second:
        pass
    assert first is second is not None
    assert closed == []


def test_two_at_once_get_two(closed: list[Any]) -> None:
    with borrow("jira") as first, borrow("jira") as second:
        assert first is not second
    with borrow("jira") as third, borrow("jira") as fourth:
        assert {id(third), id(fourth)} == {id(first), id(second)}


def test_another_configuration_is_another_connector_and_the_old_one_is_closed(closed: list[Any]) -> None:
    with borrow("jira") as old:
        pass
    _save(base_url="https://other.example.com")
    with borrow("jira") as new:
        assert new is not old
    assert closed == [old]


def test_another_secret_is_another_configuration(closed: list[Any]) -> None:
    with borrow("jira") as old:
        pass
    _save(api_token="another")
    with borrow("jira") as new:
        assert new is not old
    assert closed == [old]


def test_one_that_is_in_use_while_the_configuration_changes_is_closed_after_its_use(
    closed: list[Any],
) -> None:
    with borrow("jira") as old:
        _save(base_url="https://other.example.com")
        with borrow("jira") as new:
            assert closed == []
    assert closed == [old]
    with borrow("jira") as again:
        assert again is new


def test_what_is_absent_or_switched_off_gets_none() -> None:
    _save(enabled=False)
    with borrow("jira") as connector:
        assert connector is None
    disconnect("jira", actor=AT_A_PAGE)
    with borrow("jira") as connector:
        assert connector is None


def test_a_use_that_fails_gives_the_connector_back_all_the_same() -> None:
    with pytest.raises(RuntimeError), borrow("jira") as first:
        raise RuntimeError
    with borrow("jira") as second:
        assert first is second


def test_at_the_end_all_are_closed(closed: list[Any]) -> None:
    with borrow("jira") as first, borrow("jira") as second:
        pass
    close_all()
    assert {id(one) for one in closed} == {id(first), id(second)}
    with borrow("jira") as third:
        assert third is not first
