"""Error logs of Apache: `[Sun Dec 04 04:51:09 2005] [error] [client 192.0.2.1] body`."""

from __future__ import annotations

import numpy as np

from soc.logs.formats.kit.bodies import Body, Statement
from soc.logs.formats.kit.declare import Format, Header, example
from soc.logs.formats.kit.headers import Claim
from soc.logs.formats.kit.lines import CLOSE, LOWER, OPEN, SPACE, UPPER, WORDS, Lines
from soc.logs.text.clocks import instant, month_at, pairs, two_digits


def _read(lines: Lines, claim: Claim) -> None:
    """The client may be missing; process ids, ports and parts of a second are left to the expression."""
    bracketed = (lines.first == OPEN) & (lines.closing < 0)
    rows = np.flatnonzero(bracketed & (lines.array[lines.starts + 25] == CLOSE))
    if not len(rows):
        return
    array, page = lines.array, lines.page
    start, end = lines.starts[rows], lines.ends[rows]
    letters = UPPER | LOWER
    good = np.logical_and.reduce([letters[array[start + offset]] for offset in (1, 2, 3, 5, 6, 7)])
    good &= np.logical_and.reduce([array[start + offset] == SPACE for offset in (4, 8, 11, 20, 26)])
    month = month_at(page, start + 5)
    day_good, day = two_digits(page, start + 9)
    clock_good, hour, minute, second = pairs(page, start + 12, ":")
    century_good, century = two_digits(page, start + 21)
    year_good, year = two_digits(page, start + 23)
    good &= (month >= 0) & day_good & clock_good & century_good & year_good & (array[start + 27] == OPEN)
    level_end = lines.after(lines.stops, start + 28)
    good &= (array[level_end] == CLOSE) & (level_end > start + 28) & (array[level_end + 1] == SPACE)
    for offset in range(12):
        good &= letters[array[start + 28 + offset]] | (start + 28 + offset >= level_end)
    good &= (level_end - start < 40) & (level_end + 2 < end)
    at = level_end + 2
    client = (page.word4[at] == WORDS["[cli"]) & (page.word4[at + 4] == WORDS["ent "])
    ip = at + 8
    ip_end = lines.after(lines.stops, ip)
    sound = (array[ip_end] == CLOSE) & (ip_end > ip) & (ip_end < end)
    good &= np.where(client, sound, array[at] != OPEN)
    body = np.where(client, ip_end + 1, at)
    body = body + (client & (array[body] == SPACE) & (body < end))
    rows, kept = rows[good], np.flatnonzero(good)
    claim.take(rows, body[kept])
    claim.put("level", rows, (start + 28)[kept], (level_end - start - 28)[kept])
    claim.put("source_ip", rows, ip[kept], np.where(client, ip_end - ip, -1)[kept])
    micros, timed = instant(century * 100 + year, month, day, (hour, minute, second))
    claim.put_time(rows, micros[kept], timed[kept], naive=True)


# fmt: off
#: What it says of a request that it does not serve names the path in brackets, as it was asked for.
_STATEMENTS = (
    Statement("URI", r"(?:AH\d{4,6}: )?[Ii]nvalid (?:URI|URL)(?: path| in request)? \(?(?:(?P<http_request_method>[A-Z]{3,17}) )?(?P<url_path>/[^\s)]{0,2000})", {"event.category": "web", "event.outcome": "failure"}),
    Statement("URI too long", r"(?:AH\d{4,6}: )?request failed: URI too long", {"event.category": "web", "event.outcome": "failure"}),
)
# fmt: on
FORMAT = Format(
    name="apache-error",
    title="Apache error log",
    about="`[Sun Dec 04 04:51:09 2005] [error] [client 192.0.2.1] body`, with or without process id, client and port.",
    order=140,
    header=Header(
        expression=r"(?s)^\[(?P<time>\w{3} \w{3} +\d{1,2} [\d:.]+ \d{4})\] \[(?:\w*:)?(?P<level>\w+)\](?: \[pid (?P<pid>\d+)[^\]]*\])?"
        r"(?: \[client (?P<source_ip>[^\]\s]+?)(?::(?P<source_port>\d{1,5}))?\])? ?(?P<body>.*)$",
        fields={
            "level": "log.level",
            "pid": "process.pid",
            "source_ip": "source.ip",
            "source_port": "source.port",
        },
        begins="[",
        fast=_read,
    ),
    body=Body(_STATEMENTS, signs=("URI",)),
    examples=(
        example(
            "[Sun Dec 04 05:15:09 2005] [error] [client 222.166.160.184] Directory index forbidden",
            {"source.ip": "222.166.160.184", "log.level": "error", "@timestamp": "2005-12-04T05:15:09Z"},
        ),
        example(
            "[Sun Dec 04 05:15:09.182799 2005] [core:error] [pid 7] [client 192.0.2.1:80] AH10244: invalid URI path (/a/%2e/b)",
            {
                "source.ip": "192.0.2.1",
                "source.port": 80,
                "process.pid": 7,
                "log.level": "error",
                "url.path": "/a/%2e/b",
                "event.category": "web",
                "event.outcome": "failure",
                "@timestamp": "2005-12-04T05:15:09.182799Z",
            },
        ),
        example(
            "[Sun Dec 04 05:15:09 2005] [core:error] [pid 7:tid 3] [client 192.0.2.1:80] File does not exist: /x dst=198.51.100.7",
            {
                "source.ip": "192.0.2.1",
                "source.port": 80,
                "process.pid": 7,
                "log.level": "error",
                "@timestamp": "2005-12-04T05:15:09Z",
            },
        ),
        example(
            "[Sun Dec 04 04:51:08 2005] [notice] jk2_init() Found child 6725 in scoreboard slot 10",
            {"log.level": "notice", "@timestamp": "2005-12-04T04:51:08Z"},
        ),
    ),
)
