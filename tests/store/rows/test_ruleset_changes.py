from __future__ import annotations

from datetime import UTC, datetime

import pytest

from soc.domain.actor import AT_A_PAGE
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.rules.ruleset_changes import list_ruleset_changes, save_ruleset_change

NOW = datetime(2026, 1, 14, 22, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _schema() -> None:
    migrate()


def save(name: str, change: dict[str, object], subject: str = "signature") -> None:
    with write_session() as session:
        save_ruleset_change(session, subject, name, change, now=NOW, actor=AT_A_PAGE)


def test_the_last_change_of_a_signature_counts_and_an_empty_one_takes_it_back() -> None:
    save("made.up", {"enabled": False})
    save("made.up", {"score": 3})
    save("made.up", {"many": 9}, subject="detector")
    with read_session() as session:
        assert list_ruleset_changes(session) == {
            "signature": {"made.up": {"score": 3}},
            "detector": {"made.up": {"many": 9}},
        }
    save("made.up", {})
    with read_session() as session:
        assert list_ruleset_changes(session) == {"detector": {"made.up": {"many": 9}}}
