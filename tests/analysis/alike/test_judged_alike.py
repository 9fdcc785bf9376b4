"""Lines that differ only in their numbers are judged together; each cell is what judging each line by itself says."""

from __future__ import annotations

import random
import re
from pathlib import Path

import numpy as np
import pytest

from soc.analysis.alike import judging, kinds
from soc.analysis.alike.rows import VERDICT, JudgedRows
from soc.analysis.block_job import judge_rows
from soc.detection.judging.explain import explain_rows
from soc.detection.judging.scan import use_cache
from soc.detection.rulebook import build_ruleset
from soc.logs.layout import Block, Layout, LogFormat
from soc.logs.opening.blocks import clean
from soc.logs.records import read_records
from soc.settings import Settings

RULESET = build_ruleset()
AS_OF = 1_772_330_400_000_000
#: `#` is a number, `@` an address, `:` in `~` a clock.
SHAPES = (
    "Mar  # ~ web# sshd[#]: Failed password for invalid user u# from @ port # ssh2",
    "Mar # ~ web1 sshd[#]: Accepted publickey for root from @ port # ssh2",
    "Mar  1 ~ web1 sshd(pam_unix)[#]: authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=@  user=root",
    "Jun 17 ~ combo ftpd[#]: connection from @ (@) at Fri Jun 17 ~ 2005",
    '@ - - [0#/Mar/2026:~ +0000] "GET /shop/# HTTP/1.1" # # "-" "Mozilla/5.0 (rv:#)"',
    '@ - - [01/Mar/2026:~ +0100] "GET /x?id=%27+OR+#=# HTTP/1.1" # # "-" "sqlmap/1.#"',
    '@ - - [01/Mar/2026:~ +0000] "GET /p?u=http://@/latest HTTP/1.1" # # "-" "-"',
    "0811# 20#15 # INFO dfs.DataNode: Receiving block blk_-#3 src: /@:# dest: /@:#",
    "2026-03-# ~,# - WARN  [Worker-#:Quorum@577] - peer /@:# status: # len: #",
    "2026-03-01T~.#+01:00 ERROR [pool-#] java.sql.SQLException: connection to db# refused after # ms",
    "<#>Oct 11 ~ host# su: 'su root' failed for u# on /dev/pts/#",
    'time=2026-03-01T~Z level=info msg="cache hit" key=# status=# port=#',
    "Mar  1 ~ fw kernel: DROP IN=eth0 SRC=@ DST=@ PROTO=TCP SPT=# DPT=# LEN=#",
    "cpu usage at # % on web#, disk # percent, exited with code #",
    "Mar  1 ~ combo last message repeated # times",
    "häuser # von @ um ~",
    '{"level": #, "msg": "user # failed", "ip": "@"}',
    "plain line number # of nothing",
)
NUMBERS = [
    "0",
    "1",
    "7",
    "05",
    "00",
    "10",
    "31",
    "60",
    "99",
    "100",
    "169",
    "200",
    "204",
    "255",
    "256",
    "301",
    "401",
    "403",
    "404",
    "418",
    "451",
    "452",
    "499",
    "500",
    "503",
    "511",
    "599",
    "600",
    "007",
    "1999",
    "2026",
    "4000",
    "4625",
    "8080",
    "51826",
    "65535",
    "65536",
    "99999",
    "012345",
    "4294967296",
]
OCTETS = [
    "0",
    "1",
    "9",
    "10",
    "16",
    "77",
    "99",
    "127",
    "168",
    "172",
    "192",
    "198",
    "203",
    "254",
    "255",
    "256",
    "300",
    "01",
]


def lines_of(seed: int, count: int) -> list[str]:
    """Lines of few shapes: most have numbers that nobody minds, some just those that somebody does."""
    dice = random.Random(seed)

    def number(_: re.Match[str]) -> str:
        return dice.choice(NUMBERS) if dice.random() < 0.3 else str(dice.randrange(1000, 60_000))

    def address(_: re.Match[str]) -> str:
        odd = dice.random() < 0.2
        return ".".join(dice.choice(OCTETS) if odd else str(dice.randrange(1, 255)) for _ in range(4))

    def clock(_: re.Match[str]) -> str:
        return f"{dice.randrange(24):02d}:{dice.randrange(61):02d}:{dice.randrange(61):02d}"

    found = []
    for _ in range(count):
        line = re.sub("#", number, dice.choice(SHAPES))
        found.append(re.sub("~", clock, re.sub("@", address, line)))
    return found


def judged(lines: list[str], *, alike: bool) -> tuple[JudgedRows, list[str]]:
    """And why, of each line."""
    data = "".join(line + "\n" for line in lines).encode()
    layout = Layout("night.log", Path("night.log"), LogFormat("plain"), default_source="night", as_of=AS_OF)
    loaded = clean(data, layout, 0)
    records = read_records(loaded, layout)
    block = Block(0, 0, len(data), 1, len(data))
    rows = judge_rows(layout, block, loaded, records, RULESET, alike=alike)
    every = np.arange(len(lines))
    return rows, explain_rows(RULESET, every, rows.matches, records.starts, loaded.data, rows.verdicts)


@pytest.fixture(autouse=True)
def _afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    use_cache(Settings().patterns_dir)
    monkeypatch.setattr(judging, "FEWEST", 50)
    monkeypatch.setattr(kinds, "_memories", type(kinds._memories)())


def assert_same(lines: list[str]) -> None:
    (one, why), (other, reasons) = judged(lines, alike=False), judged(lines, alike=True)
    for column in one.events:
        differs = ~column.eq_missing(other.events[column.name])
        shown = [
            (lines[row], column[row], other.events[column.name][row])
            for row in differs.arg_true().to_list()[:3]
        ]
        assert not shown, (column.name, shown)
    assert one.times.equals(other.times.select(one.times.columns))
    for name in VERDICT:
        assert (getattr(one.verdicts, name) == getattr(other.verdicts, name)).all(), name
    for name in ("line", "pattern", "start", "end"):
        assert np.array_equal(getattr(one.matches, name), getattr(other.matches, name)), name
    assert why == reasons


def test_each_line_is_what_it_is_by_itself() -> None:
    """Three blocks: what the first teaches is used in the second, and what is found in the second in the third."""
    for seed in (1, 2, 3):
        assert_same(lines_of(seed, 400))


def test_a_block_that_comes_again_is_judged_from_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = lines_of(4, 150)
    for _ in range(3):
        judged(lines, alike=True)
    monkeypatch.setattr(judging._Block, "_judge_some", lambda *_: pytest.fail("a line was judged again"))
    assert_same(lines)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "MOST", 60)
    for seed in (5, 6):
        assert_same(lines_of(seed, 100))
    (memory,) = kinds._memories.values()
    judged(lines_of(7, 100), alike=True)
    assert kinds._memories
    assert memory is not next(iter(kinds._memories.values()))
