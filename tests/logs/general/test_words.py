"""A key says the same however it is written."""

from __future__ import annotations

import pytest

from soc.logs.general.words import words_of


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("connSrcPort conn_src_port connsrcport conn.src.port CONN-SRC-PORT", "conn source port"),
        ("srcip SrcIP source_ip sourceIPAddress saddr sip", "source ip"),
        ("destinationIPv4Address dst_ipv6_addr daddr", "destination ip"),
        ("sourceIPs src_ips", "source ip"),
        ("SHA256 sha256 sha-256 sha_256", "sha256"),
        ("userName user_name username USERNAME", "user name"),
        ("commandLine cmdline command_line", "command line"),
        ("dvchost", "device host name"),
        ("qwertzuiop", "qwertzuiop"),
        ("", ""),
    ],
)
def test_spellings_of_one_meaning_are_the_same_words(keys: str, words: str) -> None:
    for key in keys.split(" "):
        assert list(dict.fromkeys(words_of(key))) == words.split(), key
