"""Syslog as RFC 3164 and its relatives write it: `Mar  1 00:00:00 host program[pid]: body`."""

from __future__ import annotations

import numpy as np

from soc.logs.formats.kit.dated import read_dated
from soc.logs.formats.kit.declare import Format, Header, example
from soc.logs.formats.kit.expressions import MONTH_TIME, PRIORITY
from soc.logs.formats.kit.headers import Claim
from soc.logs.formats.kit.lines import LESS, MORE, SPACE, Lines
from soc.logs.formats.kit.program import read_program
from soc.logs.text.clocks import Flags, instant, is_digit, month_at, pairs
from soc.logs.text.views import Ints


def _may_be(lines: Lines) -> Flags:
    return lines.tagged | lines.monthly | lines.digit


def _read(lines: Lines, claim: Claim) -> None:
    _read_monthly(lines, claim, np.flatnonzero(lines.monthly | lines.tagged))
    dated = lines.once(read_dated)
    _take(claim, dated.rows[dated.named], dated.slices, dated.body)
    claim.put_time(
        dated.rows[dated.named],
        dated.micros[dated.named],
        dated.timed[dated.named],
        naive=dated.naive[dated.named],
    )


def _read_monthly(lines: Lines, claim: Claim, rows: Ints) -> None:
    """`Mar  1 00:00:00 …`, with or without `<34>` before it."""
    if not len(rows):
        return
    array, page = lines.array, lines.page
    start, end = lines.starts[rows], lines.ends[rows]
    tagged = array[start] == LESS
    width = np.zeros(len(rows), np.int64)
    run = tagged.copy()
    for step in range(1, 4):
        run = run & is_digit(page, start + step)
        width += run
    good = ~tagged | ((width > 0) & (array[start + width + 1] == MORE))
    at = np.where(tagged, start + width + 2, start)
    month = month_at(page, at)
    clock_good, *clock = pairs(page, at + 7, ":")
    tens, ones = array[at + 4], array[at + 5] - np.uint8(48)
    good &= (month >= 0) & clock_good & (array[at + 3] == SPACE) & (array[at + 6] == SPACE)
    good &= ((tens == SPACE) | ((tens - np.uint8(48)) < 10)) & (ones < 10)
    good &= (array[at + 15] == SPACE) & (array[at + 16] != SPACE) & (at + 17 <= end)
    rows, at, end = rows[good], at[good], end[good]
    if not len(rows):
        return
    day = np.where(tens == SPACE, 0, (tens - np.uint8(48)).astype(np.int64) * 10)[good] + ones[good]
    fits, _, slices, body = read_program(lines, at + 16, end)
    _take(claim, rows[fits], {name: (a[fits], b[fits]) for name, (a, b) in slices.items()}, body[fits])
    hour, minute, second = (part[good] for part in clock)
    micros, timed = instant(np.full(len(rows), 2000), month[good], day, (hour, minute, second))
    claim.put_time(rows[fits], micros[fits], timed[fits], naive=True, yearless=True)


def _take(claim: Claim, rows: Ints, slices: dict[str, tuple[Ints, Ints]], body: Ints) -> None:
    claim.take(rows, body)
    for group, (start, length) in slices.items():
        claim.put(group, rows, start, length)


