"""What rules say of each other: never matching, unreachable, adding nothing, meeting."""

from __future__ import annotations

import pytest

from soc.domain.rule import GUIDE_RULES, Rule
from soc.rules.review import review_rule, review_rules


def rule(
    name: str, score: int, words: str = "", *actions: str, position: int = 1, enabled: bool = True
) -> Rule:
    return Rule(
        id=name,
        name=name,
        min_score=score,
        class_contains=words,
        actions=actions or ("*",),
        position=position,
        enabled=enabled,
    )


def said(one: Rule, *others: Rule) -> list[tuple[str, bool]]:
    return [(notice.text, notice.grave) for notice in review_rule(one, [one, *others])]


def test_the_guide_s_rules_only_meet() -> None:
    assert [
        grave for notices in review_rules(GUIDE_RULES).values() for grave in (one.grave for one in notices)
    ] == [False] * 3


def test_a_rule_that_no_class_can_meet_is_said_to_match_never() -> None:
    [(text, grave)] = said(rule("a", 5, "Telex"))
    assert ("never matches" in text, "Security Alert" in text, grave) == (True, True, True)


@pytest.mark.parametrize(
    ("broad", "narrow"),
    [
        (rule("b", 5), rule("n", 6, position=2)),
        (rule("b", 5, "error"), rule("n", 5, "Critical Error", position=2)),
        (rule("b", 5, "", "jira", "slack"), rule("n", 5, "", "jira", position=2)),
    ],
)
def test_a_narrow_rule_behind_a_broad_one_is_unreachable(broad: Rule, narrow: Rule) -> None:
    [(text, grave)] = said(narrow, broad)
    assert text.startswith("Unreachable: “b” is asked before it")
    assert grave
    assert not any(notice[1] for notice in said(broad, narrow))


@pytest.mark.parametrize(
    "other",
    [rule("b", 7), rule("b", 5, "Security"), rule("b", 5, "", "slack"), rule("b", 5, enabled=False)],
)
def test_what_is_not_broader_covers_nothing(other: Rule) -> None:
    assert not any(grave for _, grave in said(rule("n", 6, "Error", "jira", position=2), other))


def test_rules_that_cover_one_only_together_are_found() -> None:
    halves = [rule("a", 5, "Critical"), rule("b", 5, "", "jira"), rule("c", 5, "", "slack")]
    [(text, grave)] = said(rule("n", 8, "Critical Error", "jira", "slack", position=9), *halves[1:])
    assert ("together" in text, grave) == (True, True)


def test_a_broad_rule_asked_later_takes_nothing_from_the_one_before_it() -> None:
    [(text, grave)] = said(rule("n", 9, position=1), rule("b", 5, position=2))
    assert ("asked later" in text, grave) == (True, False)


def test_a_rule_for_nobody_is_said_to_tell_nobody() -> None:
    silent = Rule(id="s", name="s", min_score=5, actions=())
    assert ("told to nobody" in said(silent)[0][0], said(silent)[0][1]) == (True, True)
