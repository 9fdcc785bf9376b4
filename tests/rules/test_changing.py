"""Rules as they are added, replaced, taken away and put in order; and what each says of an incident."""

from __future__ import annotations

import pytest
import structlog
from sqlmodel import select

from soc.domain.actor import AT_A_PAGE, AT_THE_SHELL
from soc.domain.rule import EVERY_CHANNEL, GUIDE_RULES, Rule
from soc.errors import ConfigurationError, NotFound
from soc.rules import decide
from soc.rules.changing import add_rule, remove_rule, reorder_rules, replace_rule
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.incidents.incidents import get_incident, to_incident
from soc.store.nouns.rules.rules import RuleRow, list_rules
from tests.rows import add_incident

MINE = Rule(id="mine", name="Mine", min_score=5, actions=("slack", "jira"), position=7)
GUIDE = ["severity-9", "security-8", "critical-8"]


@pytest.fixture(autouse=True)
def _store() -> None:
    migrate()


def authors() -> dict[str, str]:
    with read_session() as session:
        return {row.id: row.changed_by for row in session.exec(select(RuleRow)).all()}


def test_a_new_rule_is_asked_last_under_an_id_of_its_own() -> None:
    with write_session() as session:
        made = add_rule(session, MINE, actor=AT_THE_SHELL)
    assert made == MINE.model_copy(update={"id": made.id, "position": 4})
    assert made.id.startswith("rule-")
    with read_session() as session:
        assert list_rules(session) == [*GUIDE_RULES, made]
    assert authors()[made.id] == str(AT_THE_SHELL)


def test_the_first_rule_of_none_is_at_the_first_place() -> None:
    with write_session() as session:
        for name in GUIDE:
            remove_rule(session, name, actor=AT_A_PAGE)
        session.flush()
        assert add_rule(session, MINE, actor=AT_A_PAGE).position == 1


def test_a_replaced_rule_keeps_its_place() -> None:
    with write_session() as session:
        changed = replace_rule(session, MINE.model_copy(update={"id": "security-8"}), actor=AT_THE_SHELL)
        assert (changed.position, changed.name) == (2, "Mine")
        with pytest.raises(NotFound):
            replace_rule(session, MINE, actor=AT_THE_SHELL)
    with read_session() as session:
        assert list_rules(session)[1] == changed
    assert authors()["security-8"] == str(AT_THE_SHELL)


@pytest.mark.parametrize("channels", [("nowhere",), ("slack", "nowhere")])
def test_a_channel_that_is_no_integration_is_refused(channels: tuple[str, ...]) -> None:
    rule = GUIDE_RULES[0].model_copy(update={"actions": channels})
    for change in (add_rule, replace_rule):
        with write_session() as session, pytest.raises(ConfigurationError, match="no integration"):
            change(session, rule, actor=AT_A_PAGE)
    with read_session() as session:
        assert list_rules(session) == list(GUIDE_RULES)


def test_who_took_a_rule_away_is_in_the_log() -> None:
    with structlog.testing.capture_logs() as said, write_session() as session:
        remove_rule(session, "security-8", actor=AT_THE_SHELL)
        assert said == []  # not before it is committed
    assert [(one["event"], one["rule"], one["actor"]) for one in said] == [
        ("rule_removed", "security-8", str(AT_THE_SHELL))
    ]
    assert sorted(authors()) == ["critical-8", "severity-9"]


def test_another_order_is_written_where_a_rule_moved_and_nowhere_else() -> None:
    order = ["security-8", "severity-9", "critical-8"]
    with write_session() as session:
        rules = reorder_rules(session, order, actor=AT_A_PAGE)
    assert [(rule.id, rule.position) for rule in rules] == [
        (name, place) for place, name in enumerate(order, 1)
    ]
    assert {name for name, author in authors().items() if author == str(AT_A_PAGE)} == set(order[:2])


@pytest.mark.parametrize(
    "ids", [GUIDE[:2], [*GUIDE, "severity-9"], [*GUIDE[:2], "other"], [*GUIDE, "other"], []]
)
def test_an_order_names_every_rule_once(ids: list[str]) -> None:
    with write_session() as session, pytest.raises(ConfigurationError, match="once each"):
        reorder_rules(session, ids, actor=AT_A_PAGE)


@pytest.mark.parametrize(
    ("change", "score", "matched", "said"),
    [
        ({}, 5, True, "score 5 ≥ 5"),
        ({}, 4, False, "score 4 is below 5"),
        ({"class_contains": "ERR"}, 5, True, "score 5 ≥ 5, class “Error” contains “ERR”"),
        ({"class_contains": "Sec"}, 5, False, "score 5 ≥ 5, class “Error” does not contain “Sec”"),
        ({"enabled": False}, 5, False, "score 5 ≥ 5, the rule is switched off"),
    ],
)
def test_a_decision_says_why(change: dict[str, object], score: int, matched: bool, said: str) -> None:
    with write_session() as session:
        add_incident(session, "inc-1", score=score)
        incident = to_incident(get_incident(session, "inc-1"))
    rule = MINE.model_copy(update=change)
    (one,) = decide(incident, [rule])
    assert (one.incident_id, one.rule, one.matched, one.explanation) == ("inc-1", rule, matched, said)


@pytest.mark.parametrize(
    ("actions", "told"), [(("slack",), True), (("jira",), False), ((EVERY_CHANNEL,), True), ((), False)]
)
def test_a_rule_tells_the_channels_it_names_or_every_one(actions: tuple[str, ...], told: bool) -> None:
    assert MINE.model_copy(update={"actions": actions}).names("slack") is told
