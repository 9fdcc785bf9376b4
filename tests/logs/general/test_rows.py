"""Rows whose columns nobody names, and the ends of connections in texts."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from soc.logs.fields.extract import extract_fields
from soc.logs.general.rows import row_pairs


def row(text: str) -> dict[str, str]:
    keys, values = row_pairs(text) or ([], [])
    return dict(zip(keys, values, strict=True))


def test_a_row_of_a_proxy_tells_both_ends_the_request_and_how_it_went() -> None:
    found = row(
        '"2026-03-01 02:05:00","eve","192.0.2.7","192.0.2.8","203.0.113.9","text/html","BLOCKED","https://a.example.com/x?y=1","","Mozilla/5.0","403","71","POST"'
    )
    assert found == {
        "source ip": "192.0.2.7", "destination ip": "203.0.113.9", "url": "https://a.example.com/x?y=1", "user agent": "Mozilla/5.0",
        "request method": "POST", "http status": "403", "outcome": "blocked", "action": "BLOCKED",
    }  # fmt: skip


def test_a_row_of_flows_has_a_port_behind_each_address() -> None:
    found = row('"2026-03-01 02:05:00","gw","192.0.2.7","4410","203.0.113.9","22","","lab"')
    assert (found["source port"], found["destination port"]) == ("4410", "22")


def test_a_row_of_a_name_server_has_a_question_and_no_destination() -> None:
    found = row(
        '"2026-03-01 02:05:00","eve","192.0.2.7","192.0.2.8","Allowed","1 (A)","NOERROR","a.example.com.","Chat"'
    )
    assert (found["query name"], found["source ip"], "destination ip" in found) == (
        "a.example.com.",
        "192.0.2.7",
        False,
    )


def test_a_row_of_an_audit_has_an_event_its_number_and_a_level() -> None:
    found = row(
        "02:05:00, gw.example.com, audit.x, WARN, 7a7a,192.0.2.7,192.0.2.8,USER_LOGIN,13002,FAIL,,,eve"
    )
    assert (found["event name"], found["event code"], found["log level"], found["outcome"]) == (
        "USER_LOGIN",
        "13002",
        "WARN",
        "fail",
    )


@pytest.mark.parametrize(
    "text", ["well, so, it, is, said", "a,b,,,c,1.2.3", '"x","y","z"', '"a,b,c,,,', "1,2,3,4,5,true,no"]
)
def test_what_holds_neither_address_nor_link_nor_question_is_no_row(text: str) -> None:
    assert row_pairs(text) is None


LINES: dict[str, dict[str, Any]] = {
    "Mar  1 02:05:00 gw app: 192.0.2.7:4410 began": {"source.port": 4410},
    "Mar  1 02:05:00 gw app: client 192.0.2.7#4410 began": {"source.port": 4410},
    "Mar  1 02:05:00 gw app: Deny tcp 192.0.2.7 203.0.113.9 4410 22 offset 5": {
        "source.port": 4410, "destination.ip": "203.0.113.9", "destination.port": 22,
    },
    "Mar  1 02:05:00 gw app: User eve@192.0.2.7 logged in": {"user.name": "eve", "source.ip": "192.0.2.7"},
    'Mar  1 02:05:00 gw app: key user="N/A" is set': {"user.name": None},
    '[01/Mar/2026:02:05:00 +0000] "eve" 192.0.2.7 403 "GET http://a.example.com/x HTTP/1.1" "low"': {"http.response.status_code": 403},
    "Mar  1 02:05:00 gw app: done dst=203.0.113.9 a=1 b=2 c=3": {"source.ip": None, "destination.ip": "203.0.113.9"},
    "01-Mar-2026 02:05:00.123 queries: info: client @0x7f 192.0.2.7#4410 (a.example.com): query: a.example.com IN A +E(0)K (203.0.113.9)": {
        "dns.question.name": "a.example.com", "source.port": 4410,
    },
    "Mar  1 02:05:00 ns1 unbound[7]: [7:0] reply: 192.0.2.7 a.example.com. A IN NOERROR 0.0 1 60": {"dns.question.name": "a.example.com"},
    "Mar  1 02:05:00 ns1 pdns_recursor[7]: 5 [1/1] question for 'a.example.com|A' from 192.0.2.7:4410": {"dns.question.name": "a.example.com"},
    '[INFO] 192.0.2.7:4410 - 77 "A IN a.example.com. udp 45 false 512" NOERROR qr 62 0.012s': {"dns.question.name": "a.example.com"},
    "3/1/2026 2:05:00 AM 0BD4 PACKET  00B5 UDP Rcv 192.0.2.7       a1b2   Q [0001   D   NOERROR] A      (1)a(7)example(3)com(0)": {
        "dns.question.name": "a.example.com", "source.ip": "192.0.2.7",
    },
    "<134>1 1772330400.123456789 MX84 flows src=192.0.2.7 dst=203.0.113.9 mac=00:00 protocol=tcp sport=4410 dport=443 pattern: allow all": {
        "source.ip": "192.0.2.7", "destination.port": 443, "event.action": "flows",
    },
}  # fmt: skip


def test_both_ends_are_found_in_texts_too() -> None:
    found, _ = extract_fields(pl.Series(list(LINES)))
    for line, wanted, got in zip(LINES, LINES.values(), found.to_dicts(), strict=True):
        assert {name: got[name] for name in wanted} == wanted, line


@pytest.mark.parametrize("mark", [",", ";", "|", "\t"])
def test_a_row_has_any_mark_between_its_cells(mark: str) -> None:
    cells = ["203.0.113.7", "4000", "192.0.2.9", "443", "tcp", "DENY"]
    found, _ = extract_fields(pl.Series(["2026-03-01 02:00:00" + mark + mark.join(cells)]))
    names = [
        "source.ip",
        "source.port",
        "destination.ip",
        "destination.port",
        "network.transport",
        "event.action",
    ]
    assert [str(found[name][0]) for name in names] == cells
