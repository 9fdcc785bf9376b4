"""A save asks the vendor whether it has what was chosen: a type that the project lacks is refused at the field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from soc.api import api
from soc.configuration.save import save_configuration
from soc.configuration.test import test_configuration as check_configuration
from soc.configuration.transfer import export_configurations, import_configurations
from soc.configuration.versions import restore_configuration
from soc.domain.actor import AT_A_PAGE
from soc.integrations.in_force import load_config
from soc.integrations.kit import addresses
from soc.integrations.registry import InvalidConfiguration
from soc.sandbox import server as sandbox
from soc.sandbox.jira.memory import JiraMemory
from soc.store.migrate import migrate

NOBODY = "127.0.0.1:9"


@pytest.fixture(scope="module")
def practice() -> Iterator[sandbox.SandboxServer]:
    with sandbox.SandboxServer() as server:
        entries = (f"{sandbox.DEFAULT_HOST}:{server.port}", NOBODY)
        for entry in entries:
            addresses.allow(entry)
        yield server
        for entry in entries:
            addresses.disallow(entry)


@pytest.fixture
def jira(practice: sandbox.SandboxServer) -> dict[str, Any]:
    migrate()
    return {
        "base_url": practice.jira_url,
        "username": sandbox.JIRA_EMAIL,
        "api_token": sandbox.JIRA_TOKEN,
    }


@pytest.mark.parametrize("field", ["issue_type", "security_issue_type"])
def test_a_type_that_the_project_lacks_is_refused_at_its_field_and_nothing_is_saved(
    jira: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidConfiguration) as refused:
        save_configuration("jira", {**jira, field: "Vulnerability"}, actor=AT_A_PAGE)
    assert list(refused.value.fields) == [field]
    assert "“Vulnerability”" in str(refused.value)
    assert "Incident" in str(refused.value)
    assert load_config("jira") is None


def test_a_type_that_the_project_has_is_saved_without_a_word(jira: dict[str, Any]) -> None:
    assert save_configuration("jira", {**jira, "issue_type": "Task"}, actor=AT_A_PAGE) == ""


def test_while_jira_is_away_it_is_saved_and_said_that_nobody_could_be_asked(jira: dict[str, Any]) -> None:
    away = {**jira, "base_url": f"http://{NOBODY}", "issue_type": "Vulnerability"}
    assert "could not be asked" in save_configuration("jira", away, actor=AT_A_PAGE)
    saved = load_config("jira")
    assert saved is not None
    assert saved.model_dump()["issue_type"] == "Vulnerability"


def test_what_is_switched_off_is_saved_as_it_is(jira: dict[str, Any]) -> None:
    off = {**jira, "enabled": False, "issue_type": "Vulnerability"}
    assert save_configuration("jira", off, actor=AT_A_PAGE) == ""


@pytest.mark.parametrize("issue_type", ["Incident", "Vulnerability"])
def test_a_test_offers_the_project_s_own_types_also_when_it_fails_for_another(
    jira: dict[str, Any], issue_type: str
) -> None:
    report = check_configuration("jira", {**jira, "issue_type": issue_type}, actor=AT_A_PAGE)
    assert report.ok is (issue_type == "Incident")
    assert "Task" in report.offers["issue_type"]
    assert report.offers["issue_type"] == report.offers["security_issue_type"]


def test_the_api_refuses_and_warns_in_the_same_words(jira: dict[str, Any]) -> None:
    with TestClient(api, base_url="http://127.0.0.1:8501", raise_server_exceptions=False) as client:
        lacking = {**jira, "issue_type": "Vulnerability"}
        refused = client.post("/integrations/jira/config", json=lacking)
        assert (refused.status_code, "“Vulnerability”" in refused.text) == (422, True)
        away = client.post("/integrations/jira/config", json={**lacking, "base_url": f"http://{NOBODY}"})
        assert (away.status_code, away.json()["status"], away.json()["level"]) == (200, "saved", "warning")
        assert "could not be asked" in away.json()["warnings"][0]


def test_a_type_that_went_since_is_refused_when_an_older_version_or_an_export_brings_it_back(
    jira: dict[str, Any], practice: sandbox.SandboxServer
) -> None:
    save_configuration("jira", {**jira, "issue_type": "Problem"}, actor=AT_A_PAGE)
    document = export_configurations(passphrase="twelve letters", actor=AT_A_PAGE)
    practice.state.of(JiraMemory).epic_first = True  # somebody takes Problem out of the project
    try:
        save_configuration("jira", {**jira, "issue_type": "Task"}, actor=AT_A_PAGE)
        with pytest.raises(InvalidConfiguration) as refused:
            restore_configuration("jira", 1, actor=AT_A_PAGE)
        with pytest.raises(InvalidConfiguration):
            import_configurations(document, passphrase="twelve letters", actor=AT_A_PAGE)
    finally:
        practice.state.of(JiraMemory).epic_first = False
    saved = load_config("jira")
    assert "issue_type" in refused.value.fields
    assert saved is not None
    assert saved.model_dump()["issue_type"] == "Task"
    assert import_configurations(document, passphrase="twelve letters", actor=AT_A_PAGE).warnings == []
