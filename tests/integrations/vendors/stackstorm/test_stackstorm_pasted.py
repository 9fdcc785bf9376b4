"""StackStorm's address and key as people paste them."""

from __future__ import annotations

import pytest

from soc.integrations.registry import InvalidConfiguration, validate
from soc.integrations.vendors.stackstorm.config import StackStormConfig


def saved(**changes: str) -> StackStormConfig:
    config = validate("stackstorm", {"base_url": "https://st2.example", "api_key": "a-key", **changes})
    assert isinstance(config, StackStormConfig)
    return config


@pytest.mark.parametrize(
    ("pasted", "api"),
    [
        ("https://st2.example/", "https://st2.example/api/v1"),
        ("https://st2.example/api", "https://st2.example/api/v1"),
        ("https://st2.example/api/v1/executions?limit=1", "https://st2.example/api/v1"),
        ("https://st2.example/#/actions", "https://st2.example/api/v1"),
        ("https://st2.example/auth/v1/tokens", "https://st2.example/api/v1"),
        ("https://tools.example/st2/api/v1/", "https://tools.example/st2/api/v1"),
        ("https://st2.example:9101/v1", "https://st2.example:9101/v1"),
        ("https://st2.example:9101/v1/actions", "https://st2.example:9101/v1"),
        ("https://api.st2.example", "https://api.st2.example/api/v1"),
    ],
)
def test_an_address_is_cut_to_where_stackstorm_is(pasted: str, api: str) -> None:
    assert saved(base_url=pasted).api_url == api


def test_a_key_is_taken_with_its_header_and_a_token_is_explained() -> None:
    assert saved(api_key="St2-Api-Key: a-key").api_key.get_secret_value() == "a-key"
    with pytest.raises(InvalidConfiguration, match="st2 apikey create"):
        saved(api_key="0123456789abcdef0123456789abcdef")
