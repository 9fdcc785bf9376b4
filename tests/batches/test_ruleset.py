"""A batch is judged by the ruleset in force when it runs, and keeps that ruleset's hash."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from soc.batches.intake import keep_paste, submit_batch
from soc.batches.ruleset import change_ruleset, ruleset_in_force
from soc.batches.run import run_batch
from soc.domain.actor import AT_A_PAGE
from soc.errors import ConfigurationError
from soc.logs.layout import ReadOptions
from soc.settings import Settings
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchRow, get_batch
from soc.store.nouns.rules.ruleset_changes import save_ruleset_change


@pytest.fixture(autouse=True)
def _store() -> None:
    migrate()


def judged(key: str) -> BatchRow:
    files = [(keep_paste("gateway: Advanced persistent threat detected\n"), ReadOptions())]
    batch_id = submit_batch(
        files, idempotency_key=key, enable_jira=False, enable_slack=False, actor=AT_A_PAGE
    )
    run_batch(batch_id)
    with read_session() as session:
        return get_batch(session, batch_id)


def change(**values: object) -> None:
    with write_session() as session:
        save_ruleset_change(
            session, "signature", "threat.apt", values, actor=AT_A_PAGE, now=datetime(2026, 1, 14, tzinfo=UTC)
        )


def test_a_signature_switched_off_counts_from_the_next_batch_on_without_a_restart(
    settings: Settings,
) -> None:
    before, known = judged("one"), ruleset_in_force(settings).hash
    change_ruleset("signature", "threat.apt", {"enabled": False}, actor=AT_A_PAGE)
    after = judged("two")
    assert (before.incidents, before.ruleset) == (1, known)
    assert (after.incidents, after.ruleset) == (0, ruleset_in_force(settings).hash)
    assert before.ruleset != after.ruleset


def test_a_change_out_of_bounds_is_refused_and_an_empty_one_takes_the_last_one_back(
    settings: Settings,
) -> None:
    before = ruleset_in_force(settings)
    with pytest.raises(ConfigurationError, match="needed"):
        change_ruleset("detector", "scan.web", {"needed": 0}, actor=AT_A_PAGE)
    change_ruleset("detector", "gone.gone", {}, actor=AT_A_PAGE)
    change_ruleset("detector", "scan.web", {"needed": 30}, actor=AT_A_PAGE)
    assert ruleset_in_force(settings) != before
    change_ruleset("detector", "scan.web", {}, actor=AT_A_PAGE)
    assert ruleset_in_force(settings) == before


def test_a_batch_whose_ruleset_is_not_understood_fails_and_says_why() -> None:
    change(score=11)
    batch = judged("one")
    assert batch.state == "failed"
    assert "signature threat.apt: score" in batch.error
