"""Pairs as people write them in a line: whatever stands between them, behind whatever words."""

from __future__ import annotations

import polars as pl
import pytest

from soc.logs.fields.extract import extract_fields
from soc.logs.general.extensions import delimited_pairs, element_pairs, inner_json, quoted_pairs, spaced_pairs

HEAD = "<13>Mar  1 02:00:00 gw1 app: "
OBJECT = '{"src_ip":"203.0.113.7","user":"bob smith","action":"login","dest_port":22}'


def fields(line: str) -> dict[str, object]:
    return extract_fields(pl.Series([line]))[0].row(0, named=True)


@pytest.mark.parametrize(
    "line",
    [
        f"{HEAD}{OBJECT}",
        f"Mar  1 02:00:00 gw1 {OBJECT}",
        f"2026-03-01 02:00:00,123 INFO [audit] request done: {OBJECT}",
        f"{HEAD}@cee: {OBJECT}",
        f"{HEAD}[{OBJECT}]",
        f"{HEAD}event={OBJECT} kept={{}}",
        HEAD + OBJECT.replace('"', '\\"'),
        HEAD + OBJECT.replace('"', "'").replace(":", ": "),
        HEAD + OBJECT[:-1] + ',"more":"cut',
        f'{HEAD}"src_ip":"203.0.113.7","user":"bob smith","action":"login","dest_port":"22"',
        f'{HEAD}"src_ip"="203.0.113.7","user"="bob smith","action"="login","dest_port"="22"',
        f"{HEAD}src_ip: 203.0.113.7, user: bob smith, action: login, dest_port: 22",
        f"{HEAD}src_ip: 203.0.113.7 user: bob smith action: login dest_port: 22",
        f"{HEAD}src_ip=203.0.113.7; user=bob smith; action=login; dest_port=22",
        f"{HEAD}src_ip=203.0.113.7|user=bob smith|action=login|dest_port=22",
        f"{HEAD}[src_ip=203.0.113.7] [user=bob smith] [action=login] [dest_port=22]",
        f"{HEAD}[src_ip: 203.0.113.7] [user: bob smith] [action: login] [dest_port: 22]",
        f"{HEAD}src_ip -> 203.0.113.7, user -> bob smith, action -> login, dest_port -> 22",
        f"{HEAD}Seen at the door: Source IP: 203.0.113.7; User Name: bob smith; Action: login; Destination Port: 22",
        f"{HEAD}Source IP = 203.0.113.7, User Name = bob smith, Action = login, Destination Port = 22",
        f"{HEAD}Seen.#015#012Source IP:#011203.0.113.7#015#012User Name:#011bob smith#015#012Action:#011login#015#012Destination Port:#01122",
        f"{HEAD}<e><src_ip>203.0.113.7</src_ip><user>bob smith</user><action>login</action><dest_port>22</dest_port></e>",
    ],
)
def test_pairs_are_read_however_they_are_written(line: str) -> None:
    found = fields(line)
    wanted = {
        "source.ip": "203.0.113.7",
        "user.name": "bob smith",
        "event.action": "login",
        "destination.port": 22,
    }
    assert {name: found[name] for name in wanted} == wanted


def test_a_host_before_an_object_is_the_lines_host_and_a_level_is_none() -> None:
    assert fields(f"Mar  1 02:00:00 gw1 {OBJECT}")["host.name"] == "gw1"
    assert fields(f"2026-03-01T02:00:00Z INFO {OBJECT}")["host.name"] is None


@pytest.mark.parametrize(
    "text",
    [
        "error: could not open the file: retrying: 3 times",
        "GET http://a.example/x: action: http://b.example: at 02:00:00",
        "aa:bb:cc:dd:ee:ff came up, fe80::1 too, 12:00:00 it was",
    ],
)
def test_a_sentence_with_colons_gives_no_user_and_no_action(text: str) -> None:
    found = fields(f"2026-03-01T02:00:00Z {text}")
    assert found["event.action"] is None
    assert found["user.name"] is None


def test_what_is_no_pair_or_too_few_of_them_is_none() -> None:
    assert delimited_pairs("a=1; b=2") is None
    assert delimited_pairs("a=1, then, more, words, b=2, c=3, and, so, on") is None
    assert delimited_pairs("a=1 x=2, b=2, c=3") is None, "within what should be one pair is a second"
    assert spaced_pairs("a: 1 b: 2") is None
    assert element_pairs("<a>1</a><b>2</b>") is None
    assert quoted_pairs('"a":"1"') is None
    assert inner_json("no object") is None
    assert inner_json('{"a": ') is None
    assert inner_json('x {"a": 1} and {"b": 2} y') == '{"a": 1}'


def test_values_keep_their_marks_within_quotes_and_lose_what_closes_nothing() -> None:
    assert delimited_pairs('a="x; y"; b=(z); c=f(1)') == (["a", "b", "c"], ["x; y", "z", "f(1)"])
    assert delimited_pairs("(a=1, b=2, c=3)") == (["a", "b", "c"], ["1", "2", "3"])
    assert delimited_pairs("a=it's, b=2', c=[d]") == (["a", "b", "c"], ["it's", "2", "d"])
    assert element_pairs("<a>1 &amp; 2</a><b k='v'>2</b><c>3</c>") == (["a", "b", "c"], ["1 & 2", "2", "3"])


def test_a_record_says_what_was_done_and_its_header_only_of_what_kind_it_is() -> None:
    assert fields(f"<13>1 2026-03-01T02:00:00Z gw1 app 7 EVT1 - {OBJECT}")["event.action"] == "login"
    assert fields("<13>1 2026-03-01T02:00:00Z gw1 app 7 EVT1 - ready")["event.action"] == "EVT1"


def test_a_tag_that_says_how_the_rest_is_written_is_no_program() -> None:
    found = fields("<13>Mar  1 02:00:00 gw1 CEF[7]: CEF:0|V|P|1|9|login|5|src=203.0.113.7")
    assert (found["process.name"], found["process.pid"], found["source.ip"]) == (None, 7, "203.0.113.7")
