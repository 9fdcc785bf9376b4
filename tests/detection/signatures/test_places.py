"""Where in a line a match stands, told by the bytes around it; and what `where:` lets through."""

from __future__ import annotations

import numpy as np
import pytest

from soc.detection.judging.keys import place_under
from soc.detection.judging.scanning.places import places_of
from soc.detection.judging.scanning.scan import find_matches
from soc.detection.ruleset import Ruleset
from soc.detection.signatures.declaration import Signature
from soc.detection.signatures.place import EVERYWHERE, WHERE, Place
from soc.domain.classification import Classification

ACCESS = '192.0.2.1 - - [31/Dec/2026:23:59:59 +0000] "GET /shop/y?id=one&q=two&x=%7c HTTP/1.1" 200 5 "http://a.example/?q=three" "Agent/5 four"'
JSON = '{"failed_login": 0, "message": "five it is", "url": {"path": "/a?b=six"}, "file_path": "/etc/seven", "status": 500, "list": ["eight"]}'
PAIRS = 'date=2026-03-01 msg="nine failed" action="deny" url="/x?c=ten" agent="eleven" user="twelve" path=/thirteen it'
NGINX = '2026/03/01 [error] 7#7: *1 open() "/srv/a" failed, request: "GET /b/../c HTTP/1.1", host: "d", referrer: "http://e/f"'
CEF = "CEF:0|Acme|Worm Blocker|1|100|a worm found|7|msg=worm was there src=192.0.2.1 filePath=/tmp/x y"
IIS = "2026-03-01 02:00:00 192.0.2.1 GET /a.aspx id=1+select 443 - 198.51.100.7 - 200"
SUDO = "Mar  1 02:00:00 web1 sudo: eve : TTY=pts/0 ; PWD=/root ; COMMAND=/bin/cat /etc/shadow"


def spans(lines: list[str], needles: list[str]) -> list[Place]:
    """The place of each needle in its line; the lines stand in one block."""
    data = [line.encode() for line in lines]
    sizes = np.array([len(line) for line in data], np.int64)
    starts = np.cumsum(sizes + 1) - sizes - 1
    at = np.array([line.index(needle.encode()) for line, needle in zip(data, needles, strict=True)], np.int64)
    length = np.array([len(needle.encode()) for needle in needles], np.int64)
    rows = np.arange(len(lines))
    found = places_of(b"\n".join(data) + b"\n", starts, starts + sizes, (rows, at, at + length))
    return [Place(one) for one in found.tolist()]


SPANS = [
    (ACCESS, "shop", Place.PATH_OF_URL), (ACCESS, "one", Place.PARAMETER), (ACCESS, "two", Place.SEARCH),
    (ACCESS, "three", Place.REFERRER), (ACCESS, "four", Place.USER_AGENT), (ACCESS, "Dec", Place.MESSAGE),
    (ACCESS, '1.1" 200', Place.CROSSING),
    (JSON, "failed_login", Place.KEY), (JSON, "five", Place.MESSAGE), (JSON, "six", Place.PARAMETER),
    (JSON, "/etc/seven", Place.FILE_PATH), (JSON, 'status": 500', Place.FIELD), (JSON, "eight", Place.FIELD),
    (JSON, 'is", "url', Place.CROSSING),
    (PAIRS, "nine", Place.MESSAGE), (PAIRS, 'action="deny', Place.FIELD), (PAIRS, "ten", Place.PARAMETER),
    (PAIRS, "eleven", Place.FIELD), (PAIRS, "twelve", Place.NAME), (PAIRS, "thirteen", Place.FILE_PATH),
    (PAIRS, " it", Place.MESSAGE),
    (NGINX, "/srv/a", Place.FILE_PATH), (NGINX, "../c", Place.PATH_OF_URL), (NGINX, "http://e", Place.REFERRER),
    (CEF, "Worm Blocker", Place.NAME), (CEF, "worm found", Place.MESSAGE), (CEF, "was there", Place.MESSAGE),
    (CEF, "/tmp/x y", Place.FILE_PATH),
    (IIS, "select", Place.PARAMETER), (IIS, "a.aspx", Place.PATH_OF_URL),
    (SUDO, "/etc/shadow", Place.COMMAND_LINE), (SUDO, "/root", Place.FILE_PATH),
    ('user "bob" login failed', 'user "bob" login', Place.MESSAGE),
    ("fetched https://a.example/x?y=z", "y=z", Place.PARAMETER),
    ("AH10244: invalid URI path (/a/%2e/b)", "%2e", Place.PATH_OF_URL), ("blocked url /a/../b?c=d", "/../", Place.PATH_OF_URL),
    ("copied (/etc/seven) away", "seven", Place.MESSAGE), ("the path /etc/seven is gone", "seven", Place.FILE_PATH),
    ('[client 192.0.2.1] ModSecurity: denied [msg "SQL injection"] [uri "/a/../b"]', "/../", Place.PATH_OF_URL),
]  # fmt: skip


def test_a_span_stands_in_what_its_key_its_quotes_or_its_request_say() -> None:
    found = spans([line for line, _, _ in SPANS], [needle for _, needle, _ in SPANS])
    wrong = [
        (line[:40], needle, was.name, place.name)
        for (line, needle, place), was in zip(SPANS, found, strict=True)
        if was is not place
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("cs(User-Agent)", Place.USER_AGENT), ("http.user_agent", Place.USER_AGENT), ("httpReferrer", Place.REFERRER),
        ("url.path", Place.PATH_OF_URL), ("requestPath", Place.PATH_OF_URL), ("process.command_line", Place.COMMAND_LINE),
        ("ScriptBlockText", Place.COMMAND_LINE), ("deviceProduct", Place.NAME), ("TargetUserName", Place.NAME),
        ("TargetFilename", Place.FILE_PATH), ("query_string", Place.PARAMETER), ("rule.description", Place.MESSAGE),
        ("threatType", Place.FIELD), ("AttackTechniques", Place.NAME), ("", Place.FIELD), ("7", Place.FIELD),
    ],
)  # fmt: skip
def test_a_key_s_words_say_what_its_value_is(key: str, place: Place) -> None:
    assert place_under(key) is place


def matched(where: int, line: str) -> str:
    """What the signature `worm` finds in the line when it may match there."""
    rules = Ruleset((Signature("a.b", "t", Classification.SECURITY_ALERT, 5, 0.5, "worm", places=where),))
    data = line.encode()
    found = find_matches(rules, data, np.zeros(1, np.int64), np.array([len(data)], np.int64))
    return b"".join(data[a:b] for a, b in zip(found.start.tolist(), found.end.tolist(), strict=True)).decode()


def test_a_match_in_a_wrong_place_does_not_hide_one_in_the_right_place() -> None:
    line = '{"worm_count": 0, "product": "Worm Blocker", "message": "WORM found"}'
    assert matched(EVERYWHERE, line) == "worm"
    assert matched(WHERE["message"], line) == "WORM"
    assert matched(WHERE["user_agent"], line) == ""


@pytest.mark.parametrize(
    "written",
    [
        "w%6frm",
        "w%256frm",
        "w%25256frm",
        "w%u006frm",
        "w&#111;rm",
        "w&#x6F;rm",
        r"w\x6frm",
        r"w\u006frm",
        "%77%6F%72%6d",
    ],
)
def test_what_an_escape_hides_is_found_where_it_was_written(written: str) -> None:
    line = ACCESS.replace("one", f"a{written}b")
    assert matched(WHERE["parameter"], line) == written
    assert matched(WHERE["user_agent"], line) == ""
