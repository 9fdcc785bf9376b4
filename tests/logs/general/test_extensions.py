"""CEF, LEEF and key=value as lines of a file, read as a user's upload is."""

from __future__ import annotations

import pytest

from soc.logs.general.extensions import key_value_pairs
from tests.logs.reading import read


def cells(line: str, *names: str) -> tuple[object, ...]:
    (row,) = read(line + "\n").cells(*names)
    return row


def test_cef_gives_its_fields_and_calls_custom_ones_by_their_labels() -> None:
    line = (
        r"Mar  1 02:00:00 gw CEF:0|Acme|EDR|1.0|VAN-7|Malware \| found|10|rt=Mar 03 2026 08:00:01 src=192.0.2.1 spt=4410 "
        r"dst=10.0.0.5 dpt=22 suser=CORP\\eve act=blocked cs1=Gen.Dropper cs1Label=Threat Name msg=one two\=three"
    )
    assert cells(line, "source.ip", "source.port", "destination.ip", "destination.port", "user.name") == (
        "192.0.2.1", 4410, "10.0.0.5", 22, "eve",
    )  # fmt: skip
    assert cells(line, "event.action", "event.code", "event.severity", "rule.name", "host.name") == (
        "blocked", "VAN-7", "10", "Gen.Dropper", "gw",
    )  # fmt: skip
    assert str(cells(line, "@timestamp")[0]) == "2026-03-03 08:00:01+00:00"


def test_cef_without_any_pair_behind_its_header_is_a_line_all_the_same() -> None:
    assert cells("CEF:0|Acme|EDR|1.0|VAN-7|Malware found|10|nothing to say", "event.code") == ("VAN-7",)


@pytest.mark.parametrize(
    "line",
    [
        "LEEF:1.0|Acme|Gate|1|4711|src=192.0.2.1\tdst=10.0.0.5\tusrName=eve",
        "LEEF:2.0|Acme|Gate|1|4711|^|src=192.0.2.1^dst=10.0.0.5^usrName=eve",
        "LEEF:2.0|Acme|Gate|1|4711|x7C|src=192.0.2.1|dst=10.0.0.5|usrName=eve",
        "LEEF:2.0|Acme|Gate|1|4711|src=192.0.2.1\tdst=10.0.0.5\tusrName=eve",
    ],
)
def test_leef_of_both_versions_with_any_delimiter(line: str) -> None:
    assert cells(line, "source.ip", "destination.ip", "user.name", "event.code") == (
        "192.0.2.1", "10.0.0.5", "eve", "4711",
    )  # fmt: skip


def test_key_value_lines_in_quotes_brackets_and_with_date_and_time_apart() -> None:
    line = 'date=2026-03-03 time=08:00:02 devname="fw 1" srcip=192.0.2.1 dstip=10.0.0.5 user=<eve> action="detected" level=alert'
    assert cells(line, "source.ip", "destination.ip", "user.name", "event.action", "log.level") == (
        "192.0.2.1", "10.0.0.5", "eve", "detected", "alert",
    )  # fmt: skip
    assert str(cells(line, "@timestamp")[0]) == "2026-03-03 08:00:02+00:00"


def test_a_key_that_comes_twice_is_told_apart_by_the_word_before_it() -> None:
    keys, values = key_value_pairs(
        "Server IP=192.0.2.1 Server port=1812 Peer IP=203.0.113.9 Peer port=5673"
    ) or ([], [])
    assert dict(zip(keys, values, strict=True)) == {
        "Server IP": "192.0.2.1", "Server port": "1812", "Peer IP": "203.0.113.9", "Peer port": "5673",
    }  # fmt: skip
    assert (key_value_pairs("user=bob ip=1 to user=eve ip=2") or ([],))[0] == ["user", "ip", "user", "ip"]


def test_a_key_without_a_value_takes_nothing_from_the_next_one() -> None:
    names = ("user.name", "source.ip", "destination.ip", "event.action")
    assert cells("user= src=192.0.2.1 dst= act=deny level=low", *names) == (None, "192.0.2.1", None, "deny")
    assert cells("user = eve src = 192.0.2.1 dst = 10.0.0.5 act = deny", *names) == (
        "eve", "192.0.2.1", "10.0.0.5", "deny",
    )  # fmt: skip
    assert cells("CEF:0|A|B|1|7|n|5|suser= src=192.0.2.1 dst=10.0.0.5", *names[:2]) == (None, "192.0.2.1")
    assert cells("suser= src=192.0.2.1", "user.name") == (None,)


def test_a_time_in_a_sentence_is_what_it_speaks_of() -> None:
    for line in ("License expires on 2027-01-01 10:00:00", "the backup of Jan 3 2020 10:00:00 was restored"):
        assert cells(line, "@timestamp") == (None,)
    for line in (
        "sw1: *Mar  6 2026 08:04:45.866 CET: %X: y",
        "srv1 [06/Mar/2026:07:04:45 +0000] x",
        "a b ts=2026-03-06 07:04:45 x",
    ):
        assert str(cells(line, "@timestamp")[0]).startswith("2026-03-06 07:04:45"), line


def test_three_equal_signs_make_no_record_and_a_sentence_keeps_its_words() -> None:
    assert cells("a=1 b=2 src=192.0.2.1", "source.ip") == ("192.0.2.1",)
    assert cells("user with no name was not found", "user.name") == (None,)
    assert cells("Invalid password for user xyz@example.org", "user.name") == ("xyz@example.org",)


def test_a_request_in_a_sentence_gives_method_path_and_status() -> None:
    line = 'proxy said "GET /a/b?c=d HTTP/1.1" 404 to 192.0.2.1'
    assert cells(line, "http.request.method", "url.path", "http.response.status_code") == ("GET", "/a/b", 404)


def test_what_was_inferred_of_a_time_is_said_with_the_line() -> None:
    said = read("Mar  1 02:00:00 web1 app[7]: x\n2026-03-01 02:00:00 INFO x\n2026-03-01T02:00:00Z x\n").cells(
        "time_assumed"
    )
    assert said == [("year, zone",), ("zone",), (None,)]
