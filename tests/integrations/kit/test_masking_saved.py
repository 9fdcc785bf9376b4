"""Masks that come back through saving: kept where they stand for something, refused where they do not."""

from __future__ import annotations

from typing import Any

import pytest

from soc.configuration.save import save_configuration
from soc.configuration.state import integration_state
from soc.domain.actor import AT_A_PAGE
from soc.errors import ConfigurationError
from soc.integrations.in_force import load_config
from soc.integrations.kit.declared import split_secrets
from soc.integrations.kit.redaction import MASK
from soc.store.migrate import migrate

SIGNING = ["whsec_" + "QUJD" * 8, "whsec_" + "QUJE" * 8]
WEBHOOK: dict[str, Any] = {"url": "https://receiver.example/hook", "signing_secrets": SIGNING}


def _secrets(kind: str) -> dict[str, str]:
    config = load_config(kind)
    assert config is not None
    return split_secrets(config)[1]


def test_events_never_lose_their_signing_secrets_to_a_mask_that_stands_for_none() -> None:
    migrate()
    save_configuration("webhook", WEBHOOK, actor=AT_A_PAGE)
    before = _secrets("webhook")
    for masks in ([f"{MASK} 2", f"{MASK} 7"], [f"{MASK} 3"]):
        with pytest.raises(ConfigurationError, match="Signing secrets"):
            save_configuration("webhook", {**WEBHOOK, "signing_secrets": masks}, actor=AT_A_PAGE)
    assert _secrets("webhook") == before
    save_configuration("webhook", {**WEBHOOK, "signing_secrets": [f"{MASK} 2"]}, actor=AT_A_PAGE)
    with pytest.raises(ConfigurationError, match="Signing secrets"):
        save_configuration("webhook", {**WEBHOOK, "signing_secrets": [f"{MASK} 2"]}, actor=AT_A_PAGE)
    assert SIGNING[1] in _secrets("webhook")["signing_secrets"]


def test_the_masks_of_a_configuration_from_the_environment_can_be_saved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    migrate()
    monkeypatch.setenv("WEBHOOK_URL", "https://receiver.example/hook?sig=abc")
    monkeypatch.setenv("WEBHOOK_SIGNING_SECRETS", ",".join(SIGNING))
    shown = integration_state("webhook").masked
    assert shown["signing_secrets"] == [f"{MASK} 1", f"{MASK} 2"]
    before = _secrets("webhook")
    save_configuration("webhook", shown, actor=AT_A_PAGE)
    assert integration_state("webhook").source == "store"
    assert _secrets("webhook") == before
