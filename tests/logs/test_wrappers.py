"""What other products put around a line is peeled, and what is inside is read as itself."""

from __future__ import annotations

import json

import pytest

from tests.logs.reading import read

SSHD = "Mar  1 02:00:07 web1 sshd[77]: Failed password for root from 203.0.113.9 port 4000 ssh2"
FIELDS = ("host.name", "process.name", "user.name", "source.ip")


@pytest.mark.parametrize(
    "wrapped",
    [
        {"log": SSHD + "\n", "stream": "stdout", "time": "2026-03-01T02:00:08Z"},
        {"preview": False, "result": {"_raw": SSHD, "_time": "2026-03-01T02:00:08Z"}},
        {"_raw": SSHD, "index": "main"},
        {"_index": "logs", "_source": {"message": SSHD}},
        {"insertId": "a1", "jsonPayload": {"message": SSHD}},
        {"@timestamp": "2026-03-01T02:00:08Z", "@message": SSHD},
    ],
)
def test_a_line_inside_a_record_is_read_as_the_line(wrapped: object) -> None:
    found = read(json.dumps(wrapped) + "\n", "a.jsonl").cells(*FIELDS)
    assert found == [("web1", "sshd", "root", "203.0.113.9")]


RECORDS = [{"src_ip": "192.0.2.1", "tags": [1, 2]}, {"src_ip": "192.0.2.2", "x": {"y": '"]}'}}]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"Records": RECORDS}),
        json.dumps({"records": RECORDS}, indent=2),
        json.dumps({"value": RECORDS[:1]}) + "\n" + json.dumps({"value": RECORDS[1:]}) + "\n",
        json.dumps({"events": RECORDS})[:-1] + ', "next": null}',
    ],
)
def test_a_list_that_stands_under_one_name_is_its_records(text: str) -> None:
    assert read(text, "a.json").cells("source.ip", "rejected_reason") == [
        ("192.0.2.1", None),
        ("192.0.2.2", None),
    ]


def test_a_list_that_is_cut_off_loses_its_last_record_alone() -> None:
    text = json.dumps({"Records": RECORDS})[:-25]
    assert read(text, "a.json").cells("source.ip")[0] == ("192.0.2.1",)
    assert len(read(text, "a.json").cells("source.ip")) == 2


def test_what_a_container_says_is_its_message() -> None:
    text = f"2026-03-01T02:05:00.5Z stderr F {'user=alice src=192.0.2.9 level=warn act=deny'}\n"
    assert read(text, "pod.log").cells("message", "user.name", "source.ip", "format") == [
        ("user=alice src=192.0.2.9 level=warn act=deny", "alice", "192.0.2.9", "cri")
    ]
