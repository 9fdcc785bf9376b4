"""An integration as it is saved, brought back, taken away, and what its health keeps of that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from soc.domain.actor import AT_A_PAGE, AT_THE_SHELL, Actor
from soc.errors import NotFound
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.vendors.health import (
    IntegrationHealthRow,
    clear_pause,
    close_breaker,
    health_to_change,
    pause,
    read_health,
    record_check,
    record_success,
)
from soc.store.nouns.vendors.integrations import (
    delete_integration,
    list_integrations,
    open_secrets,
    read_integration,
    restore_version,
    save_integration,
)
from soc.store.nouns.vendors.versions import get_version, list_versions, open_version, page_versions
from tests.rows import NIGHT

SECOND = timedelta(seconds=1)
CHECK = Actor.system("check")


@pytest.fixture(autouse=True)
def _store() -> Iterator[None]:
    migrate()
    return


def save(kind: str = "jira", url: str = "u", token: str = "s3", **values: Any) -> None:
    with write_session() as session:
        known: dict[str, Any] = {"practice": False, "actor": AT_THE_SHELL, "now": NIGHT}
        save_integration(session, kind, {"url": url}, {"token": token}, **{**known, **values})


def kept(kind: str = "jira") -> IntegrationHealthRow:
    with read_session() as session:
        return read_health(session, kind)


def test_a_saved_integration_is_its_newest_version() -> None:
    save("slack")
    save()
    save(
        url="v",
        token="s4",
        practice=True,
        now=NIGHT + SECOND,
        author="Ana",
        note="n",
        changes=[{"field": "url"}],
    )
    with read_session() as session:
        assert [row.kind for row in list_integrations(session)] == ["jira", "slack"]
        row = read_integration(session, "jira")
        assert row is not None
        assert (row.version, row.public, row.practice, row.updated_at) == (
            2,
            {"url": "v"},
            True,
            NIGHT + SECOND,
        )
        assert open_secrets(row) == {"token": "s4"}
        newest, first = list_versions(session, "jira")
        assert (newest.author, newest.note, newest.changes) == ("Ana", "n", [{"field": "url"}])
        assert (first.author, first.made_by, first.version) == (AT_THE_SHELL.id, str(AT_THE_SHELL), 1)
        assert open_version(first) == {"token": "s3"}
        assert [row.version for row in page_versions(session, "jira").rows] == [2, 1]
        assert page_versions(session, "slack", sort="version").total == 1


def test_an_earlier_version_comes_back_as_a_new_one_with_its_secrets() -> None:
    save(practice=True)
    save(url="v", token="s4")
    with write_session() as session:
        words: dict[str, Any] = {"actor": AT_A_PAGE, "now": NIGHT + SECOND, "changes": [{"field": "url"}]}
        restore_version(session, "jira", 1, author="", **words)
        with pytest.raises(NotFound, match="jira has no version 9"):
            restore_version(session, "jira", 9, author="", **words)
    with read_session() as session:
        row, copy = read_integration(session, "jira"), get_version(session, "jira", 3)
        assert row is not None
        assert (row.version, row.public, row.practice, open_secrets(row)) == (
            3,
            {"url": "u"},
            True,
            {"token": "s3"},
        )
    assert (copy.note, copy.author, copy.made_by) == (
        "rolled back to version 1",
        AT_A_PAGE.id,
        str(AT_A_PAGE),
    )
    assert (copy.changes, copy.created_at) == ([{"field": "url"}], NIGHT + SECOND)


def test_an_integration_that_was_taken_away_keeps_its_versions_and_who_did_it() -> None:
    save()
    with write_session() as session:
        delete_integration(session, "jira", actor=AT_A_PAGE)
        delete_integration(session, "slack", actor=AT_A_PAGE)
    with read_session() as session:
        assert read_integration(session, "jira") is None
        assert len(list_versions(session, "jira")) == 1
    assert (kept().changed_by, kept("slack").changed_by) == (str(AT_A_PAGE), "")


def broken(**values: Any) -> None:
    known: dict[str, Any] = {
        "breaker": "open", "breaker_until": NIGHT, "probe": "d1", "failures_in_row": 5, "cool_downs": 2,
        "throttled_until": NIGHT,
    }  # fmt: skip
    with write_session() as session:
        health = health_to_change(session, "jira")
        for name, value in {**known, **values}.items():
            setattr(health, name, value)
        session.add(health)


def breaker() -> tuple[Any, ...]:
    row = kept()
    return row.breaker, row.breaker_until, row.probe, row.failures_in_row, row.cool_downs


SHUT = ("closed", None, "", 0, 0)


def test_a_pause_keeps_its_first_moment_and_its_last_reason_and_ends_with_all_that_held_it() -> None:
    broken()
    for number, actor in enumerate((AT_A_PAGE, AT_THE_SHELL)):
        with write_session() as session:
            pause(session, "jira", reason=f"r{number}", actor=actor, now=NIGHT + number * SECOND)
    row = kept()
    assert (row.paused, row.paused_at, row.paused_reason, row.changed_by) == (
        True,
        NIGHT,
        "r1",
        str(AT_THE_SHELL),
    )
    with write_session() as session:
        clear_pause(session, "jira", actor=AT_A_PAGE)
        clear_pause(session, "slack", actor=AT_A_PAGE)
    row = kept()
    assert (row.paused, row.paused_at, row.paused_reason) == (False, None, "")
    assert (row.throttled_until, row.changed_by, breaker()) == (None, str(AT_A_PAGE), SHUT)
    assert kept("slack").changed_by == ""


@pytest.mark.parametrize("ok", [True, False])
def test_a_check_is_kept_and_ends_a_pause_only_where_it_passed(ok: bool) -> None:
    with write_session() as session:
        pause(session, "jira", reason="r", actor=AT_A_PAGE, now=NIGHT)
        record_check(session, "jira", {"ok": ok}, actor=CHECK, now=NIGHT + SECOND)
    row = kept()
    assert (row.last_check, row.last_check_at, row.changed_by) == ({"ok": ok}, NIGHT + SECOND, str(CHECK))
    assert row.paused is not ok


@pytest.mark.parametrize(
    ("before", "written"),
    [({"breaker": "open"}, True), ({"failures_in_row": 1}, True), ({}, False)],
)
def test_a_success_within_a_second_of_another_is_only_written_where_a_breaker_is_to_close(
    before: dict[str, Any], written: bool
) -> None:
    broken(**{"breaker": "closed", "failures_in_row": 0, "last_success_at": NIGHT, **before})
    with write_session() as session:
        record_success(session, "jira", now=NIGHT + SECOND)
    assert kept().last_success_at == (NIGHT + SECOND if written else NIGHT)
    assert (breaker() == SHUT) is written


def test_the_first_success_is_written_and_the_next_after_a_second() -> None:
    for now in (NIGHT, NIGHT + SECOND, NIGHT + SECOND + timedelta(microseconds=1)):
        with write_session() as session:
            record_success(session, "jira", now=now)
    assert kept().last_success_at == NIGHT + SECOND + timedelta(microseconds=1)


@pytest.mark.parametrize("values", [{"breaker": "closed"}, {"failures_in_row": 0}])
def test_an_answer_of_any_kind_closes_this_breaker_alone(values: dict[str, Any]) -> None:
    broken(**values)
    with write_session() as session:
        close_breaker(session, "slack")
    assert breaker() != SHUT
    with write_session() as session:
        close_breaker(session, "jira")
    assert breaker() == SHUT
