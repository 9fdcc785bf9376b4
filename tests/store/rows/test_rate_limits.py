"""What is left of a vendor's limit: one row a limit, and one clock for all who share the store."""

from __future__ import annotations

from soc import clock
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.vendors.rate_limits import RateLimitRow, limit_to_change, shared_clock

AN_HOUR = 3_600


def test_the_shared_clock_tells_this_moment_in_seconds_on_either_database() -> None:
    migrate()
    with read_session() as session:
        assert abs(shared_clock(session) - clock.now().timestamp()) < AN_HOUR


def test_a_limit_s_row_is_made_once() -> None:
    migrate()
    for _ in range(2):
        with write_session() as session:
            row = limit_to_change(session, "jira")
            assert row is not None
            assert row.name == "jira"
    with read_session() as session:
        assert session.get(RateLimitRow, "jira") is not None
