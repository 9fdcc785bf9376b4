"""What follows from a config model alone, for every kind of integration."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from soc import clock
from soc.domain.actor import AT_A_PAGE
from soc.errors import ConfigurationError, NotFound
from soc.integrations.in_force import load_config
from soc.integrations.kit.declared import is_secret
from soc.integrations.registry import (
    FALLBACKS,
    KINDS,
    InvalidConfiguration,
    build,
    config_from_env,
    connect,
    env_example,
    field_table,
    masked,
    merge_masked,
    secret_values,
    split_secrets,
    validate,
)
from tests.integrations.everyone import DATA, ENVIRONMENTS
from tests.integrations.examples import SECRET
from tests.integrations.vendors.jira.example import CLOUD, DATA_CENTER
from tests.integrations.vendors.slack.example import SLACK

DOCS = Path(__file__).resolve().parents[2] / "docs"
every_kind = pytest.mark.parametrize("kind", KINDS)


@every_kind
def test_every_field_says_what_it_is(kind: str) -> None:
    for name, field in KINDS[kind].config.model_fields.items():
        assert field.title, name
        assert field.description, name


@every_kind
def test_the_masked_view_shows_no_secret_and_brings_it_back(kind: str) -> None:
    config = validate(kind, DATA[kind])
    view = masked(config)
    assert SECRET not in str(view)
    assert SECRET not in repr(config)
    assert validate(kind, merge_masked(config, view)) == config


@every_kind
def test_a_new_secret_replaces_and_a_mask_without_an_old_one_is_refused(kind: str) -> None:
    config = validate(kind, DATA[kind])
    secret = next(iter(split_secrets(config)[1]))
    assert merge_masked(config, {secret: "new"}) == {secret: "new"}
    with pytest.raises(ConfigurationError, match="Enter the secret again, or remove it"):
        merge_masked(None, masked(config))


@every_kind
def test_what_is_stored_apart_comes_back_whole(kind: str) -> None:
    config = validate(kind, DATA[kind])
    public, secrets = split_secrets(config)
    assert SECRET not in str(public)
    assert build(kind, public, secrets) == config
    assert build(kind, {**public, "dropped_in_a_later_version": 1}, secrets) == config


@every_kind
def test_the_environment_of_the_guide_is_read(kind: str) -> None:
    config = config_from_env(kind, ENVIRONMENTS[kind])
    assert config is not None
    encoded = quote(SECRET, safe="")  # as a URL carries it, where the whole URL is the secret
    assert any(SECRET in value or encoded in value for value in secret_values(config))
    assert config_from_env(kind, {}) is None


@every_kind
def test_the_example_of_the_environment_configures_nothing_until_its_secret_is_filled_in(kind: str) -> None:
    lines = [line for line in env_example(kind) if not line.startswith("#")]
    values = dict(line.split("=", 1) for line in lines)
    assert config_from_env(kind, values) is None
    filled = {name: value or ENVIRONMENTS[kind].get(name, SECRET) for name, value in values.items()}
    assert config_from_env(kind, filled) is not None


def test_the_guides_jira_variables_mean_what_the_guide_says() -> None:
    config = masked(validate("jira", CLOUD)) | masked(
        config_from_env("jira", ENVIRONMENTS["jira"]) or validate("jira", CLOUD)
    )
    assert config["base_url"] == "https://your-company.atlassian.net"
    assert (config["project_key"], config["components"]) == ("SOC", ["Security", "Infrastructure"])


@every_kind
@pytest.mark.parametrize(
    "bad", [{"timeout": 0}, {"base_url": f"ftp://{SECRET}"}, {SECRET: SECRET}, {"retry_count": SECRET}]
)
def test_a_wrong_setting_is_named_and_never_repeated(kind: str, bad: dict[str, Any]) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        validate(kind, {**DATA[kind], **bad})
    assert set(caught.value.fields) == {name for name in bad if name != SECRET} or "" in caught.value.fields
    assert SECRET not in str(caught.value)
    assert SECRET not in str(caught.value.fields)


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(InvalidConfiguration, match="Base URL: is missing"):
        validate("jira", {"api_token": "x", "username": "y"})
    with pytest.raises(InvalidConfiguration) as caught:
        validate("jira", {"base_url": "https://x.atlassian.net", "api_token": "x"})
    assert "username" in caught.value.fields, "Cloud needs the e-mail of the token's owner"


@pytest.mark.parametrize(
    "url",
    ["https://u:p@jira.example", "https://u:p@jira.example/?a=b", "jira", "https://", "https://a b"],
)
def test_a_base_url_holds_no_credentials_or_query(url: str) -> None:
    with pytest.raises(InvalidConfiguration, match="Base URL"):
        validate("jira", {**CLOUD, "base_url": url})


def test_a_pasted_cloud_address_is_cut_to_its_root_and_a_context_path_is_kept() -> None:
    pasted = validate("jira", {**CLOUD, "base_url": " https://x.atlassian.net/jira/software/projects/SOC/ "})
    assert masked(pasted)["base_url"] == "https://x.atlassian.net"
    assert masked(validate("jira", DATA_CENTER))["base_url"] == "https://jira.example/jira"


@pytest.mark.parametrize("name", ["server", "data_center", "Data Center", "on_premise", "on-premise"])
def test_on_premise_has_other_names(name: str) -> None:
    assert masked(validate("jira", {**DATA_CENTER, "instance_type": name}))["instance_type"] == "on_premise"


@pytest.mark.parametrize(
    ("given", "channel"),
    [("soc-alerts", "#soc-alerts"), ("#SOC-Alerts", "#soc-alerts"), ("C024BE91L", "C024BE91L")],
)
def test_a_channel_is_a_name_or_an_id(given: str, channel: str) -> None:
    assert masked(validate("slack", {**SLACK, "channel": given}))["channel"] == channel


def test_a_token_is_taken_without_the_blanks_around_it() -> None:
    config = validate("slack", {**SLACK, "bot_token": f" {SECRET}\n"})
    assert split_secrets(config)[1]["bot_token"] == SECRET


def test_an_unknown_kind_is_not_found() -> None:
    with pytest.raises(NotFound, match="jira, slack"):
        validate("no-such-vendor", {})


@every_kind
def test_a_connector_takes_its_retries_and_practice_from_the_config(kind: str) -> None:
    connector = connect(kind, validate(kind, {**DATA[kind], "retry_count": 5, "practice": True}))
    assert (connector.retry_count, connector.practice, connector.kind) == (5, True, kind)


@every_kind
def test_the_documentation_has_the_fields_as_they_are(kind: str) -> None:
    page = (DOCS / KINDS[kind].docs).read_text()
    table = page.split("<!-- fields: written by `soc docs` -->")[1].split("<!-- end of fields -->")[0]
    assert table.strip() == field_table(kind)


@every_kind
def test_what_was_saved_wins_over_the_environment(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from soc.store.db import write_session
    from soc.store.migrate import migrate
    from soc.store.nouns.vendors.integrations import save_integration

    monkeypatch.setattr("soc.integrations.kit.declared.environment", lambda: ENVIRONMENTS[kind])
    migrate()
    assert load_config(kind) == config_from_env(kind, ENVIRONMENTS[kind])
    saved = validate(kind, {**DATA[kind], "timeout": 7})
    public, secrets = split_secrets(saved)
    with write_session() as session:
        save_integration(session, kind, public, secrets, practice=False, now=clock.now(), actor=AT_A_PAGE)
    assert load_config(kind) == saved


def test_what_is_named_like_a_secret_is_one_unless_it_says_otherwise() -> None:
    for kind in KINDS.values():
        for name, field in kind.config.model_fields.items():
            extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
            looks = any(word in name for word in ("token", "secret", "password", "key", "headers", "query"))
            assert is_secret(field) or not looks or extra.get("public"), f"{kind.name}: {name}"


def test_whatever_takes_alerts_can_be_a_fallback_channel() -> None:
    assert ("", *(name for name, kind in KINDS.items() if "send_alert" in kind.takes)) == FALLBACKS
