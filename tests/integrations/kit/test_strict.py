"""Settings that would pass though they hide a mistake are refused, on every way in, with words that help."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from soc.configuration.save import save_configuration
from soc.configuration.transfer import FORMAT, import_configurations
from soc.domain.actor import AT_A_PAGE
from soc.integrations.in_force import load_config
from soc.integrations.kit.addresses import AddressGuard
from soc.integrations.kit.declared import defaults_of, from_env, validate
from soc.integrations.kit.declaring.strict import mistaken_types, refused_places, unknown_settings
from soc.integrations.registry import KINDS, InvalidConfiguration
from soc.integrations.vendors.webhook.config import WebhookConfig
from soc.settings import Settings
from soc.store.migrate import migrate
from tests.api.conftest import client  # noqa: F401 - a fixture

HOOK = "https://hooks.example.com/soc"
PLAIN = "http://93.184.215.14/soc"


@pytest.mark.parametrize("kind", KINDS)
def test_no_number_takes_yes_or_words_and_no_switch_takes_a_number(kind: str) -> None:
    model = KINDS[kind].config
    for name, field in model.model_fields.items():
        if field.annotation is int:
            assert set(mistaken_types(model, {name: False})) == {name}
            assert set(mistaken_types(model, {name: "30"})) == {name}
            assert not mistaken_types(model, {name: 30})
        if field.annotation is bool:
            assert set(mistaken_types(model, {name: 1})) == set(mistaken_types(model, {name: "no"})) == {name}
            assert not mistaken_types(model, {name: True})


@pytest.mark.parametrize("kind", KINDS)
def test_no_setting_takes_what_is_no_text(kind: str) -> None:
    found = KINDS[kind]
    for name in found.config.model_fields:
        for wrong in ("a\0b", "a\x1bb", "a\ud800b", ["\0"], {"\ud800": "x"}, {"x": ["\x07"]}):
            with pytest.raises(InvalidConfiguration) as refused:
                validate(found.config, found.title, {name: wrong})
            assert name in refused.value.fields


def test_an_import_with_half_a_character_saves_nothing_and_names_the_setting() -> None:
    migrate()
    settings = {"url": HOOK, "template": '{"a": "\0"}'}
    document = {"format": FORMAT, "integrations": {"webhook": {"settings": settings}}}
    with pytest.raises(InvalidConfiguration, match="Body template: holds a character that is no text"):
        import_configurations(document, actor=AT_A_PAGE)
    assert load_config("webhook") is None


def test_an_environment_is_text_and_means_what_it_says() -> None:
    config = from_env(WebhookConfig, "Webhook", {"WEBHOOK_URL": HOOK, "WEBHOOK_VERIFY_SSL": "true"})
    assert config is not None
    assert validate(WebhookConfig, "Webhook", {"url": HOOK, "timeout": "7"}, as_text=True).timeout == 7


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("time_out", "“time_out”; “timeout” is meant?"),
        ("retry-counts", "“retry_count” is meant?"),
        ("colour", "no setting “colour”"),
        ("ghp_a8Kd93jfKd02", "a setting that it does not know"),
        ("xoxb-1234-5678", "a setting that it does not know"),
    ],
)
def test_an_unknown_setting_is_named_with_the_nearest_known_one_unless_it_may_be_a_secret(
    typed: str, told: str
) -> None:
    said = unknown_settings(WebhookConfig, ["url", typed])
    assert told in said
    assert (typed in said) is ("does not know" not in told)


@pytest.mark.parametrize(
    ("allowed", "url", "refused"),
    [
        ((), PLAIN, "plain http"),
        (("93.184.215.14",), PLAIN, ""),
        (("93.184.215.0/24",), PLAIN, ""),
        (("93.184.215.14:8080",), PLAIN, "plain http"),
        (("hooks.example.com",), "http://hooks.example.com/x", ""),
        ((), "http://hooks.example.com/x", "plain http"),
        ((), "http://127.0.0.1:9/x", "loopback"),
        ((), HOOK, ""),
    ],
)
def test_plain_http_is_only_for_addresses_on_the_list(
    allowed: tuple[str, ...], url: str, refused: str
) -> None:
    def resolver(host: str, port: int) -> list[str]:
        return ["93.184.215.14"] if host == "hooks.example.com" else [host]

    config = WebhookConfig(url=url)
    found = refused_places(config, guard=AddressGuard(allowed), resolver=resolver)
    assert refused in found.get("url", "")
    assert bool(found) is bool(refused)


def test_practice_may_be_elsewhere() -> None:
    assert not refused_places(WebhookConfig(url=PLAIN, practice=True), guard=AddressGuard())


WRONG: list[dict[str, Any]] = [
    {"url": PLAIN},
    {"url": HOOK, "timeout": True},
    {"url": HOOK, "retry_count": "3"},
    {"url": HOOK, "verify_ssl": 1},
    {"url": HOOK, "time_out": 3},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_every_way_in_refuses_it_and_saves_nothing(client: TestClient, wrong: dict[str, Any]) -> None:  # noqa: F811
    with pytest.raises(InvalidConfiguration) as page:
        save_configuration("webhook", wrong, actor=AT_A_PAGE)
    answer = client.post("/api/v1/integrations/webhook/config", json=wrong)
    assert (answer.status_code, answer.json()["title"]) == (422, page.value.message)
    with pytest.raises(InvalidConfiguration):
        import_configurations(
            {"format": FORMAT, "integrations": {"webhook": {"settings": wrong}}}, actor=AT_A_PAGE
        )
    assert client.get("/api/v1/integrations/webhook/config").json()["configured"] is False


def test_an_environment_with_plain_http_is_refused_alike(settings: Settings, tmp_path: Path) -> None:
    migrate()
    with pytest.raises(InvalidConfiguration, match="plain http"):
        from_env(WebhookConfig, "Webhook", {"WEBHOOK_URL": PLAIN})


@pytest.mark.parametrize("kind", KINDS)
def test_an_integration_that_is_not_saved_shows_its_defaults(client: TestClient, kind: str) -> None:  # noqa: F811
    shown = client.get(f"/api/v1/integrations/{kind}/config").json()
    defaults = defaults_of(KINDS[kind].config)
    assert {name: shown[name] for name in defaults} == defaults
    assert (shown["configured"], shown["timeout"], shown["retry_count"]) == (False, 30, 3)
