"""Rules: seen in words, tried before they are saved, changed, moved, switched, deleted."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from soc.domain.rule import Rule
from soc.store.db import read_session, write_session
from soc.store.nouns.rules.rules import get_row, list_rules
from soc.ui.kit import buttons
from tests.pages.conftest import OpenPage, read
from tests.rows import add_incident


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buttons, "GRACE", 0.0)


def press(page: AppTest, key: str) -> AppTest:
    return next(button for button in page.button if button.key == key).click().run()


def rules() -> list[Rule]:
    with read_session() as session:
        return list(list_rules(session))


def test_a_rule_is_tried_on_what_is_stored_and_then_saved(open_page: OpenPage) -> None:
    with write_session() as session:
        add_incident(session, "inc-1", score=6, title="Disk full on db-1")
        add_incident(session, "inc-2", score=9)
    page = press(open_page("rules"), "add-rule")
    page.text_input(key="name-new").input("Disks <b>").run()
    page.slider(key="score-new").set_value(6).run()
    text = read(page)
    assert "Of the last 2 incidents this rule would have matched 2; 1 more ticket than today" in text.replace(
        "\\", ""
    )
    assert "Jira 1 → 2" in text
    assert len(rules()) == 3
    press(page, "button-save-new")
    assert (rules()[-1].name, rules()[-1].min_score, rules()[-1].actions) == ("Disks <b>", 6, ("*",))
    with read_session() as session:
        assert get_row(session, rules()[-1].id).changed_by == "person:page@unsaid"
    assert "is saved" in read(page)


def test_a_rule_is_moved_switched_and_deleted_by_its_own_buttons(open_page: OpenPage) -> None:
    page = open_page("rules")
    press(page, "button-ask-earlier-critical-8-2")
    assert [rule.id for rule in rules()] == ["severity-9", "critical-8", "security-8"]
    press(page, "button-switch-off-severity-9")
    assert [rule.enabled for rule in rules()] == [False, True, True]
    assert "is switched off, from the next batch on" in read(page)


def test_a_changed_rule_keeps_what_was_not_changed(open_page: OpenPage) -> None:
    page = press(open_page("rules"), "change-security-8")
    page.toggle(key="every-security-8").set_value(False).run()
    page.multiselect(key="channels-security-8").set_value(["slack"]).run()
    press(page, "button-save-security-8")
    changed = rules()[1]
    assert (changed.min_score, changed.class_contains, changed.actions) == (8, "Security", ("slack",))


def test_a_rule_that_never_decides_anything_says_so(open_page: OpenPage) -> None:
    page = press(open_page("rules"), "add-rule")
    page.slider(key="score-new").set_value(10).run()
    assert "Unreachable" in read(page)
    page.text_input(key="class-new").input("telex").run()
    assert "never matches" in read(page)
