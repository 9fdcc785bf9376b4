"""Secrets within mappings and lists: sealed, masked and brought back one by one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from soc.errors import ConfigurationError
from soc.integrations.kit.declared import reused_secrets, same_place, secret_values, split_secrets
from soc.integrations.kit.redaction import MASK
from soc.integrations.registry import InvalidConfiguration, build, field_table, masked, merge_masked, validate
from soc.integrations.vendors.webhook import WebhookConfig
from soc.integrations.vendors.webhook.config import FORBIDDEN_HEADERS

ONE, TWO = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_" + "QUJD" * 8
DATA = {
    "url": "https://receiver.example/hook?sig=abc",
    "headers": {"Authorization": "Bearer one", "X-Key": "two"},
    "signing_secrets": [ONE, TWO],
}


def config(**changes: Any) -> WebhookConfig:
    made = validate("webhook", {**DATA, **changes})
    assert isinstance(made, WebhookConfig)
    return made


def headers_of(made: Any) -> dict[str, str]:
    return {name: value.get_secret_value() for name, value in made.headers.items()}


def test_names_are_shown_and_values_are_not() -> None:
    view = masked(config())
    assert view["headers"] == {"Authorization": MASK, "X-Key": MASK}
    assert view["signing_secrets"] == [f"{MASK} 1", f"{MASK} 2"]
    assert (view["url"], view["url_query"]) == ("https://receiver.example/hook", MASK)
    assert secret_values(config()) == ("sig=abc", "Bearer one", "two", ONE, TWO)


def test_what_is_stored_apart_is_text_and_comes_back() -> None:
    public, secrets = split_secrets(config())
    assert not {"headers", "signing_secrets", "url_query"} & set(public)
    assert json.loads(secrets["headers"])["X-Key"] == "two"
    assert build("webhook", public, secrets) == config()


def test_a_header_that_comes_back_masked_is_kept_a_new_one_added_an_absent_one_forgotten() -> None:
    merged = merge_masked(config(), {**DATA, "headers": {"Authorization": MASK, "X-New": "three"}})
    assert headers_of(validate("webhook", merged)) == {"Authorization": "Bearer one", "X-New": "three"}


@pytest.mark.parametrize("text", ['{"Authorization": "••••••••", "X-New": "three"}'])
def test_the_same_as_json_text_of_a_form(text: str) -> None:
    merged = merge_masked(config(), {**DATA, "headers": text})
    assert headers_of(validate("webhook", merged))["Authorization"] == "Bearer one"


def test_a_masked_secret_of_a_list_says_which_it_was() -> None:
    kept = merge_masked(config(), {"signing_secrets": [f"{MASK} 2"]})
    assert kept == {"signing_secrets": [TWO]}
    rotated = merge_masked(config(), {"signing_secrets": ["whsec_new", f"{MASK} 1"]})
    assert rotated == {"signing_secrets": ["whsec_new", ONE]}


@pytest.mark.parametrize(
    ("label", "data"),
    [
        ("Signing secrets", {"signing_secrets": [f"{MASK} 2", f"{MASK} 7"]}),
        ("Signing secrets", {"signing_secrets": [f"{MASK} 0"]}),
        ("Signing secrets", {"signing_secrets": [f"{MASK} 70000"]}),
        ("Signing secrets", {"signing_secrets": [f"{MASK} 1", MASK, MASK]}),
        ("Headers", {"headers": {"Authorization": MASK, "X-Other": MASK}}),
        ("Headers", {"headers": '{"X-Other": "••••••••"}'}),
    ],
)
def test_a_mask_without_a_secret_behind_it_is_refused_by_its_label(label: str, data: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=f"^{label}: ") as caught:
        merge_masked(config(), {"url": DATA["url"], **data})
    assert caught.value.hint == "Enter the secret again, or remove it."


@pytest.mark.parametrize("empty", ["url_query", "headers", "signing_secrets"])
def test_a_mask_of_a_setting_that_holds_nothing_is_refused(empty: str) -> None:
    bare = validate("webhook", {"url": "https://receiver.example/hook"})
    with pytest.raises(ConfigurationError, match="no secret is stored"):
        merge_masked(bare, {"url": "https://receiver.example/hook", empty: MASK})


@pytest.mark.parametrize(
    "data", [{"headers": {"A": MASK, "B": "b"}}, {"secret_parameters": '{"pin": "••••••••"}'}, {MASK: MASK}]
)
def test_a_mask_is_refused_where_nothing_is_configured_and_no_typed_name_is_repeated(
    data: dict[str, Any],
) -> None:
    with pytest.raises(ConfigurationError, match="no secret is stored") as caught:
        merge_masked(None, {"url": DATA["url"], **data, "planted-name": MASK})
    assert "planted" not in str(caught.value)


def test_the_label_is_named_where_nothing_is_configured_but_the_kind_is_known() -> None:
    with pytest.raises(ConfigurationError, match=r"^Headers: "):
        merge_masked(None, {"headers": {"A": MASK}}, model=WebhookConfig)


def test_reused_secrets_and_a_moved_place_are_noticed() -> None:
    saved = config()
    assert reused_secrets(masked(saved)) == ["url_query", "headers", "signing_secrets"]
    assert reused_secrets({"headers": '{"A": "••••••••"}', "url": "x"}) == ["headers"]
    assert same_place(saved, {"url": "https://receiver.example/hook?other=1"})
    assert not same_place(saved, {"url": "https://evil.example/hook"})
    pagerduty = validate("pagerduty", {"integration_key": "x"})
    assert same_place(pagerduty, {"integration_key": MASK}), "the default address is the same place"
    assert not same_place(pagerduty, {"events_url": "https://evil.example"})


@pytest.mark.parametrize("headers", [{"Authorization": MASK}, '{"Authorization": "••••••••"}'])
def test_a_stored_secret_does_not_follow_to_another_address(headers: Any) -> None:
    with pytest.raises(ConfigurationError, match="address has changed") as caught:
        merge_masked(config(), {"url": "https://evil.example/hook", "headers": headers})
    assert "Headers" in caught.value.hint


@pytest.mark.parametrize("name", [*sorted(FORBIDDEN_HEADERS), "Host", "a b", "a:b", "", "x\ny", "ä"])
def test_a_header_of_the_connection_or_with_a_wrong_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        config(headers={name: "planted-value"})
    assert "planted-value" not in str(caught.value)


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "ü", "x" * 5000, "a\x00b"])
def test_a_header_value_cannot_carry_another_header(value: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        config(headers={"X-Key": value})
    assert value not in str(caught.value)


@pytest.mark.parametrize(
    "secrets",
    [
        ["plain"],
        ["whsec_"],
        ["whsec_!!!"],
        ["whsec_QUJD"],
        [ONE] * 1 + ["whsec_" + "QUJE" * 8] * 1 + [f"whsec_{'QUJ' + c}{'QUJD' * 7}" for c in "FGHI"],
    ],
)
def test_a_signing_secret_is_one_of_standard_webhooks(secrets: list[str]) -> None:
    with pytest.raises(InvalidConfiguration, match="Signing secrets"):
        config(signing_secrets=secrets)


def test_the_documentation_says_what_is_secret() -> None:
    table = field_table("webhook")
    assert "The values are secret." in table
    assert "Each of them is secret." in table
