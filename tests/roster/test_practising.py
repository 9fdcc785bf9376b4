"""A newcomer's empty roster gets the practice vendors' people, with their accounts there; one that is in use is left alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from soc.configuration.practice import connect_sandbox, stop_sandbox
from soc.domain.actor import AT_A_PAGE
from soc.roster.finding import find_accounts
from soc.store.db import read_session
from soc.store.migrate import migrate
from soc.store.nouns.people.people import list_people


@pytest.fixture
def _practice() -> Iterator[None]:
    migrate()
    connect_sandbox(actor=AT_A_PAGE)
    yield
    stop_sandbox()


@pytest.mark.usefixtures("_practice")
def test_the_practice_vendors_people_come_with_the_accounts_that_their_addresses_have_there() -> None:
    found = find_accounts(actor=AT_A_PAGE)
    assert [one.trouble for one in found if one.trouble] == []
    with read_session() as session:
        people = {one.role: one for one in list_people(session)}
    assert set(people) == {"analyst", "lead", "manager", "executive"}
    assert all(one.slack_id.startswith("U0PRAC") for one in people.values())
    assert [bool(people[role].jira_account) for role in ("analyst", "lead", "manager")] == [True, True, False]
    find_accounts(actor=AT_A_PAGE)
    with read_session() as session:
        assert len(list_people(session)) == 4
