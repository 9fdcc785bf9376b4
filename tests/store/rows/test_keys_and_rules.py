"""Keys, rules, the policy and the decisions as they are stored and listed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from soc.domain.actor import AT_A_PAGE
from soc.domain.rule import Rule
from soc.domain.severity import Priority
from soc.domain.sla import GUIDE_THRESHOLDS
from soc.errors import NotFound
from soc.store.db import get_engine, read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.people.keys import (
    ApiKeyRow,
    any_active,
    find_by_digest,
    get_key,
    list_keys,
    page_keys,
    touch,
)
from soc.store.nouns.rules.rules import delete_rule, get_rule, list_rules, page_rules, save_rule
from soc.store.nouns.sla.policies import SlaPolicyRow, list_policies, thresholds_in_force
from tests.rows import NIGHT

HOUR = timedelta(hours=1)


def test_keys_are_listed_newest_first_and_one_in_force_is_found_by_its_digest() -> None:
    migrate()
    with write_session() as session:
        for number, revoked in enumerate((None, NIGHT, None)):
            session.add(
                ApiKeyRow(
                    id=f"key-{number}", name="n", digest=f"digest-{number}", scope="read", made_by="m",
                    created_at=NIGHT + (HOUR if number == 0 else timedelta(0)), revoked_at=revoked,
                )
            )  # fmt: skip
    with write_session() as session:
        touch(session, "key-2", now=NIGHT)
    with read_session() as session:
        assert [row.id for row in list_keys(session)] == ["key-0", "key-2", "key-1"]
        assert [row.id for row in page_keys(session).rows] == ["key-0", "key-2", "key-1"]
        assert [row.id for row in page_keys(session, sort="created_at", offset=1, limit=1).rows] == ["key-2"]
        assert {row.id for row in list_keys(session) if row.last_used_at == NIGHT} == {"key-2"}
        found = find_by_digest(session, "digest-2")
        assert found is not None
        assert (found.id, find_by_digest(session, "digest-1")) == ("key-2", None)
        assert any_active(session)
        with pytest.raises(NotFound, match="no API key key-9"):
            get_key(session, "key-9")


def test_no_key_is_needed_before_the_first_and_after_the_last() -> None:
    migrate()
    with read_session() as session:
        assert not any_active(session)


def test_rules_are_asked_by_their_position_and_kept_until_they_are_taken_away() -> None:
    migrate()
    for position in (0, 9):
        with write_session() as session:
            save_rule(session, Rule(id="mine", name="Mine", min_score=5, position=position), actor=AT_A_PAGE)
        with read_session() as session:
            ids = [rule.id for rule in list_rules(session)]
            assert ids == [row.id for row in page_rules(session).rows]
            assert ids.index("mine") == (0 if position == 0 else 3)
            assert get_rule(session, "mine").position == position
    with write_session() as session:
        delete_rule(session, "mine")
    with read_session() as session, pytest.raises(NotFound, match="no rule mine"):
        get_rule(session, "mine")


def test_the_policy_is_read_in_its_order_and_what_it_does_not_say_is_the_guides() -> None:
    migrate()
    with read_session() as session:
        assert [Priority(row.priority) for row in list_policies(session)] == list(GUIDE_THRESHOLDS)
    with write_session() as session:
        low, lowest = session.get(SlaPolicyRow, "Low"), session.get(SlaPolicyRow, "Lowest")
        assert low is not None
        assert lowest is not None
        low.minutes = 7
        session.add(low)
        session.delete(lowest)
    assert thresholds_in_force() == {**GUIDE_THRESHOLDS, Priority.LOW: timedelta(minutes=7)}


def test_a_store_that_was_never_made_has_the_guides_thresholds() -> None:
    get_engine()
    assert thresholds_in_force() == GUIDE_THRESHOLDS
