"""What people paste, in forms that nobody showed us first."""

from __future__ import annotations

import pytest

from soc.integrations.vendors.jira.fields.pasted import is_gateway, site_address
from soc.integrations.vendors.jira.fields.types import could_be_a_ticket
from soc.integrations.vendors.webhook.secret import clean_signing_secret

CLOUD_ID = "11223344-a1b2-3b33-c444-def123456789"
KEY = "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh"


@pytest.mark.parametrize("host", ["api.atlassian.com", "api.atlassian-us-gov-mod.com"])
def test_the_address_for_tokens_with_scopes_is_known_and_cut_to_the_site(host: str) -> None:
    site = f"https://{host}/ex/jira/{CLOUD_ID}"
    assert site_address(f"{site}/rest/api/3", cloud=True) == site
    assert is_gateway(site)


@pytest.mark.parametrize("written", ["whsec_", "WHSEC_", "Whsec_", "v1,WHSEC_"])
def test_a_signing_secret_is_known_in_any_case(written: str) -> None:
    assert clean_signing_secret(written + KEY) == f"whsec_{KEY}"


@pytest.mark.parametrize("name", ["Teilaufgabe", "Deeltaak", "Sottotask", "하위 작업"])
def test_a_sub_task_is_known_in_other_languages(name: str) -> None:
    assert not could_be_a_ticket(name)
    assert could_be_a_ticket("Aufgabe")
