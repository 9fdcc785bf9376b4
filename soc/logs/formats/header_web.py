"""Headers of web servers (access and error logs) and of HDFS."""

from __future__ import annotations

import numpy as np

from soc.logs.formats.header_lines import (
    ACCESS,
    APACHE,
    CLOSE,
    COLON,
    FAR,
    HDFS,
    LOWER,
    OPEN,
    SPACE,
    UPPER,
    WORDS,
    Headers,
    Lines,
    characters,
)
from soc.logs.text.clocks import instant, month_at, pairs, two_digits, zone
from soc.logs.text.views import Ints


def read_access(lines: Lines, headers: Headers, rows: Ints, bracket: Ints) -> None:
    """`192.0.2.1 - user [31/Dec/2025:23:59:59 +0000] "GET /path HTTP/1.1" 200 …` with the usual methods."""
    if not len(rows):
        return
    array, page = lines.array, lines.page
    start, end, close = lines.starts[rows], lines.ends[rows], bracket[rows]
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
    rows, kept = rows[good], np.flatnonzero(good)
    headers.family[rows] = ACCESS
    headers.body[rows], headers.body_end[rows] = body[kept], quote[kept] + 5
    for name, left, size in (
        ("source_ip", start, stops[0] - start), ("user", stops[1] + 1, stops[2] - stops[1] - 1),
        ("action", body, url - 1 - body), ("url", url, blank - url), ("status", quote + 2, np.full(len(start), 3)),
    ):  # fmt: skip
        headers.put(name, rows, left[kept], size[kept])
    micros, timed = instant(century * 100 + year, month, day, (hour, minute, second))
    headers.put_time(
        rows, (micros - east * 60_000_000)[kept], (timed & (abs(east) <= FAR))[kept], naive=False
    )


def read_hdfs(lines: Lines, headers: Headers, rows: Ints) -> None:
    """`081109 203518 143 INFO body`."""
    if not len(rows):
        return
    array, page = lines.array, lines.page
    start, end = lines.starts[rows], lines.ends[rows]
    numbers = [two_digits(page, start + offset) for offset in (0, 2, 4, 7, 9, 11)]
    good = np.logical_and.reduce([sound for sound, _ in numbers]) & (array[start + 13] == SPACE)
    year, month, day, hour, minute, second = (number for _, number in numbers)
    at = start + 14
    widths = []
    for table in (characters("0123456789"), UPPER):
        run = np.zeros(len(rows), np.int64)
        alive = np.ones(len(rows), np.bool_)
        for step in range(9):
            alive = alive & table[array[at + step]]
            run += alive
        good &= (run > 0) & (array[at + run] == SPACE)
        widths.append((at, run))
        at = at + run + 1
    good &= (at <= end) & (year < 60)
    rows, kept = rows[good], np.flatnonzero(good)
    headers.family[rows] = HDFS
    headers.body[rows] = at[kept]
    for name, (left, width) in zip(("pid", "level"), widths, strict=True):
        headers.put(name, rows, left[kept], width[kept])
    micros, timed = instant(2000 + year, month - 1, day, (hour, minute, second))
    headers.put_time(rows, micros[kept], timed[kept], naive=True)


def read_apache(lines: Lines, headers: Headers, rows: Ints) -> None:
    """`[Sun Dec 04 04:51:09 2005] [error] [client 192.0.2.1] body`; the client may be missing."""
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
    headers.family[rows] = APACHE
    headers.body[rows] = body[kept]
    headers.put("level", rows, (start + 28)[kept], (level_end - start - 28)[kept])
    headers.put("source_ip", rows, ip[kept], np.where(client, ip_end - ip, -1)[kept])
    micros, timed = instant(century * 100 + year, month, day, (hour, minute, second))
    headers.put_time(rows, micros[kept], timed[kept], naive=True)
