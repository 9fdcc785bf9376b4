"""The pool's processes: how a file is shared among them, and that they do not outlive their parent."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from soc.analysis.block_job import run_block
from soc.detection.rulebook import build_ruleset
from soc.logs.layout import ReadOptions
from soc.logs.opening.prepare import LARGEST_BLOCK, prepare_file

MIB = 1024 * 1024

_PARENT = """
import multiprocessing, time
from soc.analysis.pool import get_pool

if __name__ == "__main__":
    pool = get_pool(2)
    list(pool.map(abs, range(8)))
    busy = [pool.submit(time.sleep, 600) for _ in range(2)]
    print(*[child.pid for child in multiprocessing.active_children()], flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize(
    ("size", "block_bytes", "count"),
    [(3 * MIB, 16 * MIB, 1), (5 * MIB, 16 * MIB, 2), (17 * MIB, 16 * MIB, 6), (17 * MIB, 2 * MIB, 10)],
)
def test_a_file_is_cut_into_about_equal_blocks_none_of_them_a_crumb(
    tmp_path: Path, size: int, block_bytes: int, count: int
) -> None:
    line = b"2026-03-01T02:05:00Z INFO service billing started %06d\n"
    path = tmp_path / "a.log"
    path.write_bytes((line % 7) * (size // len(line % 7)))
    found = prepare_file(
        path, "a.log", ReadOptions(), work_dir=tmp_path / "w", max_bytes=10**9, block_bytes=block_bytes
    )
    blocks = found.blocks
    assert len(blocks) == count
    assert (blocks[0].start, blocks[-1].end) == (0, path.stat().st_size)
    assert all(left.end == right.start for left, right in pairwise(blocks))
    assert blocks[-1].first_line == 1 + blocks[-1].start // len(line % 7)
    sizes = [block.end - block.start for block in blocks]
    assert max(sizes) <= min(block_bytes, LARGEST_BLOCK)
    assert min(sizes) > max(sizes) / 2


def _is_there(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.crash
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
def test_workers_are_gone_soon_after_their_parent_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(_PARENT)
    root = Path(__file__).resolve().parents[2]
    parent = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert parent.stdout is not None
    workers = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(workers) == 2
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 50
    while any(map(_is_there, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [pid for pid in workers if _is_there(pid)] == []


def test_what_a_worker_sends_back_does_not_hold_the_block(tmp_path: Path) -> None:
    line = "Mar  1 02:00:07 web1 sshd[77]: Failed password for root from 203.0.113.{} port 4000 ssh2\n"
    path = tmp_path / "a.log"
    path.write_text("".join(line.format(n % 50) for n in range(20_000)))
    found = prepare_file(
        path, "a.log", ReadOptions(), work_dir=tmp_path / "w", max_bytes=10**9, block_bytes=4 * MIB
    )
    done = run_block(
        found.layout, found.blocks[0], file=0, events_dir=tmp_path, ruleset=build_ruleset(),
        cache_dir=tmp_path / "cache",
    )  # fmt: skip
    assert len(done.findings.sessions) == 50
    assert len(pickle.dumps(done)) < 300_000
