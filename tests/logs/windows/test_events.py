"""Windows events: their numbers, their data, in each shape of JSON; and binary logs that are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from soc.domain.event import ECS_FIELDS
from soc.logs.opening.bounds import UNBOUNDED
from soc.logs.opening.event_log import MAGIC, write_records
from soc.logs.windows.event_ids import EVENT_IDS, log_of, meaning_of
from soc.logs.windows.fields import read_event

AUDIT, SYSMON = "Microsoft-Windows-Security-Auditing", "Microsoft-Windows-Sysmon"
WORDS = {"authentication", "configuration", "driver", "file", "host", "iam", "malware", "network", "process", "registry", "session"}  # fmt: skip


def event(code: int, channel: str, provider: str, data: dict[str, Any], **system: Any) -> dict[str, Any]:
    """As a binary log gives it."""
    head = {
        "Provider": {"#attributes": {"Name": provider}},
        "EventID": code,
        "Channel": channel,
        "Computer": "ws1.example.org",
        "TimeCreated": {"#attributes": {"SystemTime": "2026-03-01T02:05:00.5Z"}},
        **system,
    }
    return {"Event": {"System": head, "EventData": data}}


def test_every_row_of_the_table_has_words_of_ecs() -> None:
    assert {one.category for one in EVENT_IDS.values()} <= WORDS
    assert {one.outcome for one in EVENT_IDS.values()} == {"", "success", "failure"}
    assert len(EVENT_IDS) > 200


def test_a_number_means_something_only_in_its_log() -> None:
    assert meaning_of("Security", AUDIT, "4625").action == "logon-failed"  # type: ignore[union-attr]
    assert meaning_of("Application", "MSSQLSERVER", "4625") is None
    assert log_of("", "Service Control Manager") == "system"
    assert log_of("Security", "Microsoft-Windows-Eventlog") == "security"


@pytest.mark.parametrize(
    ("record", "action"),
    [
        ({"EventID": 1102, "SubjectUserName": "eve", "Message": "Le journal d'audit a été effacé."}, "audit-log-cleared"),
        ({"EventCode": "4625", "TargetUserName": "eve", "SubjectUserSid": "S-1-0-0"}, "logon-failed"),
        ({"EventID": 1102, "SubjectUserName": "eve", "Channel": "Application"}, None),
        ({"EventID": 1102, "SubjectUserName": "eve", "ProviderName": "Contoso-Backup"}, None),
        ({"EventID": 1102, "UserName": "eve"}, None),
    ],
)  # fmt: skip
def test_a_record_that_names_no_log_is_of_security_where_its_data_are(
    record: dict[str, Any], action: str | None
) -> None:
    assert (read_event(record) or {}).get("event.action") == action


def test_a_failed_logon_tells_who_came_from_where_and_how() -> None:
    data = {
        "SubjectUserName": "WS1$", "TargetUserName": "admin", "TargetDomainName": "CORP", "LogonType": 3,
        "IpAddress": "::ffff:203.0.113.9", "IpPort": "51000", "ProcessId": "0x2a", "ProcessName": "C:\\Windows\\lsass.exe",
    }  # fmt: skip
    found = read_event(event(4625, "Security", AUDIT, data, Keywords="0x8010000000000000")) or {}
    assert set(found) <= {*ECS_FIELDS, "@timestamp"}
    assert (found["user.name"], found["user.domain"], found["winlog.logon.type"]) == ("admin", "CORP", "3")
    assert (found["source.ip"], found["source.port"]) == ("203.0.113.9", "51000")
    assert (found["process.pid"], found["process.name"]) == ("42", "lsass.exe")
    assert (found["event.category"], found["event.outcome"]) == ("authentication", "failure")
    assert (found["host.name"], found["@timestamp"]) == ("ws1.example.org", "2026-03-01T02:05:00.5Z")


def test_who_adds_somebody_to_a_group_acts_on_the_member() -> None:
    data = {"MemberName": "CN=eve", "TargetUserName": "Domain Admins", "SubjectUserName": "alice", "SubjectDomainName": "CORP"}  # fmt: skip
    found = read_event(event(4728, "Security", AUDIT, data)) or {}
    assert [found[name] for name in ("user.name", "user.target.name", "group.name")] == ["alice", "CN=eve", "Domain Admins"]  # fmt: skip


def test_sysmon_tells_the_process_its_parent_and_its_hashes() -> None:
    data = {
        "Image": "C:\\Tools\\a.exe", "CommandLine": "a.exe -x", "ProcessId": 7, "User": "CORP\\alice",
        "ParentImage": "C:\\Windows\\cmd.exe", "ParentProcessId": 6, "Hashes": f"MD5={'A' * 32},SHA256={'B' * 64}",
    }  # fmt: skip
    found = read_event(event(1, "Microsoft-Windows-Sysmon/Operational", SYSMON, data)) or {}
    assert [found[name] for name in ("process.name", "process.parent.name", "user.name", "user.domain")] == ["a.exe", "cmd.exe", "alice", "CORP"]  # fmt: skip
    assert (found["file.hash.md5"], found["file.hash.sha256"]) == ("a" * 32, "b" * 64)


@pytest.mark.parametrize(
    "record",
    [
        {"EventID": 4625, "Channel": "Security", "SourceName": AUDIT, "Hostname": "ws1", "TargetUserName": "admin"},
        {"EventID": 4625, "Channel": "Security", "Computer": "ws1", "EventData": {"TargetUserName": "admin"}},
        {"winlog": {"event_id": 4625, "channel": "Security", "provider_name": AUDIT, "computer_name": "ws1", "event_data": {"TargetUserName": "admin"}}},
        {"Event": {"System": {"EventID": {"#text": "4625"}, "Channel": "Security", "Computer": "ws1"},
                   "EventData": {"Data": [{"@Name": "TargetUserName", "#text": "admin"}]}}},
    ],
)  # fmt: skip
def test_the_other_shapes_say_the_same(record: dict[str, Any]) -> None:
    found = read_event(record) or {}
    assert [found[name] for name in ("event.code", "host.name", "user.name", "event.outcome")] == ["4625", "ws1", "admin", "failure"]  # fmt: skip


@pytest.mark.parametrize(
    "record", [[], None, 7, {}, {"Event": 1}, {"EventID": 1}, {"Event": {"System": {}}}, {"winlog": []}]
)
def test_what_is_no_event_of_windows_is_none(record: Any) -> None:
    assert read_event(record) is None


@pytest.mark.parametrize(
    "odd", [{"ProcessId": "0x"}, {"ProcessId": "0xzz"}, {"Hashes": "=,=="}, {"User": "\\"}]
)
def test_odd_data_breaks_nothing(odd: dict[str, str]) -> None:
    found = read_event(event(1, "Microsoft-Windows-Sysmon/Operational", SYSMON, odd))
    assert found is not None
    assert orjson.dumps(found)


@pytest.mark.parametrize("rest", [b"", bytes(64), b"\xff" * 70_000, bytes(range(256)) * 300])
def test_a_binary_log_that_is_damaged_says_so(rest: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.evtx"
    path.write_bytes(MAGIC + rest)
    _, error = write_records(path, tmp_path / "out", 1_000_000, UNBOUNDED)
    assert "no record can be read" in error
    assert (tmp_path / "out").read_bytes() == b""
