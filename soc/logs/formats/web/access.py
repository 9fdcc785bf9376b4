"""Access logs of web servers, common and combined."""

from __future__ import annotations

import numpy as np

from soc.logs.formats.kit.declare import Format, Header, example
from soc.logs.formats.kit.headers import Claim
from soc.logs.formats.kit.lines import COLON, FAR, OPEN, QUOTE, SPACE, WORDS, Lines
from soc.logs.text.clocks import Flags, instant, is_digit, month_at, pairs, two_digits, zone
from soc.logs.text.views import Ints

#: What a forwarded address looks like; it stands before everything else or at the line's end.
_ADDRESS = r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{2,41})"
_QUOTED = r"(?:[^\"\\]|\\.)"
_BACKSLASH, _DASH = 92, 45


def _may_be(lines: Lines) -> Flags:
    return lines.closing >= 0


def _read(lines: Lines, claim: Claim) -> None:
    """`192.0.2.1 - user [31/Dec/2025:23:59:59 +0000] "GET /path HTTP/1.1" 200 …` with the usual methods."""
    # what begins with a date, a month or a priority may be syslog that quotes such a line
    rows = np.flatnonzero((lines.closing >= 0) & ~lines.monthly & ~lines.tagged & ~lines.dated)
    if not len(rows):
        return
    array, page = lines.array, lines.page
    start, end, close = lines.starts[rows], lines.ends[rows], lines.closing[rows]
    index = np.searchsorted(lines.stops, start)
    stops = [lines.stops[np.minimum(index + step, len(lines.stops) - 1)] for step in range(3)]
    time = close - 26
    good = (stops[2] == time - 2) & (array[stops[0]] == SPACE) & (array[stops[1]] == SPACE)
    good &= (stops[0] > start) & (stops[1] > stops[0] + 1) & (stops[2] > stops[1] + 1)
    good &= (array[time - 1] == OPEN) & (array[time - 2] == SPACE) & (stops[2] - stops[1] <= 65)
    day_good, day = two_digits(page, time)
    century_good, century = two_digits(page, time + 7)
    year_good, year = two_digits(page, time + 9)
    clock_good, hour, minute, second = pairs(page, time + 12, ":")
    month = month_at(page, time + 3)
    length, east, zone_good = zone(page, time + 21)
    good &= day_good & century_good & year_good & clock_good & (month >= 0) & (length == 5) & zone_good
    good &= (array[time + 2] == 47) & (array[time + 6] == 47) & (array[time + 11] == COLON)
    good &= array[time + 20] == SPACE
    body = close + 3
    word = page.word4[body]
    short = (word == WORDS["GET "]) | (word == WORDS["PUT "])
    long = ((word == WORDS["POST"]) | (word == WORDS["HEAD"])) & (array[body + 4] == SPACE)
    url = body + np.where(short, 4, 5)
    blank = lines.after(lines.blanks, url)
    quote = lines.after(lines.quotes, body)
    status_good, _ = two_digits(page, quote + 3)
    lead = array[quote + 2] - np.uint8(48)
    good &= (short | long) & (blank > url) & (array[blank] == SPACE) & (blank < quote) & (quote + 5 < end)
    good &= (array[quote + 1] == SPACE) & status_good & (lead < 10) & (array[quote + 5] == SPACE)
    sound, agent, length = _agent(lines, quote, end)
    good &= sound
    rows, kept = rows[good], np.flatnonzero(good)
    claim.take(rows, body[kept], quote[kept] + 5)
    for name, left, size in (
        ("source_ip", start, stops[0] - start), ("user", stops[1] + 1, stops[2] - stops[1] - 1),
        ("action", body, url - 1 - body), ("url", url, blank - url), ("status", quote + 2, np.full(len(start), 3)), ("agent", agent, length),
    ):  # fmt: skip
        claim.put(name, rows, left[kept], size[kept])
    micros, timed = instant(century * 100 + year, month, day, (hour, minute, second))
    claim.put_time(rows, (micros - east * 60_000_000)[kept], (timed & (abs(east) <= FAR))[kept], naive=False)


def _agent(lines: Lines, quote: Ints, end: Ints) -> tuple[Flags, Ints, Ints]:
    """Behind the request that ends at `quote` and its status: whether what follows is usual; where the agent stands, and its length (-1: none)."""
    array, quotes = lines.array, lines.quotes
    first = lines.after(quotes, quote + 1)
    second = lines.after(quotes, np.minimum(first + 1, end))
    third, fourth = second + 2, lines.after(quotes, np.minimum(second + 3, end))
    size = quote + 6
    number = is_digit(lines.page, size) & is_digit(lines.page, first - 2)
    usual = (number | (array[size] == _DASH) & (first == size + 2)) & (fourth + 1 == end)
    usual &= (
        (lines.after(lines.blanks, size) == first - 1)
        & (array[first - 1] == SPACE)
        & (array[np.minimum(third, end)] == QUOTE)
    )
    usual &= array[np.minimum(second + 1, end)] == SPACE
    escapes = np.flatnonzero(array == _BACKSLASH)
    usual &= np.searchsorted(escapes, first) == np.searchsorted(escapes, end)
    bare = first >= end
    nothing = (
        bare | (fourth - third < 2) | (fourth - third == 2) & (array[np.minimum(third + 1, end)] == _DASH)
    )
    return bare | usual, third + 1, np.where(nothing, -1, fourth - third - 1)