FORMAT = Format(
    name="rfc3164",
    title="Syslog, RFC 3164",
    about="`Mar  1 00:00:00 host program[pid]: body`; priority, host and pid may be missing, the time may be ISO or Unix seconds with a fraction, a zone and year may follow it, a frame's length stand before the priority.",
    order=120,
    part_of="syslog",
    header=Header(
        expression=rf"(?s)^(?:(?:\d{{1,5}} )?{PRIORITY})?(?P<time>{MONTH_TIME}(?: (?:[A-Z]{{3,4}} )?\d{{4}})?|\d{{10}}\.\d{{6}}|\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\S*) +"
        r"(?:(?P<host>[^\s:\[\]()=\"]+|[0-9a-fA-F:.]+) )?(?:last message |(?:[a-z0-9|]{2,20}:)?(?:emerg|alert|crit|err|warning|notice|info|debug) |)"
        r"(?P<process>[^\s:\[\]()=\"]+(?:\([^)\s]*\))?)(?:\[(?P<pid>\d+)\])?:(?: +(?P<body>.*)|)$",
        fields={"host": "host.name", "process": "process.name", "pid": "process.pid"},
        may_be=_may_be,
        fast=_read,
        source=("process.name", "host.name"),
        body_is_message=True,
    ),
    examples=(
        example(
            "Mar  1 02:00:07 web1 sshd[77]: Failed password for root from 203.0.113.9 port 4000 ssh2",
            {
                "host.name": "web1",
                "process.name": "sshd",
                "process.pid": 77,
                "user.name": "root",
                "source.ip": "203.0.113.9",
                "source.port": 4000,
                "event.action": "ssh_login",
                "event.category": "authentication",
                "event.type": "start",
                "event.outcome": "failure",
                "source": "sshd",
                "message": "Failed password for root from 203.0.113.9 port 4000 ssh2",
            },
        ),
        example(
            "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
            {
                "host.name": "mymachine",
                "process.name": "su",
                "user.name": "lonvick",
                "user.target.name": "root",
                "event.category": "authentication",
                "event.type": "start",
                "event.outcome": "failure",
                "source": "su",
                "message": "'su root' failed for lonvick on /dev/pts/8",
            },
        ),
        example(
            "2026-03-01T02:05:00.5+01:00 web1 app[4]: started",
            {
                "host.name": "web1",
                "process.name": "app",
                "process.pid": 4,
                "source": "app",
                "message": "started",
                "@timestamp": "2026-03-01T01:05:00.500Z",
            },
        ),
        example(
            "Jul 10 03:55:15 kernel: eth0 up",
            {"process.name": "kernel", "source": "kernel", "message": "eth0 up"},
        ),
        example(
            "Jul 10 03:55:15 bigip1 notice mcpd[7]: ready",
            {
                "host.name": "bigip1",
                "process.name": "mcpd",
                "process.pid": 7,
                "source": "mcpd",
                "message": "ready",
            },
        ),
        example(
            "Jul 10 03:55:15 aix1 auth|security:info su[7]: done",
            {"host.name": "aix1", "process.name": "su", "process.pid": 7, "source": "su", "message": "done"},
        ),
        example(
            "<165>Aug 24 05:34:00 CST 2025 web1 app[4]: ready",
            {
                "host.name": "web1",
                "process.name": "app",
                "process.pid": 4,
                "source": "app",
                "message": "ready",
                "@timestamp": "2025-08-24T11:34:00Z",
            },
        ),
        example(
            "1770283230.123456 web1 app[4]: ready",
            {
                "host.name": "web1",
                "process.name": "app",
                "process.pid": 4,
                "source": "app",
                "message": "ready",
                "@timestamp": "2026-02-05T09:20:30.123456Z",
            },
        ),
        example(
            "42 <34>Jul 10 03:55:15 web1 app: ready",
            {"host.name": "web1", "process.name": "app", "source": "app", "message": "ready"},
        ),
        example("Jul 10 03:55:15 web1 app:", {"host.name": "web1", "process.name": "app", "source": "app"}),
        example(
            "Jul 10 03:55:15 web1 sudo: alice : TTY=pts/0 ; USER=root ; COMMAND=/bin/sh",
            {
                "host.name": "web1",
                "process.name": "sudo",
                "user.name": "alice",
                "user.target.name": "root",
                "process.command_line": "/bin/sh",
                "event.category": "process",
                "event.type": "start",
                "event.outcome": "success",
                "source": "sudo",
                "message": "alice : TTY=pts/0 ; USER=root ; COMMAND=/bin/sh",
            },
        ),
    ),
)
