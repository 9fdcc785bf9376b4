from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from soc.integrations.kit.redaction import MASK, redact, shown

SECRET = "s3cr3t/+value="


@pytest.mark.parametrize("form", [SECRET, quote(SECRET, safe=""), base64.b64encode(SECRET.encode()).decode()])
def test_a_known_secret_goes_in_every_form(form: str) -> None:
    assert redact(f"a {form} b", [SECRET]) == f"a {MASK} b"


@pytest.mark.parametrize(
    "text",
    [
        "xoxb-123-abcDEF", "Bearer abcdef123", "Basic dXNlcjpwYXNz", "whsec_MfKQ9r8G", "Token token=abcdef",
        "https://user:hunter22@host/x", "https://host/x?token=hunter22", "https://h/?a=1&api_key=hunter22", "key_hash=hunter22",
    ],
)  # fmt: skip
def test_what_looks_like_a_credential_goes_too(text: str) -> None:
    clean = redact(text)
    assert MASK in clean
    assert not any(word in clean for word in ("hunter22", "abcDEF", "abcdef", "dXNl", "MfKQ"))


def test_shown_text_is_one_short_line() -> None:
    assert shown("a\r\n\x00 b\u2028c") == "a b c"
    assert len(shown("x" * 5000)) == 300


def test_the_longer_of_two_secrets_goes_first() -> None:
    assert redact("abcdef", ["abc", "abcdef"]) == MASK
