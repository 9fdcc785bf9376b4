"""Tables as products and spreadsheets export them: what is a header, and what its columns say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.logs.reading import read


def rows(text: str, name: str = "a.csv", *columns: str) -> list[tuple[Any, ...]]:
    return read(text, name).cells(*columns)


def test_columns_with_known_names_fill_the_fields() -> None:
    text = "src_ip,dst_ip,spt,act,suser,message\n192.0.2.1,198.51.100.2,4000,deny,CORP\\bob,x\n"
    names = ("source.ip", "destination.ip", "source.port", "event.action", "user.name", "user.domain")
    assert rows(text, "a.csv", *names) == [("192.0.2.1", "198.51.100.2", 4000, "deny", "bob", "CORP")]


def test_a_table_is_known_by_the_fields_of_its_header_whatever_the_file_is_called() -> None:
    text = "date;time;source.ip;url.path\n2026-03-01;02:00:00;192.0.2.1;/a\n2026-03-01;02:00:01;none;/b\n"
    assert rows(text, "flows.log", "source.ip", "url.path", "file.name") == [
        ("192.0.2.1", "/a", None),
        (None, "/b", None),
    ]
    assert [str(moment) for (moment,) in rows(text, "flows.log", "@timestamp")] == [
        "2026-03-01 02:00:00+00:00",
        "2026-03-01 02:00:01+00:00",
    ]


@pytest.mark.parametrize(
    "before", ["sep=;\n", "#TYPE Selected.Record\n", '"sep=;"\n#TYPE x\n', "\ufeffsep=;\n", ""]
)
def test_what_spreadsheets_and_shells_write_above_a_header_is_no_header(before: str) -> None:
    text = f"{before}host;message\nweb1;one, two\nweb2;three\n"
    assert rows(text, "a.csv", "source", "message") == [("web1", "one, two"), ("web2", "three")]


def test_a_header_that_comes_again_is_no_record() -> None:
    text = 'host,message\nweb1,one\n"host", message\nweb2,two\nhost,other\n'
    assert rows(text, "a.csv", "message") == [("one",), ("two",), ("other",)]


def test_a_last_column_without_a_name_is_the_message() -> None:
    text = "Level,Date and Time,Source,Event ID,Task Category\n" + (
        'Error,11/27/2026 2:00:01 AM,Disk,7,None,"The device, it said, has a bad block."\n' * 3
    )
    found = rows(text, "a.csv", "message", "source", "event.code", "log.level")
    assert found == [("The device, it said, has a bad block.", "Disk", "7", "error")] * 3


def test_a_delimiter_at_the_end_of_rows_makes_no_row_wrong() -> None:
    assert rows("host,message\nweb1,one,\nweb2,two,\n", "a.csv", "message", "rejected_reason") == [
        ("one", None),
        ("two", None),
    ]


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ("disk failed\ndisk mended\n", 2),
        ("2026-03-01 02:00:00,web1,login\n2026-03-01 02:00:01,web1,logout\n", 2),
        ("name,place\nalice,12 Long Street\n", 1),
        ("alice,in\nbob,out\n", 2),
    ],
)
def test_a_header_is_proved_by_what_stands_below_it(text: str, records: int) -> None:
    assert len(rows(text, "a.csv", "message")) == records


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_of_columns_without_a_header_times_and_levels_are_known(mark: str) -> None:
    lines = [
        ("2026-03-01T10:00:00Z", "web1", "info", "session opened for user bob"),
        ("2026-03-01T10:00:01Z", "web1", "error", "disk failed and was replaced"),
    ]
    found = read("\n".join(mark.join(line) for line in lines), "a.csv").cells(
        "@timestamp", "log.level", "message"
    )
    assert [(str(time)[:19].replace(" ", "T") + "Z", level, said) for time, level, said in found] == [
        (time, level, said) for time, _, level, said in lines
    ]


TABLES: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "Timestamp,RuleTitle,Level,Computer,Details\n2026-04-27 15:57:27 +02:00,Mimikatz DC Sync,crit,DC1,SrcUser: svc_b ¦ SrcIP: 203.0.113.9 ¦ Access: 0x100\n",
        {
            "message": "Mimikatz DC Sync: SrcUser: svc_b ¦ SrcIP: 203.0.113.9 ¦ Access: 0x100",
            "user.name": "svc_b",
            "classification": "Security Alert",
            "event.gravity": "critical",
            "source.ip": "203.0.113.9",
        },
    ),
    (
        "timestamp,detections,Computer,Event Data\n2026-04-27T15:57:27Z,Encoded Command,WS7,CommandLine: powershell -enc AAAA\n",
        {"message": "Encoded Command: CommandLine: powershell -enc AAAA", "rule.name": "Encoded Command"},
    ),
    (
        "Timestamp,DeviceName,ActionType,RemoteIP,ProcessCommandLine\n2026-03-01T10:00:05Z,ws7,LogonFailed,203.0.113.9,\n2026-03-01T10:00:06Z,ws7,ProcessCreated,,powershell -nop -w hidden -enc AAAAAAAAAAAAAAAAAAAAAAAA\n",
        {
            "message": "2026-03-01T10:00:05Z,ws7,LogonFailed,203.0.113.9,",
            "source.ip": "203.0.113.9",
            "event.action": "LogonFailed",
        },
    ),
    (
        "Datum;Uhrzeit;Rechner;Meldung\n13.03.2026;10:00:00;h1;Anmeldung fehlgeschlagen\n",
        {"message": "Anmeldung fehlgeschlagen", "source": "h1", "@timestamp": "2026-03-13 10:00:00+00:00"},
    ),
    (
        '"TimeGenerated [UTC]",Computer,SeverityLevel,SyslogMessage\n"3/1/2026, 10:00:00.5 AM",web1,err,x y z\n',
        {"@timestamp": "2026-03-01 10:00:00.500000+00:00", "time_assumed": None, "log.level": "err"},
    ),
)


LOCAL: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "Ebene,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie\nInformationen,26.11.2025 14:15:07,Microsoft-Windows-Security-Auditing,4625,Logon,nein\n",
        {"@timestamp": "2025-11-26 14:15:07+00:00", "event.code": "4625", "event.outcome": "failure"},
    ),
    (
        "date,host,message\n05/03/2026 10:00:00,h1,one\n13/03/2026 10:00:01,h1,two\n",
        {"@timestamp": "2026-03-05 10:00:00+00:00"},
    ),
    ("date,host,message\n05/03/2026 10:00:00,h1,one\n", {"@timestamp": "2026-05-03 10:00:00+00:00"}),
    ("time,c-ip,X-Forwarded-For,message\nx,10.0.0.1,198.51.100.9,one\n", {"source.ip": "198.51.100.9"}),
    ("time,c-ip,X-Forwarded-For,message\nx,203.0.113.9,198.51.100.9,one\n", {"source.ip": "203.0.113.9"}),
)


@pytest.mark.parametrize(("text", "wanted"), [*TABLES, *LOCAL])
def test_a_table_says_what_its_columns_say_however_they_are_called(text: str, wanted: dict[str, Any]) -> None:
    event = read(text, "a.csv").events.to_dicts()[0]
    found = {name: str(event[name]) if name == "@timestamp" else event[name] for name in wanted}
    assert found == wanted
