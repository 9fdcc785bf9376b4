"""Records written as pairs of another kind: an audit daemon's, a firewall's with colons, Windows events as XML and as pairs of a header."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from soc.logs.fields.extract import extract_fields
from soc.logs.general.audit import audit_pairs
from soc.logs.windows.xml import event_of_xml


def fields(line: str) -> dict[str, Any]:
    found, _ = extract_fields(pl.Series([line]))
    return {name: value for name, value in found.row(0, named=True).items() if value is not None}


def holds(line: str, **wanted: Any) -> None:
    found = fields(line)
    assert {name: found.get(name.replace("_", ".", 1)) for name in wanted} == wanted


def command(line: str) -> str:
    keys, values = audit_pairs(line) or ([], [])
    return dict(zip(keys, values, strict=True)).get("process command line", "")


AT = "msg=audit(1772330400.123:77):"


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (f'type=EXECVE {AT} argc=3 a0="nc" a1="-l" a2="4410"', "nc -l 4410"),
        (f'type=EXECVE {AT} argc=3 a0="sh" a1="-c" a2=69642026262077686F616D69', "sh -c id && whoami"),
        (f"type=EXECVE {AT} argc=11 " + " ".join(f'a{n}="{n}"' for n in (0, 10, 2, 1)), "0 1 2 10"),
        (f"type=PROCTITLE {AT} proctitle=6E63002D6C0034343130", "nc -l 4410"),
        (f'type=PROCTITLE {AT} proctitle="/bin/true"', "/bin/true"),
        (f"type=USER_CMD {AT} pid=7 uid=1000 msg='cwd=\"/\" cmd=636174202F6574632F736861646F77 res=success'", "cat /etc/shadow"),
        # the registers of a system call are no arguments
        (f'type=SYSCALL {AT} arch=c000003e syscall=59 a0=55d a1=55e comm="nc"', ""),
    ],
)  # fmt: skip
def test_a_command_is_read_from_its_arguments_its_title_or_its_hex(record: str, said: str) -> None:
    assert command(record) == said


def test_an_audit_record_tells_who_by_name_from_where_and_when() -> None:
    line = f'type=USER_LOGIN {AT} pid=7 uid=0 auid=4294967295 msg=\'op=login acct="eve" exe="/usr/sbin/sshd" hostname=? addr=192.0.2.7 res=failed\''
    holds(line, user_name="eve", source_ip="192.0.2.7", event_outcome="failure", time="1772330400.123")
    holds(f'type=SYSCALL {AT} uid=0 success=no comm="nc" exe="/usr/bin/nc" AUID="bob" UID="root"', user_name="bob", process_name="nc", event_outcome="failure")  # fmt: skip
    holds(
        f'type=ADD_USER {AT} uid=0 auid=1000 msg=\'op=add-user acct="new" res=success\' AUID="bob"',
        user_name="bob",
    )
    assert "user.name" not in fields(f'type=SYSCALL {AT} uid=0 auid=1000 comm="nc"'), "a number is no name"
    holds(
        f"type=SOCKADDR {AT} saddr=0200115CCB00710900000000",
        destination_ip="203.0.113.9",
        destination_port=4444,
    )


XML = (
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Security-Auditing'/>"
    "<EventID Qualifiers=''>4625</EventID><TimeCreated SystemTime='2026-03-01T02:05:00.5Z'/><Channel>Security</Channel>"
    "<Computer>dc1</Computer></System><EventData><Data Name='TargetUserName'>o&apos;neil</Data><Data Name=\"IpAddress\">192.0.2.7</Data>"
    "<Data Name='Empty'/><Data Name='IpPort'>4410</Data></EventData></Event>"
)


def test_a_windows_event_as_xml_on_one_line_is_an_event() -> None:
    wanted = {"user_name": "o'neil", "source_ip": "192.0.2.7", "source_port": 4410, "event_code": "4625"}
    holds(XML, **wanted, host_name="dc1", event_outcome="failure", time="2026-03-01T02:05:00.5Z")
    holds(f"<13>Mar  1 02:05:00 relay agent: {XML}", **wanted, host_name="dc1")
    assert event_of_xml(XML.replace("4625", "")) is None
    assert fields(XML[:-60])["source.ip"] == "192.0.2.7", "what is cut off is read as far as it goes"


def test_pairs_of_a_header_tell_of_the_event() -> None:
    windows = '<14>1 2026-03-01T02:05:00Z dc1 Microsoft-Windows-Security-Auditing 668 - [X@1 EventID="4625" Channel="Security" TargetUserName="eve" WorkstationName="KALI" IpAddress="192.0.2.7" IpPort="4410"] An account failed to log on.'
    holds(
        windows,
        user_name="eve",
        source_ip="192.0.2.7",
        event_code="4625",
        host_name="dc1",
        event_outcome="failure",
    )
    colons = '<134>1 2026-03-01T02:05:00Z gw Wall 77 - [action:"Drop"; time:"1772330400"; src:"192.0.2.7"; s_port:"4410"; dst:"203.0.113.9"; service:"22"; rule_name:"Last"]'
    holds(
        colons,
        event_action="Drop",
        source_ip="192.0.2.7",
        source_port=4410,
        destination_port=22,
        rule_name="Last",
    )
    assert "source.ip" not in fields(
        '<14>1 2026-03-01T02:05:00Z h rsyslogd 1 - [origin software="r" ip="192.0.2.7" x="1"] exiting'
    )
