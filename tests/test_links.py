"""Links to this product's own pages: which address they begin with, and what they never hold."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from soc.delivery.idempotency import key_of
from soc.domain.message import MESSAGES, announce, announcements, read_message
from soc.links import BATCHES, INCIDENTS, batch_url, incident_url
from soc.settings import Settings, get_settings
from soc.ui.kit.places import PLACES
from tests.integrations.examples import an_incident


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOC_PUBLIC_URL", "https://soc.example/ops/")
    get_settings.cache_clear()


@pytest.mark.usefixtures("public")
def test_a_link_begins_with_the_public_address_and_its_path() -> None:
    assert incident_url("inc-1") == "https://soc.example/ops/incidents?incident=inc-1"
    assert batch_url("bat-1") == "https://soc.example/ops/process_logs?batch=bat-1"


@pytest.mark.usefixtures("public")
def test_an_id_that_somebody_else_chose_stays_one_value() -> None:
    assert incident_url("a b&c=/#ü") == "https://soc.example/ops/incidents?incident=a%20b%26c%3D%2F%23%C3%BC"


def test_without_a_public_address_there_is_no_link() -> None:
    assert incident_url("inc-1") == batch_url("bat-1") == ""


@pytest.mark.usefixtures("public")
def test_without_an_id_there_is_no_link() -> None:
    assert incident_url(None) == incident_url("") == ""


def test_links_lead_to_pages_that_exist() -> None:
    assert {INCIDENTS, BATCHES} <= {place.name for place in PLACES}


@pytest.mark.parametrize(
    "address",
    [
        "soc.example", "ftp://soc.example", "https://", "https:///path", "https://soc.example/?a=b", "https://soc.example?",
        "https://soc.example/#top", "https://me:s3cret@soc.example", "https://soc.example:99999", "https://soc.example:0",
        "https://soc.example/a b", "https://soc.example/a\nb", "https://[::1", "javascript:alert(1)", "https://x/" + "a" * 500,
        "https://soc.example/a|b", "https://s\u00f6c.example",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(public_url=address)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        (" https://soc.example/ ", "https://soc.example"),
        ("http://[::1]:8501/", "http://[::1]:8501"),
        ("https://soc.example:8443/a/b//", "https://soc.example:8443/a/b"),
        ("", ""),
    ],
)
def test_an_address_is_kept_without_its_last_slash(address: str, kept: str) -> None:
    assert Settings(public_url=address).public_url == kept


@pytest.mark.parametrize("name", announcements())
def test_the_link_is_no_part_of_a_message_s_identity(name: str) -> None:
    told = [announce(name, an_incident(), due="2026-01-15", url=url) for url in ("", "https://soc.example/x")]
    assert len({key_of("any", one) for one in told}) == 1


@pytest.mark.parametrize("name", announcements())
def test_a_message_of_before_there_were_links_stays_without_one(name: str) -> None:
    payload = announce(name, an_incident(), due="2026-01-15").model_dump(mode="json")
    del payload["url"]
    assert read_message(payload).url == ""
    assert name in MESSAGES
