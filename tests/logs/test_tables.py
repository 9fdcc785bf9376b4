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
