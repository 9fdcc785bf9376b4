"""A webhook's address and signing secrets as people paste them."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from soc.integrations.registry import InvalidConfiguration, connect, masked, validate
from soc.integrations.vendors.webhook.config import WebhookConfig

KEY = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def saved(**changes: Any) -> WebhookConfig:
    config = validate("webhook", {"url": "https://hooks.example.org/hook", **changes})
    assert isinstance(config, WebhookConfig)
    return config


def test_a_user_and_password_in_the_address_are_sent_as_basic_authentication_and_kept_secret() -> None:
    sent: list[httpx.Request] = []
    config = saved(url="https://n8n:s3cr%40t@hooks.example.org/hook?token=abc")
    client = httpx.Client(transport=httpx.MockTransport(lambda r: sent.append(r) or httpx.Response(204)))
    assert connect("webhook", config, http=client).check().ok
    expected = "Basic " + base64.b64encode(b"n8n:s3cr@t").decode()
    assert (str(sent[0].url), sent[0].headers["authorization"]) == (
        "https://hooks.example.org/hook?token=abc",
        expected,
    )
    assert not {"n8n", "s3cr"} & set(str(masked(config)).replace("@", " ").split())
    assert "s3cr" not in str(masked(config))


def test_two_authorizations_are_one_too_many() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        saved(url="https://n8n:s3cret@hooks.example.org/hook", headers={"authorization": "Bearer x"})
    assert list(caught.value.fields) == ["url"]
    assert "s3cret" not in str(caught.value)
    again = saved(url="https://n8n:new@hooks.example.org/hook", headers={"authorization": "Basic b2xk"})
    assert list(again.headers) == ["Authorization"]


@pytest.mark.parametrize(
    "pasted",
    [
        f"whsec_{KEY}",
        f'"whsec_{KEY}"',
        f"v1,whsec_{KEY}",
        f"whsec_ {KEY}",
        f" whsec_{KEY}\n",
        [f"whsec_{KEY[:10]}\n{KEY[10:]}"],
        [f"‘whsec_{KEY}’"],
    ],
)
def test_a_signing_secret_is_the_same_however_it_was_pasted(pasted: Any) -> None:
    assert [one.get_secret_value() for one in saved(signing_secrets=pasted).signing_secrets] == [
        f"whsec_{KEY}"
    ]


def test_base64_for_addresses_and_without_its_padding_is_the_same_key() -> None:
    key = bytes(range(224, 254)) + b"\xfb\xff"
    url_safe = base64.urlsafe_b64encode(key).decode().rstrip("=")
    assert {"-", "_"} & set(url_safe)
    found = saved(signing_secrets=[f"whsec_{url_safe}"]).signing_secrets[0].get_secret_value()
    assert base64.b64decode(found.removeprefix("whsec_")) == key


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        (KEY, "write whsec_ before it"),
        ("whsec_c2hvcnQ=", "too short: 5 bytes"),
        ("whsec_" + "QUJD" * 40, "too long"),
        ("whsec_not base64!", "copy it again"),
        ("whsec_", "too short"),
        (f"whpk_{KEY}", "key pair"),
    ],
)
def test_what_is_no_signing_secret_is_explained(secret: str, words: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        saved(signing_secrets=[secret])
    assert words in caught.value.fields["signing_secrets"]
    assert KEY not in str(caught.value)
