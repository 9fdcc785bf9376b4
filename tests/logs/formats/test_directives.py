"""Tables that name their columns in a line of their own, and tables as Windows' tools write them."""

from __future__ import annotations

from tests.logs.reading import read

NAMES = ("source.ip", "user.name", "url.path", "http.response.status_code")


def test_rows_are_read_by_the_directive_above_them_also_where_it_changes() -> None:
    found = read(
        "#Version: 1.0\n#Fields: date time c-ip cs-username cs-method cs-uri-stem sc-status\n2026-03-01 02:05:00 192.0.2.7 eve GET /a 401\n"
        "#Fields: date time cs-uri-stem sc-status s-ip c-ip cs-username\n2026-03-01 02:06:00 /b 200 203.0.113.9 192.0.2.8 bob\n"
    )
    assert found.cells(*NAMES) == [("192.0.2.7", "eve", "/a", 401), ("192.0.2.8", "bob", "/b", 200)]
    assert [str(time) for (time,) in found.cells("@timestamp")] == [
        "2026-03-01 02:05:00+00:00",
        "2026-03-01 02:06:00+00:00",
    ]
    assert found.cells("line_no") == [(3,), (5,)]


def test_names_between_blanks_may_stand_above_rows_with_tabs_and_network_sensors_write_tabs() -> None:
    cdn = read(
        "#Version: 1.0\n#Fields: date time c-ip cs-method cs(Host) cs-uri-stem sc-status\n2026-03-01\t02:05:00\t192.0.2.7\tGET\ta.example.com\t/a\t404\n"
    )
    assert cdn.cells("source.ip", "url.domain", "http.request.method") == [
        ("192.0.2.7", "a.example.com", "GET")
    ]
    sensor = read(
        "#separator \\x09\n#path\tconn\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\n"
        "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\n1772330700.1\tC1\t192.0.2.7\t4410\t203.0.113.9\t22\ttcp\n#close\t2026\n"
    )
    assert sensor.cells(
        "source.ip", "source.port", "destination.ip", "destination.port", "network.transport"
    ) == [("192.0.2.7", 4410, "203.0.113.9", 22, "tcp")]


def test_the_event_viewers_sixth_column_may_hold_lines() -> None:
    (row,) = read("Level,Date and Time,Source,Event ID,Task Category\n" 'Information,3/1/2026 2:05:00 AM,Audit,4625,Logon,"An account failed to log on.\n\nAccount For Which Logon Failed:\n\tAccount Name:\t\teve\n\nNetwork Information:\n\tSource Network Address:\t192.0.2.7\n\tSource Port:\t\t7\n"\n', "a.csv").cells("rejected_reason", "user.name", "source.ip", "event.code")  # fmt: skip
    assert row == (None, "eve", "192.0.2.7", "4625")
