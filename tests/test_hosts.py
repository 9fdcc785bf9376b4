"""Host and Origin are read to the letter: what only looks like an own name is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soc.hosts import Host, Origin, parse_host, parse_origin, plain_address


@pytest.mark.parametrize(
    ("value", "host"),
    [
        ("localhost", Host("localhost")), ("LOCALHOST:1", Host("localhost", 1)), ("127.0.0.1:8501", Host("127.0.0.1", 8501)),
        ("[::1]", Host("::1")), ("[::1]:8501", Host("::1", 8501)), ("[0:0:0:0:0:0:0:1]:65535", Host("::1", 65535)),
        ("soc.corp.example:8443", Host("soc.corp.example", 8443)), ("soc_web", Host("soc_web")), ("xn--bcher-kva.example", Host("xn--bcher-kva.example")),
    ],
)  # fmt: skip
def test_a_name_and_a_port_are_read(value: str, host: Host) -> None:
    assert parse_host(value) == host


NO_HOSTS = [
    "", " ", "127.0.0.1:80.evil.com", "127.0.0.1:8501:evil.com", "127.0.0.1:80@evil.com", "user@127.0.0.1", "user:pw@localhost",
    "localhost.", "localhost.:80", "127.0.0.1.", "[::1].", "[::1]evil.com", "[::1]:80.evil.com", "[::1", "::1", "[localhost]",
    "[127.0.0.1]", "[::1%eth0]", "[::1%25lo]", "localhost:", "localhost:0", "localhost:080", "localhost:65536", "localhost:+80",
    "localhost:8e1", "localhost:-1", "localhost: 80", " localhost", "localhost ", "localhost\t", "localhost,evil.com",
    "localhost/", "localhost/evil", "localhost?x", "localhost#x", "localhost\\evil.com", "http://localhost", "//localhost",
    "*.localhost:*", "*", ".", "..", ".localhost", "local..host", "-localhost", "localhost-", "127.1", "127.0.0.01", "0177.0.0.1",
    "2130706433", "0x7f000001", "0x7f.0.0.1", "127.0.0.1.1", "1.2.3", "évil.example", "ｌocalhost", "localhost\x00", "localhost\r\nx: y",
    "localhost%2eevil.com", "a" * 64 + ".example", ".".join(["a" * 60] * 5), "localhost:８０", "localhost:٨٠",
]  # fmt: skip


@pytest.mark.parametrize("value", NO_HOSTS)
def test_what_is_no_host_to_the_letter_is_none(value: str) -> None:
    assert parse_host(value) is None


@given(st.text(max_size=12), st.text(max_size=12))
def test_nothing_around_a_local_name_leaves_it_one(before: str, after: str) -> None:
    host = parse_host(f"{before}localhost{after}")
    plain = not before and (not after or (after.startswith(":") and after[1:].isdecimal()))
    assert (host is not None and host.name == "localhost") <= plain


@pytest.mark.parametrize(
    ("value", "origin"),
    [
        ("http://127.0.0.1:8501", Origin("http", "127.0.0.1", 8501)), ("https://soc.example", Origin("https", "soc.example", 443)),
        ("HTTP://Soc.Example", Origin("http", "soc.example", 80)), ("http://[::1]:80", Origin("http", "::1", 80)),
    ],
)  # fmt: skip
def test_an_origin_always_has_a_port(value: str, origin: Origin) -> None:
    assert parse_origin(value) == origin


@pytest.mark.parametrize(
    "value",
    ["null", "", "http:", "http://", "//localhost", "localhost", "file://localhost", "ws://localhost", "chrome-extension://x",
     "http://localhost/", "http://u@localhost", "http://localhost:80:80", "http://localhost http://evil.example", "data:x"],
)  # fmt: skip
def test_what_is_no_web_sites_origin_is_none(value: str) -> None:
    assert parse_origin(value) is None


def test_a_sockets_spelling_of_an_address_is_read_as_a_host_has_it() -> None:
    said = ("::ffff:10.0.0.5", "10.0.0.5", "fe80::1%eth0", "/run/soc.sock", "")
    assert [plain_address(one) for one in said] == ["10.0.0.5", "10.0.0.5", "fe80::1", "", ""]
