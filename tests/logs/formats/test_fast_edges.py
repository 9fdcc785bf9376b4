"""What a format's reader of bytes must read itself, and that one wrong character anywhere leaves both readers agreed."""

from __future__ import annotations

from itertools import product

import pytest

from tests.logs.formats.test_fast_readers import _both, _compare

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = (("01", "00:00:00"), ("28", "23:59:59"), ("10", "09:10:20"))
#: By format: lines of its plain shape at the shape's edges. That they are read from bytes is what makes files quick to read.
PLAIN = {
    "access": [
        *(f'192.0.2.1 - - [{day}/{month}/2025:{time} +0000] "GET /a HTTP/1.1" 200 5' for month, (day, time) in product(MONTHS, DAYS)),
        *(f'h - {user} [31/Dec/{year}:23:59:59 {zone}] "{method} {url} HTTP/1.0" {status} 1 "-" "M"'
          for user, year, zone, method, url, status in (
              ("u", 1900, "+1400", "PUT", "/", 999), ("x" * 64, 2199, "-1400", "POST", "*", "000"),
              ("frank", 2000, "-0059", "HEAD", "/?" + "q" * 300, 404), ("a-b", 1999, "+0530", "GET", "/:[]", 200))),
    ],
    "apache-error": [
        *(f"[Sun {month} {day} {time} 2005] [error] [client 192.0.2.1] x" for month, (day, time) in product(MONTHS, DAYS)),
        "[Sun Dec 04 05:15:09 1900] [e] x", "[Sun Dec 04 05:15:09 2199] [abcdefghijk] [client h] ",
        "[Sun Dec 04 05:15:09 2005] [notice] jk2_init() Found", "[Sun Dec 04 05:15:09 2005] [Error] [client h]no blank",
    ],
    "rfc3164": [
        *(f"{month} {day} {time} web1 sshd[77]: x" for month, (day, time) in product(MONTHS, DAYS)),
        "Mar  1 02:00:07 web1 sshd[12345678]: x", "Mar  9 02:00:07 web1 sshd: x", "Mar  1 02:00:07 kernel[1]: x",
        "<0>Mar  1 02:00:07 web1 sshd[7]: x", "<34>Mar  1 02:00:07 h p:", "<191>Mar  1 02:00:07 h p[7]:      x",
        "2026-03-01T02:05:00Z web1 app[4]: started", "2026-03-01T02:05:00.1+14:00 web1 app: x",
        "2026-03-01T02:05:00,123456789-1400 app[99]: x", "2026-03-01T02:05:00.123456Z h p:" + " " * 30 + "x",
    ],
    "time-first": [
        *(f"2026-{month + 1:02d}-{day} {time} INFO x" for month, (day, time) in product(range(12), DAYS)),
        "1900-01-01 00:00:00 x", "2199-12-31T23:59:59Z x", "2026-03-01T02:05:00.123456789+0130 INFO x y",
        "2026-03-01 02:05:00,123 - INFO x", "2026-03-01 02:05:00: x", "2026-03-01 02:05:00|x", "2026-03-01 02:05:00.1Z\tx",
        "2026-03-01 02:05:00:" + " " * 38 + "x",
    ],
    "hdfs": [
        *(f"08{month + 1:02d}{day} {time.replace(':', '')} 143 INFO x" for month, (day, time) in product(range(12), DAYS)),
        "000101 000000 1 W x", "591231 235959 12345678 WARNINGS x", "081109 203518 0 E ",
    ],
}  # fmt: skip
LINES = [(name, line) for name, lines in PLAIN.items() for line in lines]


@pytest.mark.parametrize("name", PLAIN)
def test_what_is_of_the_plain_shape_is_read_from_bytes(name: str) -> None:
    fast = _compare(PLAIN[name])
    assert fast["format"].to_list() == [name] * len(fast)
    assert [line for line, read in zip(PLAIN[name], fast["read"], strict=True) if not read] == []


@pytest.mark.parametrize("name", PLAIN)
def test_so_it_is_among_others_whatever_stands_before_or_after_it(name: str) -> None:
    others = ['x] "', "]", '"', "free text", "Mar", "2026-", "<", "[", "0", "a" * 300 + ' "]']
    for other in others:
        lines = [part for line in PLAIN[name][-4:] for part in (other, line, other)]
        fast = _compare(lines)
        assert fast["read"].to_list()[1::3] == [True] * 4, other


#: One line of each shape; every character of its head is changed in turn.
HEADS = [lines[at] for lines in PLAIN.values() for at in (0, -1, -2, -4)] + [
    "<34>Oct 11 22:14:15 mymachine su: x", "Jul 10 03:55:15 combo last message repeated 5 times",
    "Jun 14 15:16:01 combo sshd(pam_unix)[19939]: x", "2026-03-01T02:05:00.123+01:00 web1 app[4]: x",
    "Jul 10 03:55:15 2024 host app: x", "2026-03-01 02:05:00 -0500 x", "2026-03-01T02:05:00Z last message app[4]: x", "2026-03-01T02:05:00Z web1 last message app: x",
    "Jul 10 03:55:15 cafe: dead: beef",
]  # fmt: skip
LETTERS = '019 :[]()="./<>,+-|TZ@aZ{\t\x00\x7fé'


@pytest.mark.parametrize("line", HEADS, ids=range(len(HEADS)))
def test_one_other_character_one_less_or_one_more_and_both_readers_still_agree(line: str) -> None:
    edits: list[str] = []
    for at in range(min(len(line), 66)):
        edits += [line[:at] + letter + line[at + 1 :] for letter in LETTERS]
        edits += [
            line[:at] + line[at + 1 :],
            line[:at],
            line[:at] + line[at] + line[at:],
            line[:at] + " " + line[at:],
        ]
    _compare([edit for edit in edits if edit])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("00:00:00 ", "24:00:00 "), ("00:00:00 ", "23:60:00 "), ("00:00:00 ", "23:59:60 "), ("2025", "1899"), ("2025", "2200"),
        ("01/Jan", "32/Jan"), ("01/Jan", "00/Jan"), ("01/Jan", "29/Feb"), ("01/Jan", "31/Apr"), ("01/Jan", "01/jan"),
        ("+0000", "+1401"), ("+0000", "-1401"), ("+0000", "+0060"), ("01/Jan/2025", "29/Feb/2024"),
    ],
)  # fmt: skip
def test_times_that_there_are_not_are_left_out_by_both(before: str, after: str) -> None:
    line = PLAIN["access"][0].replace(":00:00:00", ":" + "00:00:00")
    changed = line.replace(before, after)
    assert changed != line
    fast, slow = _both([changed])
    assert fast["format"].to_list() == slow["format"].to_list()
    _compare([changed])
