"""The address guard: which addresses a connection may go to, whatever name they hide behind."""

from __future__ import annotations

import pytest

from soc.integrations.kit import addresses
from soc.integrations.kit.addresses import AddressGuard

NEVER = [
    "169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192", "169.254.1.1",
    "224.0.0.1", "239.255.255.250", "255.255.255.255", "0.0.0.0", "0.1.2.3",
    "fd00:ec2::254", "fd20:ce::254", "fe80::1", "fe80::1%eth0", "ff02::1", "::",
    "::ffff:169.254.169.254", "::169.254.169.254", "::ffff:0:169.254.169.254", "64:ff9b::169.254.169.254",
    "64:ff9b:1::169.254.169.254", "2002:a9fe:a9fe::1", "2001:0:4136:e378:8000:63bf:5601:5601",
    "2001:db8::5efe:169.254.169.254", "::ffff:0.0.0.0", "::ffff:224.0.0.1",
]  # fmt: skip
LISTED_ONLY = [
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
    "192.0.0.1", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "240.0.0.1",
    "::1", "fc00::1", "fd12:3456::1", "fec0::1", "2001:db8::1", "2001:2::1", "3fff::1", "100::1", "4000::1", "5f00::1",
    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::8.8.8.8", "64:ff9b:1::10.0.0.1",
    "2002:7f00:1::1", "2002:0808:0808::1", "2001:0:4136:e378:8000:63bf:80ff:fffe",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "172.15.0.1",
    "172.32.0.1",
    "100.63.0.1",
    "2606:4700::1111",
    "2a00:1450:4001::5",
]


def judge(
    address: str, *allowed: str, host: str = "vendor.example", port: int = 443, secure: bool = True
) -> bool:
    return AddressGuard(allowed).judge(host, port, address, secure=secure).allowed


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_refused_even_when_an_entry_names_them(address: str) -> None:
    bare = address.partition("%")[0]
    assert not judge(address)
    assert not judge(address, bare, "vendor.example", "0.0.0.0/0", "::/0")


@pytest.mark.parametrize("address", LISTED_ONLY)
def test_private_and_reserved_addresses_need_an_entry(address: str) -> None:
    assert not judge(address)
    assert judge(address, "vendor.example")


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_need_https_or_an_entry(address: str) -> None:
    assert judge(address)
    assert not judge(address, secure=False)
    assert judge(address, "vendor.example", secure=False)


@pytest.mark.parametrize(
    ("entry", "allowed"),
    [
        ("10.1.2.3", True),
        ("10.1.2.3:8080", True),
        ("10.1.2.3:8081", False),
        ("10.0.0.0/8", True),
        ("10.2.0.0/16", False),
        ("jira.corp", True),
        ("JIRA.corp.", True),
        ("jira.corp:8080", True),
        ("jira.corp:443", False),
        ("corp", False),
        ("evil-jira.corp", False),
    ],
)
def test_an_entry_is_a_host_an_address_or_a_range_with_or_without_a_port(entry: str, allowed: bool) -> None:
    assert judge("10.1.2.3", entry, host="jira.corp", port=8080, secure=False) is allowed


def test_a_v6_entry_takes_a_port_in_brackets() -> None:
    assert judge("::1", "[::1]:8080", host="::1", port=8080)
    assert not judge("::1", "[::1]:8080", host="::1", port=8081)


@pytest.mark.parametrize("entry", ["http://x/", "a:b", "x:0", "x:99999", ":80", "10.0.0.0/99"])
def test_a_malformed_entry_is_refused_at_once(entry: str) -> None:
    with pytest.raises(ValueError):
        AddressGuard([entry])


def test_a_listed_translation_prefix_does_not_open_private_addresses_behind_it() -> None:
    assert judge("64:ff9b::8.8.8.8", "64:ff9b::/96")
    assert not judge("64:ff9b::10.0.0.1", "64:ff9b::/96")


def test_the_process_can_allow_its_own_sandbox_and_take_it_back() -> None:
    guard = AddressGuard()
    addresses.allow("127.0.0.1:4010")
    try:
        assert guard.judge("127.0.0.1", 4010, "127.0.0.1", secure=False).allowed
        assert not guard.judge("127.0.0.1", 4011, "127.0.0.1", secure=False).allowed
    finally:
        addresses.disallow("127.0.0.1:4010")
    assert not guard.judge("127.0.0.1", 4010, "127.0.0.1", secure=False).allowed


def test_a_verdict_says_why() -> None:
    verdict = AddressGuard().judge("jira.corp", 443, "10.1.2.3", secure=True)
    assert "10.1.2.3 is private" in verdict.reason
    assert "SOC_ALLOWED_HOSTS" in verdict.reason
