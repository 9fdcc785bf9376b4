from __future__ import annotations

import json

import pytest

from soc.configuration.save import disconnect, save_configuration
from soc.configuration.state import integration_state
from soc.configuration.transfer import export_configurations, import_configurations
from soc.configuration.versions import restore_configuration
from soc.domain.actor import AT_A_PAGE
from soc.errors import ConfigurationError
from soc.integrations.in_force import load_config
from soc.integrations.registry import split_secrets
from soc.store.db import read_session
from soc.store.migrate import migrate
from soc.store.nouns.vendors.versions import list_versions

JIRA = {"base_url": "https://jira.example.com", "username": "a@b.c", "api_token": "hunter2-token"}
PASSPHRASE = "a long enough passphrase"


@pytest.fixture(autouse=True)
def _saved() -> None:
    migrate()
    save_configuration("jira", JIRA, author="ana", actor=AT_A_PAGE)


def _token() -> str:
    config = load_config("jira")
    assert config is not None
    return split_secrets(config)[1]["api_token"]


def test_sealed_secrets_come_back_with_the_passphrase() -> None:
    document = json.loads(json.dumps(export_configurations(passphrase=PASSPHRASE, actor=AT_A_PAGE)))
    assert "hunter2" not in json.dumps(document)
    disconnect("jira", actor=AT_A_PAGE)
    assert import_configurations(document, passphrase=PASSPHRASE, actor=AT_A_PAGE).kinds == ["jira"]
    assert _token() == "hunter2-token"


def test_another_passphrase_opens_nothing_and_saves_nothing() -> None:
    document = export_configurations(passphrase=PASSPHRASE, actor=AT_A_PAGE)
    disconnect("jira", actor=AT_A_PAGE)
    with pytest.raises(ConfigurationError, match="do not open"):
        import_configurations(document, passphrase="not that passphrase", actor=AT_A_PAGE)
    assert not integration_state("jira").configured


@pytest.mark.parametrize("change", [{"base_url": "https://elsewhere.example.com"}, {"base_url": None}])
def test_a_sealed_token_does_not_open_for_an_address_that_was_edited(change: dict[str, str | None]) -> None:
    document = export_configurations(passphrase=PASSPHRASE, actor=AT_A_PAGE)
    document["integrations"]["jira"]["settings"].update(change)
    with pytest.raises(ConfigurationError, match=r"do not open.*the document was changed"):
        import_configurations(document, passphrase=PASSPHRASE, actor=AT_A_PAGE)
    assert integration_state("jira").masked["base_url"] == JIRA["base_url"]


def test_an_address_that_was_left_out_does_not_open_the_secrets_for_the_default_one() -> None:
    save_configuration(
        "pagerduty",
        {"events_url": "https://events.eu.example.com", "integration_key": "k" * 32},
        author="ana",
        actor=AT_A_PAGE,
    )
    document = export_configurations(passphrase=PASSPHRASE, actor=AT_A_PAGE)
    del document["integrations"]["pagerduty"]["settings"]["events_url"]
    with pytest.raises(ConfigurationError, match="do not open"):
        import_configurations(document, passphrase=PASSPHRASE, actor=AT_A_PAGE)


def test_settings_that_are_no_address_may_be_edited_in_a_sealed_document() -> None:
    document = export_configurations(passphrase=PASSPHRASE, actor=AT_A_PAGE)
    document["integrations"]["jira"]["settings"]["project_key"] = "NIGHT"
    disconnect("jira", actor=AT_A_PAGE)
    import_configurations(document, passphrase=PASSPHRASE, actor=AT_A_PAGE)
    assert integration_state("jira").masked["project_key"] == "NIGHT"
    assert _token() == "hunter2-token"


def test_without_a_passphrase_the_secrets_are_left_out_and_the_saved_ones_stay() -> None:
    document = export_configurations(actor=AT_A_PAGE)
    assert "sealed" not in document["integrations"]["jira"]
    document["integrations"]["jira"]["settings"]["project_key"] = "NIGHT"
    import_configurations(document, actor=AT_A_PAGE)
    assert integration_state("jira").masked["project_key"] == "NIGHT"
    assert _token() == "hunter2-token"


def test_an_imported_address_never_gets_the_saved_token() -> None:
    document = export_configurations(actor=AT_A_PAGE)
    document["integrations"]["jira"]["settings"]["base_url"] = "https://elsewhere.example.com"
    with pytest.raises(ConfigurationError, match="API token"):
        import_configurations(document, actor=AT_A_PAGE)


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="too short"):
        export_configurations(passphrase="short", actor=AT_A_PAGE)


def test_every_save_is_a_version_with_its_author_and_what_changed() -> None:
    save_configuration(
        "jira", {**JIRA, "project_key": "NIGHT", "api_token": "another-token"}, author="bob", actor=AT_A_PAGE
    )
    with read_session() as session:
        newest, first = list_versions(session, "jira")
    assert (first.author, newest.author, newest.version) == ("ana", "bob", 2)
    assert {change["field"] for change in newest.changes} == {"project_key", "api_token"}
    assert "token" not in json.dumps([change["after"] for change in newest.changes])


def test_rolling_back_brings_the_earlier_settings_and_secrets_as_a_new_version() -> None:
    save_configuration(
        "jira", {**JIRA, "project_key": "NIGHT", "api_token": "another-token"}, author="bob", actor=AT_A_PAGE
    )
    restore_configuration("jira", 1, author="cleo", actor=AT_A_PAGE)
    assert integration_state("jira").masked["project_key"] == "SOC"
    assert _token() == "hunter2-token"
    with read_session() as session:
        newest = list_versions(session, "jira")[0]
    assert (newest.version, newest.author, newest.note) == (3, "cleo", "rolled back to version 1")
