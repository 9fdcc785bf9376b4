"""PagerDuty's keys, ids and addresses as people paste them."""

from __future__ import annotations

import pytest

from soc.integrations.registry import InvalidConfiguration, validate
from soc.integrations.vendors.pagerduty.config import PagerDutyConfig

KEY, TOKEN = "R0123456789abcdef0123456789ABCDE", "y_NbAkKc66ryYTWUXYEu"


def saved(**changes: str) -> PagerDutyConfig:
    config = validate("pagerduty", {"integration_key": KEY, **changes})
    assert isinstance(config, PagerDutyConfig)
    return config


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"integration_key": TOKEN}, "integration_key", "REST API key"),
        ({"rest_token": KEY}, "rest_token", "belongs above"),
        ({"integration_key": TOKEN, "rest_token": KEY}, "integration_key", "swapped"),
        ({"integration_key": "PABC123"}, "integration_key", "id of a service"),
        ({"integration_key": "soc@acme.pagerduty.com"}, "integration_key", "e-mail"),
        ({"events_url": "https://acme.pagerduty.com"}, "events_url", "page of PagerDuty"),
        ({"events_url": "https://api.pagerduty.com"}, "events_url", "the same"),
        ({"service_id": "SOC on call"}, "service_id", "such as PXXXXXXXX"),
    ],
)
def test_what_stands_in_the_wrong_place_is_said_once(changes: dict[str, str], field: str, words: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        saved(**changes)
    assert list(caught.value.fields) == [field]
    assert words in caught.value.fields[field]
    assert TOKEN not in str(caught.value)


def test_keys_ids_and_addresses_are_found_in_what_was_pasted() -> None:
    config = saved(
        integration_key=f"https://events.pagerduty.com/integration/{KEY}/enqueue",
        rest_token=f'"Token token={TOKEN}"'.strip('"'),
        service_id="https://acme.pagerduty.com/service-directory/PABC123?tab=integrations",
        escalation_policy_id="https://acme.pagerduty.com/escalation_policies#PDEF456",
        events_url="https://events.eu.pagerduty.com/v2/enqueue",
        base_url="https://api.eu.pagerduty.com/services/",
    )
    assert (config.integration_key.get_secret_value(), config.rest_token.get_secret_value()) == (KEY, TOKEN)
    assert (config.service_id, config.escalation_policy_id) == ("PABC123", "PDEF456")
    assert config.events_url == "https://events.eu.pagerduty.com"
    assert config.base_url == "https://api.eu.pagerduty.com"
