"""What a process that is gone left in the middle of a send is looked up after its integration's own settle time."""

from __future__ import annotations

from datetime import timedelta

from soc.configuration.save import save_configuration
from soc.domain.actor import AT_A_PAGE
from soc.engine.sweep import SETTLE, _settle_of
from soc.store.db import read_session
from soc.store.migrate import migrate
from tests.rows import keep_wrong

SLACK = {"bot_token": "xoxb-1-2-abcdefghijklm", "channel": "#soc", "settle_seconds": 7}


def test_the_settle_time_is_the_integration_s_own() -> None:
    migrate()
    save_configuration("slack", SLACK, actor=AT_A_PAGE)
    with read_session() as session:
        assert _settle_of("slack", session) == timedelta(seconds=7)
        assert _settle_of("jira", session) == SETTLE  # nobody set it up
    keep_wrong("slack")
    with read_session() as session:
        assert _settle_of("slack", session) == SETTLE
