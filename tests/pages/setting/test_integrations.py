"""Integrations: a form made from the model, secrets that never leave, a test that says what was found."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from soc.configuration import save, test
from soc.domain.actor import AT_A_PAGE, Actor
from soc.domain.severity import Severity
from soc.errors import ConfigurationError
from soc.integrations.in_force import load_config
from soc.integrations.kit.base import ConnectionReport, TroubleCase
from soc.integrations.kit.redaction import MASK
from soc.integrations.vendors.jira import JiraConfig
from soc.integrations.vendors.jira.config import ISSUE_TYPES
from soc.integrations.vendors.slack import SlackConfig
from soc.ui.views.setup import sandbox_view
from tests.pages.conftest import OpenPage, handed_over, read

SECRET = "planted-Secret-42"
JIRA = {"base_url": "https://jira.example.com", "username": "soc@example.com", "api_token": SECRET}
FOUND = ConnectionReport(
    ok=True,
    kind="jira",
    summary="Connected to Example Jira.",
    facts=(("Server", "Example Jira 9.12"), ("Project", "Security Operations Center (SOC)")),
    warnings=("The issue type “Security Incident” is missing.",),
    latency_ms=31,
)


@pytest.fixture
def tested(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any] | None]:
    """What was tested; the answer is always FOUND."""
    asked: list[dict[str, Any] | None] = []

    def test_configuration(
        kind: str, data: dict[str, Any] | None = None, *, actor: Actor
    ) -> ConnectionReport:
        asked.append(data)
        return FOUND

    monkeypatch.setattr(test, "test_configuration", test_configuration)
    return asked


def fill_in(page: AppTest) -> None:
    for label, text in {
        "Base URL": JIRA["base_url"],
        "Username or e-mail": JIRA["username"],
        "API token": SECRET,
    }.items():
        next(field for field in page.text_input if field.label == label).input(text)


def press(page: AppTest, label: str) -> AppTest:
    return next(button for button in page.button if button.label == label).click().run()


def test_every_setting_of_the_model_has_a_field(open_page: OpenPage) -> None:
    page = open_page("integrations")
    labels = {
        field.label
        for field in (*page.text_input, *page.text_area, *page.selectbox, *page.toggle, *page.number_input)
    } | {str(element.value).strip("*") for element in page.markdown}
    shown = {name: info for name, info in JiraConfig.model_fields.items() if name != "practice"}
    assert {info.title for info in shown.values()} <= labels
    assert {severity.value.capitalize() for severity in Severity} <= labels


def test_numbers_keep_the_models_limits(open_page: OpenPage) -> None:
    timeout = next(
        field for field in open_page("integrations").number_input if field.label == "Timeout (seconds)"
    )
    assert (timeout.min, timeout.max, timeout.value) == (1, 300, 30)


def test_test_connection_shows_what_was_found_without_saving(
    open_page: OpenPage, tested: list[dict[str, Any] | None]
) -> None:
    page = open_page("integrations")
    fill_in(page)
    text = read(press(page, "Test connection"))
    assert "Connected to Example Jira." in text
    assert "The issue type “Security Incident” is missing." in text
    assert list(page.table[0].value.index) == ["Server", "Project"]
    assert load_config("jira") is None
    assert tested[0] is not None
    assert tested[0]["base_url"] == JIRA["base_url"]


def test_a_test_offers_what_the_vendor_has_beside_the_guide_s_list_and_keeps_what_was_typed(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    offers = {"issue_type": ("Vulnerability", "Task")}
    report = FOUND.model_copy(update={"ok": False, "offers": offers})
    monkeypatch.setattr(test, "test_configuration", lambda *_, **__: report)
    page = open_page("integrations")
    fill_in(page)
    next(field for field in page.selectbox if field.label == "Issue type").select("Bug")
    page = press(page, "Test connection")
    field = next(field for field in page.selectbox if field.label == "Issue type")
    assert field.options == [*ISSUE_TYPES, "Vulnerability"]
    assert field.value == "Bug"


def test_a_failed_test_names_the_guides_case_and_what_to_do(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = ConnectionReport(
        ok=False, kind="jira", summary="Jira refused the token.", hint="Make a new token.", case=TroubleCase.AUTHENTICATION
    )  # fmt: skip
    monkeypatch.setattr(test, "test_configuration", lambda *_, **__: report)
    page = open_page("integrations")
    fill_in(page)
    text = read(press(page, "Test connection"))
    assert "Authentication failure: Jira refused the token." in text
    assert "Make a new token." in text


def test_save_keeps_the_settings_and_the_secret_never_comes_back(
    open_page: OpenPage, tested: list[dict[str, Any] | None]
) -> None:
    page = open_page("integrations")
    fill_in(page)
    press(page, "Save")
    config = load_config("jira")
    assert isinstance(config, JiraConfig)
    assert config.api_token.get_secret_value() == SECRET
    assert config.priority_mapping[Severity.CRITICAL] == "Highest"
    token = next(field for field in page.text_input if field.label == "API token")
    assert token.value == ""
    assert MASK in token.placeholder
    assert SECRET not in handed_over(page)


def test_saving_again_without_the_secret_keeps_it(
    open_page: OpenPage, tested: list[dict[str, Any] | None]
) -> None:
    save.save_configuration("jira", JIRA, actor=AT_A_PAGE)
    page = open_page("integrations")
    next(field for field in page.text_input if field.label == "Project key").input("SEC")
    press(page, "Save")
    config = load_config("jira")
    assert isinstance(config, JiraConfig)
    assert (config.project_key, config.api_token.get_secret_value()) == ("SEC", SECRET)


def test_unchanged_settings_are_tested_as_saved(
    open_page: OpenPage, tested: list[dict[str, Any] | None]
) -> None:
    save.save_configuration("jira", JIRA, actor=AT_A_PAGE)
    press(open_page("integrations"), "Test connection")
    assert tested == [None]


def test_wrong_settings_are_named_by_field(open_page: OpenPage) -> None:
    page = open_page("integrations")
    fill_in(page)
    next(field for field in page.text_input if field.label == "Base URL").input("jira")
    assert "Base URL: must be a web address that begins with https://" in read(press(page, "Save"))
    assert load_config("jira") is None


def test_an_integration_can_be_removed(open_page: OpenPage) -> None:
    save.save_configuration("jira", JIRA, actor=AT_A_PAGE)
    page = open_page("integrations")
    page.button(key="button-remove-jira").click().run()
    assert "Jira is removed." in read(page)
    assert load_config("jira") is None


def test_ones_own_settings_are_not_replaced_by_the_sandbox_without_consent(open_page: OpenPage) -> None:
    save.save_configuration("jira", JIRA, actor=AT_A_PAGE)
    page = open_page("integrations")
    assert page.button(key="button-connect-sandbox").disabled
    page.checkbox(key="replace-own").check().run()
    assert not page.button(key="button-connect-sandbox").disabled


def test_a_sandbox_that_does_not_start_says_why(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*, actor: Actor) -> None:
        raise ConfigurationError("The sandbox cannot listen.", hint="Stop what uses the port.")

    monkeypatch.setattr(sandbox_view, "connect_sandbox", refuse)
    page = open_page("integrations")
    page.button(key="button-connect-sandbox").click().run()
    assert "The sandbox cannot listen." in read(page)


def test_slack_has_its_own_tab(open_page: OpenPage) -> None:
    page = open_page("integrations", kind="Slack")
    assert "Channel" in {field.label for field in page.text_input}


def test_a_secret_that_is_not_needed_can_be_forgotten(
    open_page: OpenPage, tested: list[dict[str, Any] | None]
) -> None:
    save.save_configuration(
        "slack", {"bot_token": f"xoxb-{SECRET}", "signing_secret": SECRET}, actor=AT_A_PAGE
    )
    page = open_page("integrations", kind="Slack")
    next(box for box in page.checkbox if box.label == "Forget the stored one").check()
    press(page, "Save")
    config = load_config("slack")
    assert isinstance(config, SlackConfig)
    assert config.signing_secret.get_secret_value() == ""
    assert config.bot_token.get_secret_value() == f"xoxb-{SECRET}"


def test_a_form_that_was_opened_before_somebody_else_saved_overwrites_nothing(
    open_page: OpenPage, tested: list[dict[str, Any] | None]
) -> None:
    page = open_page("integrations")
    fill_in(page)
    save.save_configuration("jira", {**JIRA, "username": "first@example.com"}, actor=AT_A_PAGE)
    assert "changed by somebody else" in read(press(page, "Save"))
    config = load_config("jira")
    assert isinstance(config, JiraConfig)
    assert config.username == "first@example.com"
