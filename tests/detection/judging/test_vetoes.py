"""Words such as `failed=0` take the meaning from single words and levels that they overlap, from nothing else."""

from __future__ import annotations

import pytest

from tests.logs.reading import read


def rules(line: str) -> str | None:
    ((rule,),) = read(line + "\n").cells("rule_id")
    return rule  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "line",
    ["job ok=4 failed=0", "0 errors, no failures", "denied: none", '{"error": null}', "never failed", "err: ok",
     "see error_log", "without any errors", "failures = 0", "no problems, no corruption"],
)  # fmt: skip
def test_what_says_that_nothing_happened_is_not_an_error(line: str) -> None:
    assert rules(line) is None


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("scan done: no malware found", "word.failed"), ("no intrusion detected", "threat.intrusion"),
        ("no authentication failures", "auth.pam-failure"), ("0 authentication failures=0", "auth.pam-failure"),
        ("no failed password for bob", "auth.failed-password"), ("no failed password for bob", "behaviour.failed-login"),
        ("user bob is not authorized to perform: x:Get", "behaviour.failed-login"),
        ("no breach: 0 security breach", "threat.breach"),
    ],
)  # fmt: skip
def test_what_says_that_no_attack_was_is_not_one(line: str, rule: str) -> None:
    assert rules(line) != rule


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        # elsewhere in the line
        ("cannot open the door, errors=0", "word.failed"),
        ("ERROR: job ended with failed=0", "level.error"),
        ("intrusion detected, no malware", "threat.intrusion"),
        ("no malware: ERROR at line 7", "level.error"),
        ("failed=0 WARN", "level.warning"),
        # overlapped, but more than a word
        ("Access denied=0", "auth.permission-denied"),
        ("errors=0 Failed password for bob", "behaviour.failed-login"),
        ("no ransomware, errors=0", "threat.ransomware"),
        # not zero
        ("failed=1", "flow.fatal-task"), ("errors=10", "word.failed"), ("error=nothing", "word.failed"),
    ],
)  # fmt: skip
def test_it_silences_nothing_else(line: str, rule: str) -> None:
    assert rules(line) == rule


def test_a_veto_in_one_line_does_not_reach_the_next() -> None:
    done = read("errors=0\ncannot open\nfailed=0\nERROR x\n")
    assert done.cells("rule_id") == [(None,), ("word.failed",), (None,), ("level.error",)]
