"""Spraying: many accounts of one address, few failures each; and lines of syslog that stand for several."""

from __future__ import annotations

from tests.logs.reading import read

FOUND = "auth.spraying"
_LINE = "Mar  1 02:{m:02d}:{s:02d} web1 sshd[7]: {said} password for {who}user{n} from {ip} port 40 ssh2\n"


def logins(*accounts: str, said: str = "Failed", who: str = "", ip: str = "203.0.113.9") -> str:
    return "".join(
        _LINE.format(m=at // 60, s=at % 60, said=said, who=who, n=name, ip=ip)
        for at, name in enumerate(accounts)
    )


def test_few_failures_at_each_of_many_accounts_are_one_grave_incident() -> None:
    (found,) = read(logins(*"abcdefgh", *"abcdefgh")).of(FOUND)
    assert (found.entity, found.score, found.count) == ("203.0.113.9", 8, 16)
    assert found.reasons[0].title == "16 failed logins of 203.0.113.9 at 8 accounts"


def test_few_accounts_many_tries_strangers_and_who_gets_in_from_there_are_no_spraying() -> None:
    for log in (
        logins(*"abcdefg"), logins(*"abcdefgh", *"aaaaaaaaa"), logins(*"abcdefgh", *"abcdefgh", *"abcd"), logins(*"abcdefgh", who="invalid user "),
        logins(*"abcdefgh") + logins("a", said="Accepted"), logins(*"abcd") + logins(*"efgh", ip="203.0.113.10"),
    ):  # fmt: skip
        assert read(log).of(FOUND) == [], log


def test_a_line_that_syslog_repeated_counts_as_often_as_it_says() -> None:
    def guessed(times: int) -> str:
        again = f"Mar  1 02:00:07 web1 sshd[7]: message repeated {times} times: [ Failed password for usera from 203.0.113.9 port 40 ssh2]\n"
        return logins("a") + again + _LINE.format(m=1, s=0, said="Accepted", who="", n="a", ip="203.0.113.9")

    (found,) = read(guessed(4)).of("auth.brute-force-success")
    assert "5 failed logins of 203.0.113.9" in found.reasons[0].title
    assert read(guessed(3)).of("auth.brute-force-success") == []
