"""Windows events as people are shown them: sections and labels, whatever stands between the lines."""

from __future__ import annotations

import pytest

from soc.logs.windows.rendered import event_of_text

FAILED = (
    "An account failed to log on.\r\n\r\nSubject:\r\n\tSecurity ID:\t\tS-1-5-18\r\n\tAccount Name:\t\tDC1$\r\n\tAccount Domain:\t\tCORP\r\n\r\n"
    "Logon Type:\t\t\t3\r\n\r\nAccount For Which Logon Failed:\r\n\tSecurity ID:\t\tS-1-0-0\r\n\tAccount Name:\t\teve\r\n\tAccount Domain:\t\tLAB\r\n\r\n"
    "Network Information:\r\n\tWorkstation Name:\tKALI\r\n\tSource Network Address:\t192.0.2.7\r\n\tSource Port:\t\t4410\r\n"
)
#: How agents put the message on one line.
WAYS = {
    "as it is": FAILED,
    "octal": FAILED.replace("\r\n", "#015#012").replace("\t", "#011"),
    "escapes": FAILED.replace("\r\n", "\\r\\n").replace("\t", "\\t"),
    "blanks": " ".join(FAILED.split("\r\n")).replace("\t", "  "),
    "one blank": " ".join(FAILED.split()),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_account_is_told_by_its_section(way: str) -> None:
    found = event_of_text(WAYS[way]) or {}
    wanted = {
        "event.code": "4625",
        "user.name": "eve",
        "user.domain": "LAB",
        "source.ip": "192.0.2.7",
        "source.port": "4410",
        "event.outcome": "failure",
        "winlog.logon.type": "3",
    }
    assert {name: found.get(name) for name in wanted} == wanted


def test_of_a_change_the_subject_acts_on_the_target() -> None:
    found = (
        event_of_text(
            "A user account was created.\n\nSubject:\n\tAccount Name:\tadmin\n\nNew Account:\n\tAccount Name:\tmallory\n"
        )
        or {}
    )
    assert (found["user.name"], found["user.target.name"], found["event.code"]) == (
        "admin",
        "mallory",
        "4720",
    )


def test_the_name_of_a_domain_ends_the_account_before_it() -> None:
    text = "The audit log was cleared. Subject: Security ID: S-1-5-21-7 Account Name: eve Domain Name: LAB Logon ID: 0x3E7"
    found = event_of_text(text) or {}
    assert (found["user.name"], found["user.domain"]) == ("eve", "LAB")


def test_a_process_has_a_path_a_command_and_a_parent() -> None:
    found = (
        event_of_text(
            "A new process has been created.\n\nCreator Subject:\n\tAccount Name:\teve\n\nProcess Information:\n\tNew Process ID:\t0x10\n\tNew Process Name:\tC:\\a\\nc.exe\n\tCreator Process Name:\tC:\\b\\cmd.exe\n\tProcess Command Line:\tnc -l 4410\n"
        )
        or {}
    )
    assert (
        found["process.name"],
        found["process.pid"],
        found["process.parent.name"],
        found["process.command_line"],
        found["user.name"],
    ) == ("nc.exe", "16", "cmd.exe", "nc -l 4410", "eve")


def test_a_text_without_a_known_sentence_is_no_event() -> None:
    assert event_of_text("Account Name: eve Security ID: 7") is None
