"""A made-up line of a shape: each number that the shape does not keep is another, so that it is seen which is read where."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\d{2,}")
#: A time at a line's beginning that has no marks (`081109 203615`) is left as it is.
_BEGINNING = 14


def probe_of(line: str, shape: str, turn: int) -> str:
    """Another line that is of the shape, as far as can be: who asks sees to that, and asks again with another `turn`."""
    made, at = [], 0
    for number in _NUMBER.finditer(line):
        start, end = number.span()
        own = number.group()
        turn += 1
        made += [
            line[at:start],
            own if shape[start:end] == own else _other(line, start, end, shape[start], turn),
        ]
        at = end
    return "".join([*made, line[at:]])


def _other(line: str, start: int, end: int, sign: str, turn: int) -> str:
    """Another number of as many digits, such as may stand there."""
    size, own = end - start, line[start:end]
    before, after = line[start - 1 : start], line[end : end + 1]
    if size == 2:
        return _two(own, before, after, turn)
    if size == 3:
        low, room = (int(sign) * 100, 56 if sign == "2" else 100) if sign in "12345" else (600, 300)
        return str(low + (17 * turn + int(own)) % room)
    if size == 4:
        return own if sign == "2" else str(2100 + (int(own) + 371 * turn) % 7000)
    if size == 5:
        return str(70_000 + turn * 113) if sign == "9" else str(31_000 + (turn * 113) % 30_000)
    if end <= _BEGINNING:
        return own
    return own[:-4] + f"{(int(own[-4:]) + 1111 * turn) % 10_000:04d}"


def _two(own: str, before: str, after: str, turn: int) -> str:
    if ":" in (before, after):
        most = 60 if before == ":" else 24
    elif (before and before in "-/") or (after and after in "-/"):
        return own
    else:
        most = 100
    return f"{10 + (7 * turn + int(own)) % (most - 10):02d}"