FORMAT = Format(
    name="access",
    title="Access log",
    about="Apache's and nginx' common and combined format, with or without a virtual host or forwarded addresses before it, or such at the end; the first forwarded one is the source; at the end only behind a proxy of one's own net, as anybody can send it.",
    order=130,
    header=Header(
        expression=rf"(?s)^(?:(?P<source_ip__0>{_ADDRESS})(?:(?:, ?{_ADDRESS}){{1,20}}(?: {_ADDRESS})?| {_ADDRESS})|- (?P<source_ip__3>{_ADDRESS})"
        r"|(?:\S+:\d+ |[A-Za-z0-9._-]+\.[A-Za-z]{2,20} )(?P<source_ip>[0-9A-Fa-f.:]+)|(?:\S+:\d+ )?(?P<source_ip__2>\S+))"
        r" \S+ (?P<user>\S{1,64}(?: \S{1,64})?) \[(?P<time>[^\]]{20,32})\] (?:\d{1,12} )?"
        r"\"(?P<body>(?:(?P<action>[A-Z]{3,10}) (?P<url>\S+)[^\"]*|[^\"]*)\" (?P<status>\d{3})) "
        rf"(?:(?:\d{{1,12}}|-) \"{_QUOTED}*\" \"(?:-?|(?P<agent>{_QUOTED}+))\"(?: \"?(?P<asked_for>{_ADDRESS})(?:[ ,\"]|$))?)?.*$",
        fields={
            "source_ip": "source.ip",
            "user": "user.name",
            "action": "event.action",
            "url": "url.path",
            "status": "http.response.status_code",
            "agent": "user_agent.original",
        },
        may_be=_may_be,
        fast=_read,
        search_body=False,
        asked_for="asked_for",
    ),
    examples=(
        example(
            '192.0.2.1 - frank [31/Dec/2025:23:59:59 +0100] "GET /a/b?c=d HTTP/1.1" 200 512 "-" "Mozilla/5.0 (X11)"',
            {
                "source.ip": "192.0.2.1",
                "user.name": "frank",
                "event.action": "GET",
                "http.request.method": "GET",
                "url.path": "/a/b",
                "http.response.status_code": 200,
                "user_agent.original": "Mozilla/5.0 (X11)",
                "event.outcome": "success",
                "@timestamp": "2025-12-31T22:59:59Z",
            },
        ),
        example(
            'shop:443 192.0.2.1 - a b [31/Dec/2025:23:59:59 +0000] "OPTIONS * HTTP/1.1" 301 0 "-"',
            {
                "source.ip": "192.0.2.1",
                "user.name": "a b",
                "event.action": "OPTIONS",
                "http.request.method": "OPTIONS",
                "url.path": "*",
                "http.response.status_code": 301,
                "event.outcome": "success",
                "@timestamp": "2025-12-31T23:59:59Z",
            },
        ),
        example(
            'shop.example.com 192.0.2.1 - bob [31/Dec/2025:23:59:59 +0000] "GET /a HTTP/1.1" 200 5 "-"',
            {
                "source.ip": "192.0.2.1",
                "user.name": "bob",
                "event.action": "GET",
                "http.request.method": "GET",
                "url.path": "/a",
                "http.response.status_code": 200,
                "event.outcome": "success",
                "@timestamp": "2025-12-31T23:59:59Z",
            },
        ),
        *(
            example(
                line,
                {
                    "source.ip": "198.51.100.195",
                    "event.action": "GET",
                    "http.request.method": "GET",
                    "url.path": "/a",
                    "http.response.status_code": 200,
                    "user_agent.original": "curl/8",
                    "event.outcome": "success",
                    "@timestamp": "2025-12-31T23:59:59Z",
                },
            )
            for line in (
                '198.51.100.195, 192.0.2.21 192.0.2.22 - - [31/Dec/2025:23:59:59 +0000] 15622 "GET /a HTTP/1.1" 200 5 "-" "curl/8"',
                '- 198.51.100.195 - - [31/Dec/2025:23:59:59 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl/8"',
                '10.0.0.1 - - [31/Dec/2025:23:59:59 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl/8" "198.51.100.195, 10.0.0.7"',
                '127.0.0.1 - - [31/Dec/2025:23:59:59 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl/8" 198.51.100.195',
                'unix: - - [31/Dec/2025:23:59:59 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl/8" "198.51.100.195"',
                '198.51.100.195 - - [31/Dec/2025:23:59:59 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl/8" "-"',
                '198.51.100.195 - - [31/Dec/2025:23:59:59 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl/8" "10.9.8.7"',
                '198.51.100.195 - - [31/Dec/2025:23:59:59 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl/8" "192.0.2.99"',
            )
        ),
        example(
            '192.0.2.1 - - [31/Dec/2025:23:59:59 +0000] "-" 408 0 "-" "-"',
            {
                "source.ip": "192.0.2.1",
                "http.response.status_code": 408,
                "@timestamp": "2025-12-31T23:59:59Z",
            },
        ),
        example(
            '192.0.2.1 - - [31/Dec/2025:23:59:59 +0000] "GET /p#?user=eve&action=x&dst=198.51.100.7 HTTP/1.1" 200 5',
            {
                "source.ip": "192.0.2.1",
                "event.action": "GET",
                "http.request.method": "GET",
                "url.path": "/p",
                "http.response.status_code": 200,
                "event.outcome": "success",
                "@timestamp": "2025-12-31T23:59:59Z",
            },
        ),
    ),
)
