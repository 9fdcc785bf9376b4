"""Chains: what is refused, which one a ticket gets, when each step is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from soc.domain.escalation.chain import (
    GUIDE_CHAIN,
    Addressee,
    Chain,
    Step,
    check_chain,
    choose_chain,
    dues_of,
)
from soc.domain.severity import Priority
from soc.errors import ConfigurationError

CHANNELS = {"chat": "Slack", "comment": "Jira comment", "page": "PagerDuty"}
TEN = datetime(2026, 1, 5, 10, tzinfo=UTC)
MANAGER = Addressee(kind="role", id="manager")


def _chain(*steps: dict[str, Any], **more: Any) -> Chain:
    given = [Step(**{"title": "t", "tell": (MANAGER,), "channels": ("chat",), **step}) for step in steps]
    return Chain(id="c", name="Chain", steps=tuple(given), **more)


def test_the_guides_chain_is_the_default_and_holds_its_own_rules() -> None:
    check_chain(GUIDE_CHAIN, channels=CHANNELS)
    assert [step.when for step in GUIDE_CHAIN.steps] == [
        "at 50 % of its time", "when its time is up", "24 h after its time is up",
    ]  # fmt: skip
    violation = GUIDE_CHAIN.steps[1]
    assert violation.raise_priority
    assert violation.reassign


def test_each_step_and_repeat_is_due_in_order() -> None:
    chain = _chain(
        {"share": 50, "again_minutes": 20, "times": 2}, {"share": 100}, {"share": 100, "plus_minutes": 5}
    )
    dues = dues_of(chain, lambda share: TEN + timedelta(minutes=share * 0.6))
    said = [(due.step, due.loop, (due.at - TEN).seconds // 60) for due in dues]
    assert said == [(0, 0, 30), (0, 1, 50), (1, 0, 60), (2, 0, 65), (0, 2, 70)]


def test_a_clock_that_stands_still_makes_nothing_due() -> None:
    assert dues_of(GUIDE_CHAIN, lambda _share: None) == []
    assert [due.step for due in dues_of(GUIDE_CHAIN, lambda share: TEN if share == 50 else None)] == [0]


@pytest.mark.parametrize(
    "wrong",
    [
        _chain({"share": 100}, {"share": 50}),
        _chain({"share": 50}, {"share": 50}),
        _chain({"share": 50, "tell": (), "channels": ()}),
        _chain({"share": 50, "channels": ()}),
        _chain({"share": 50, "channels": ("fax",)}),
        _chain({"share": 50, "times": 3}),
        _chain({"share": 50, "tell": (Addressee(kind="role"),)}),
        _chain(*({"share": n, "times": 20, "again_minutes": 5} for n in (10, 20, 30))),
        _chain({"share": 50, "title": "a\x1bb"}),
    ],
)
def test_a_chain_that_cannot_work_is_refused(wrong: Chain) -> None:
    with pytest.raises(ConfigurationError):
        check_chain(wrong, channels=CHANNELS)


def test_the_first_chain_that_takes_the_priority_is_the_tickets() -> None:
    first = _chain({"share": 50}, priorities=(Priority.HIGHEST,)).model_copy(update={"id": "first"})
    off = _chain({"share": 50}).model_copy(update={"id": "off", "enabled": False, "position": 0})
    rest = GUIDE_CHAIN.model_copy(update={"position": 2})
    chosen = {p: (choose_chain([rest, off, first], p) or off).id for p in ("Highest", "Low")}
    assert chosen == {"Highest": "first", "Low": "guide"}
    assert choose_chain([off], "Low") is None
