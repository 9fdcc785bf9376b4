"""Who asks and as whom, in sentences of programs that no format knows: written after many products' ways to say it."""

from __future__ import annotations

import polars as pl
import pytest

from soc.logs.fields.extract import extract_fields

PEER = "203.0.113.9"
#: Lines with our own address (192.0.2.1) beside the peer's, or with the peer's in an odd place.
LOCATED = [
    "authentication failure; rhost=::ffff:203.0.113.9 user=root@pam",
    "LOGIN FAILED, user=bob, ip=[::ffff:203.0.113.9]",
    "Login failed for user `bob` from IP `203.0.113.9`.",
    "https://x.example|1709287933|user|203.0.113.9|https://x.example/user/login||Login attempt failed for bob.",
    "Registration from '\"7\" <sip:7@192.0.2.1>' failed for '203.0.113.9:5060' - Wrong password",
    "Auth error for 7@192.0.2.1 from 203.0.113.9 cause -2",
    "authenticator failed for ([192.0.2.1]) [203.0.113.9]: 535 Incorrect authentication data",
    "default AAA LOGIN_FAILED 7 0 : User bob - Client_ip 203.0.113.9 - Failure_reason",
    "AS_REQ (8 etypes) 203.0.113.9: PREAUTH_FAILED: bob@EX.ORG",
    "[192.0.2.1:22 <- 203.0.113.9:4000] failed password for bob",
    "08D,5,192.0.2.1:25,203.0.113.9:4000,>,535 Authentication unsuccessful,",
    "local addr 192.0.2.1:3478, remote addr 203.0.113.9:4000: login failed",
    "Host 192.0.2.1: login failed from 203.0.113.9",
    "Host: 192.0.2.1 IP: 203.0.113.9 login failed",
    "NAS 192.0.2.1, calling station 203.0.113.9: rejected",
    "login to 192.0.2.1 failed, 203.0.113.9",
    "requested https://192.0.2.1/login: invalid credentials (203.0.113.9)",
    "[127.0.0.1] authentication failed X-Forwarded-For 203.0.113.9",
    "listener 0.0.0.0:443: authentication failed 203.0.113.9:4000",
    "Chrome/116.0.0.0 Safari/537.36 authentication failed 203.0.113.9",
    "authentication failed;203.0.113.9;bob", "authentication failed: {203.0.113.9}", "authentication failed 203.0.113.9#4000",
    "authentication failed for *bob* *203.0.113.9*", "authentication failed -203.0.113.9- bob", "closed ip=>203.0.113.9< too early",
]  # fmt: skip
#: Lines by the name that they give the user.
NAMED = {
    "bob": [
        'Authentication request for "bob" has been denied', "User [bob] from [203.0.113.9] failed to log in via [DSM]",
        "Non-existent login as bob from 203.0.113.9", "Login failed for bob against localhost from 203.0.113.9.",
        "Authentication failed for user [bob]", "authenticator failed for (User) [203.0.113.9]: 535 (set_id=bob)",
        "failed login on / for bob from 203.0.113.9", "Login failed: user bob from 203.0.113.9 (RMCP+)", "failed auth for bob",
        "Failed login attempt with login 'bob' from IP 203.0.113.9", "5 failed login attempts. Account 'bob'",
        "Authentication of [bob] was terminated by realm [reserved]", "Web GUI authentication error for 'bob' from 203.0.113.9",
        '[bob] FAIL LOGIN: Client "203.0.113.9"', "EAP method EAP_MSCHAPV2 failed for peer bob", "login failure [cause|Wrong password][login|bob]", "Login failed for db:shop login:bob from 203.0.113.9",
        "Primary authentication failed for bob/LDAP from 203.0.113.9", "PLAIN login refused: user 'bob' - invalid credentials",
    ],
    "bob@example.com": ["authentication failed for [bob@example.com] (invalid password)", "Failed c2s PLAIN authentication for bob@example.com from 203.0.113.9"],
    "7": ["Authentication failed for 7 from 203.0.113.9"],
    "": [
        "Login attempt for nonexistent user from 203.0.113.9:4000", "Wrong certificate or password for existing user", "user denied",
        "Auth Username/Password verification failed for peer", "Unauthorized user attempting to access the page from 203.0.113.9",
        "Enter a valid email or username and/or password.", "Invalid password : user = ***** : 203.0.113.9", "authentication failed user=--",
        "login attempt failed", "ciod: LOGIN chdir(/p/a) failed: No such file or directory", "access denied for module in chain",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def read() -> dict[str, dict[str, str | None]]:
    """What was read of every line, in one go."""
    lines = [*LOCATED, *(line for some in NAMED.values() for line in some)]
    fields = extract_fields(pl.Series(lines))[0].select("source.ip", "user.name")
    return dict(zip(lines, fields.to_dicts(), strict=True))


def test_of_several_addresses_the_one_who_asks_is_the_source(
    read: dict[str, dict[str, str | None]],
) -> None:
    assert {line: found for line in LOCATED if (found := read[line]["source.ip"]) != PEER} == {}


def test_a_sentence_about_a_login_names_the_account_or_nobody(
    read: dict[str, dict[str, str | None]],
) -> None:
    wrong = {
        line: found for name, some in NAMED.items() for line in some if (found := read[line]["user.name"]) != (name or None)
    }  # fmt: skip
    assert wrong == {}


def test_a_version_is_no_address_and_an_address_of_our_own_alone_is_better_than_none() -> None:
    fields = extract_fields(pl.Series(["tool 1.2.3.4+dfsg started", "x/1.2.3.4 started", "connected to 192.0.2.1 at last"]))[0]  # fmt: skip
    assert fields["source.ip"].to_list() == [None, None, "192.0.2.1"]


@pytest.mark.parametrize(
    ("line", "asks"),
    [
        ("resolver answered A 192.0.2.53 for shop.example", None),
        ("reply www.example.org is 192.0.2.53", None),
        ("www.example.org resolved to 192.0.2.53 in 3 ms", None),
        ("query[A] www.example.org from 203.0.113.9", PEER),
        ("answered A 192.0.2.53 to client 203.0.113.9", PEER),
        ("replied to 203.0.113.9 in 3 ms", PEER),
    ],
)
def test_what_a_name_is_answered_with_asks_nothing(line: str, asks: str | None) -> None:
    assert extract_fields(pl.Series([line]))[0]["source.ip"].to_list() == [asks]


def test_two_ends_beside_each_other_are_who_asks_and_whom_unless_the_first_is_a_server_s() -> None:
    ends = ["source.ip", "source.port", "destination.ip", "destination.port"]
    both = ("203.0.113.9", "40001", "192.0.2.7", "25")
    wanted: dict[str, tuple[str | None, ...]] = {
        "IP 203.0.113.9.40001 > 192.0.2.7.25: Flags [S], seq 1": both,
        "block in on em0: 203.0.113.9:40001 > 192.0.2.7:25: S": both,
        "Deny TCP 203.0.113.9:40001 192.0.2.7:25 in via em0": both,
        "08D,5,192.0.2.7:25 203.0.113.9:4000 >": ("203.0.113.9", None, None, None),
        "release 10.2.3.4.5 > 10.2.3": (None, None, None, None),
    }
    fields = extract_fields(pl.Series(list(wanted)))[0].select(ends).cast(pl.String)
    assert dict(zip(wanted, fields.iter_rows(), strict=True)) == wanted


def test_a_level_in_small_letters_and_a_user_between_his_address_and_his_rights_are_read() -> None:
    lines = [
        "Hostd: info hostd[2099571] [Originator@6876 sub=x] Event 4400 : one came",
        "Event [1] [2026-03-02T12:04:05Z] [vim.event.Gone] [error] [] [x]",
        "for information only: errors [none] there",
        "vpn01 - [203.0.113.9] kim(Users)[Staff] - Login failed using server x",
    ]
    fields = extract_fields(pl.Series(lines))[0]
    assert fields["log.level"].to_list() == ["info", "error", None, None]
    assert fields["user.name"].to_list() == [None, None, None, "kim"]
