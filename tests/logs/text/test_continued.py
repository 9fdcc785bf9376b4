"""What goes on from a line is part of it, however the blocks are cut; nothing else is."""

from __future__ import annotations

import pytest

from tests.logs.reading import read

_AT = "2026-03-01 10:00:0"
RECORDS = {
    "java": [
        f"{_AT}0,123 ERROR [main] x.Auth - login failed for user bob\njava.lang.SecurityException: no\n\tat x.Auth.check(Auth.java:17)\nCaused by: java.io.IOException: x\n\t... 2 more",
        f"{_AT}1,123 INFO [main] x.Main - ready",
    ],
    "python": [
        f'{_AT}0 ERROR app failed\nTraceback (most recent call last):\n  File "/a/b.py", line 3, in <module>\n    raise ValueError("x")\nValueError: x',
        f"{_AT}1 INFO app ready",
    ],
    "go": [
        f"{_AT}0 app stops\npanic: x\n\ngoroutine 1 [running]:\nmain.main()\n\t/a/b.go:12 +0x1d",
        f"{_AT}1 app starts",
    ],
    "statement": [f"{_AT}0 UTC [33] STATEMENT:  select\n\t  * from users", f"{_AT}1 UTC [33] LOG:  ok"],
    "syslog": ["Mar  1 02:00:07 web1 app[7]: failed\n\tat x", "Mar  1 02:00:08 web1 app[7]: ready"],
    "under a request": [
        '192.0.2.7 - - [01/Mar/2026:02:00:07 +0000] "GET /a HTTP/1.1" 500 17 "-" "curl/8"',
        'Traceback (most recent call last):\n  File "/a/b.py", line 3, in <module>\nValueError: x',
        '192.0.2.7 - - [01/Mar/2026:02:00:08 +0000] "GET /b HTTP/1.1" 200 17',
    ],
    "under another daemon": [
        "Mar  1 02:00:07 web1 sshd[7]: Failed password for root from 192.0.2.9 port 7 ssh2",
        "java.io.IOException: x\n\tat x.Auth.check(Auth.java:17)\nCaused by: java.io.IOException: y",
        "Mar  1 02:00:08 web1 sshd[7]: Connection closed by 192.0.2.9 port 7",
    ],
    "times of their own": [f"{_AT}0 one", f"  {_AT}1 two", f"\t{_AT}2 three"],
    "no log": ["key:", "  one: 1", "  two: 2", "ValueError: x"],
}


@pytest.mark.parametrize("kind", sorted(RECORDS))
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_record_has_the_lines_that_go_on_from_it(kind: str, ends: str) -> None:
    records = RECORDS[kind]
    done = read((("\n".join(records) + "\n") * 3).replace("\n", ends))
    assert [raw.replace("\r", "") for (raw,) in done.cells("raw")] == records * 3
    assert done.cells("line_no")[1][0] == 2 + records[0].count("\n")
    assert done.cells("message")[0][0].count("\n") == records[0].count("\n")


@pytest.mark.parametrize("size", [60, 150, 400])
def test_no_block_ends_within_a_record(size: int) -> None:
    text = (
        "".join(
            "\n".join(RECORDS[kind]) + "\n"
            for kind in ("java", "python", "statement", "under a request", "under another daemon")
        )
        * 4
    )
    names = ("line_no", "raw", "@timestamp", "user.name", "classification")
    assert read(text, block_bytes=size).cells(*names) == read(text).cells(*names)
