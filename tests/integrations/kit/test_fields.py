"""Addresses as people paste them: what is taken, and what no address has."""

from __future__ import annotations

import pytest

from soc.integrations.kit.fields import checked_url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (" https://example.com/hook/\n", "https://example.com/hook"),
        ("https://exämple.com/büro", "https://exämple.com/büro"),
        ("https://例え.jp:8443/フック", "https://例え.jp:8443/フック"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        (
            "https://example.com/a%20b/~c;d=e,f|g@h:i!$&'()*+",
            "https://example.com/a%20b/~c;d=e,f|g@h:i!$&'()*+",
        ),
    ],
)
def test_an_address_is_kept_as_it_was_pasted(text: str, url: str) -> None:
    assert checked_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "https://x.example/\ud800",
        "https://x\udfff.example/",
        "https://example.com\0.evil/",
        "https://example.com/a\0",
        "https://example.com/a\x1fb",
        "https://exam\tple.com/",
        "https://example.com/a\nb",
        "https://example.com/a b",
        "https://example.com/a\u00a0b",
        "https://example.com/\u202egpj",
        "https://exam\u200bple.com/",
        "https://example.com/\x85a",
        "https://example.com\\@evil.example/",
        "https://example.com/<token>",
        'https://example.com/"a"',
        "https://example.com/{token}",
        "https://example.com/`a`",
    ],
)
def test_a_character_that_no_address_has_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        checked_url(text)
    assert "example" not in str(caught.value)
    assert "copy it again" in str(caught.value) or "no spaces" in str(caught.value)


@pytest.mark.parametrize("text", ["https://8.8.8.8:0/", "https://example.com:65536/", "https://[::1/"])
def test_a_port_or_host_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        checked_url(text)


def test_a_host_that_the_client_could_not_call_is_refused() -> None:
    with pytest.raises(ValueError, match="web address"):
        checked_url("https://☃\u0301\u0345..example/")
