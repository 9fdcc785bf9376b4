"""How fast the log path is, and how much memory it takes. Not a test: it prints.

    .venv/bin/python benchmarks/log_path.py [--lines 200000 2000000] [--workers 2] [--no-real]

Lines are made up here (a mix of syslog, access, application and key=value lines with some attacks); where
../shared/logs exists its real logs are read too, repeated to 400,000 lines. Compared, on a slice, with Python's
`re` in a loop and with grep. What counts is CPU time of all processes, which other work on the machine changes
less than wall time; the pool is warm (its start is measured apart).
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # runs from a checkout that is not installed

from soc.analysis import analyse_files, close_pool, export_events
from soc.detection.rulebook import build_ruleset
from soc.logs.layout import SourceFile
from soc.settings import Settings

SHARED = Path(__file__).resolve().parents[2] / "shared" / "logs"


def make_lines(count: int, path: Path) -> None:
    """A believable night, the same each time."""
    dice = random.Random(7)
    shapes = (
        (30, 'x.x.x.x - - [01/Mar/2026:02:MM:SS +0000] "GET /shop/item/N HTTP/1.1" 200 N "-" "Mozilla/5.0 (X11; Linux)"'),
        (20, "Mar  1 02:MM:SS webN app[N]: request N served in N ms for user uN"),
        (20, "2026-03-01T02:MM:SS.N+00:00 INFO [worker-N] com.shop.Order - order N placed"),
        (12, "Mar  1 02:MM:SS webN sshd[N]: Failed password for invalid user uN from x.x.x.x port N ssh2"),
        (8, "time=2026-03-01T02:MM:SSZ level=info msg=\"cache hit\" key=N ratio=N"),
        (5, "Mar  1 02:MM:SS webN CRON[N]: pam_unix(cron:session): session opened for user root by (uid=0)"),
        (3, "2026-03-01 02:MM:SS,N ERROR [pool-N] java.sql.SQLException: database connection refused by dbN"),
        (1, 'x.x.x.x - - [01/Mar/2026:02:MM:SS +0000] "GET /p?id=1+UNION+SELECT+N HTTP/1.1" 404 N "-" "sqlmap/1.N"'),
        (1, "Mar  1 02:MM:SS webN kernel: Out of memory: Killed process N (java)"),
    )  # fmt: skip
    templates = [text for weight, text in shapes for _ in range(weight)]
    address = [f"203.0.113.{number}" for number in range(1, 200)]

    def line() -> str:
        text = dice.choice(templates).replace("x.x.x.x", dice.choice(address))
        text = text.replace("MM", f"{dice.randrange(60):02d}").replace("SS", f"{dice.randrange(60):02d}")
        return re.sub("N", lambda _: str(dice.randrange(100)), text)

    block = "\n".join(line() for _ in range(min(count, 50_000))) + "\n"
    with path.open("w") as out:
        for _ in range(count // min(count, 50_000)):
            out.write(block)


def processes() -> list[int]:
    """This process and all that it started, by /proc."""
    known = [os.getpid()]
    for pid in known:
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                known.extend(int(child) for child in task.read_text().split())
            except OSError:
                continue
    return known


def cpu_seconds() -> float:
    """User and system time of all processes so far."""
    ticks = 0
    for pid in processes():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0


class Memory:
    """Peak resident memory of all processes together, looked at every 50 ms."""

    def __init__(self) -> None:
        self.peak = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.05):
            self.peak = max(self.peak, sum(resident(pid) for pid in processes()))


def measure(name: str, path: Path, settings: Settings, folder: Path) -> None:
    out = folder / "out"
    before = cpu_seconds()
    with Memory() as memory:
        done = analyse_files([SourceFile(path.name, path)], batch_id="bench", out_dir=out, settings=settings)
        used = cpu_seconds() - before
    began = cpu_seconds()
    export_events(done.events_dir, out / "events.parquet")
    export = cpu_seconds() - began
    print(
        f"{name:28s} {done.lines_in:>10,} lines {done.seconds:7.2f} s wall {used:7.2f} s CPU "
        f"{done.lines_in / used:>9,.0f} lines/s a core {memory.peak / 2**20:6,.0f} MiB peak "
        f"{len(done.incidents):>5,} incidents; export {export:.2f} s CPU",
        flush=True,
    )
    shutil.rmtree(out)


def compare(path: Path, lines: int = 2000) -> None:
    """The same patterns with `re` in a loop over lines, and one alternation of words with grep."""
    with path.open() as text:
        sample = [next(text) for _ in range(lines)]
    compiled = [
        re.compile(pattern, re.IGNORECASE if caseless else 0)
        for pattern, caseless in build_ruleset().patterns()
    ]
    began = time.process_time()
    for line in sample:
        for expression in compiled:
            expression.search(line)
    used = time.process_time() - began
    print(f"Python re, {len(compiled)} patterns line by line: {lines / used:,.0f} lines/s of CPU")
    total = sum(1 for _ in path.open("rb"))
    for tool in (["grep", "-ciE"], ["rg", "-ci"]):
        if shutil.which(tool[0]):
            words = "failed password|out of memory|union.select|connection refused"
            began = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([*tool, words, str(path)], capture_output=True, check=False)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            used = after.ru_utime + after.ru_stime - began.ru_utime - began.ru_stime
            print(f"{tool[0]}, four of the words only: {total / max(used, 0.001):,.0f} lines/s of CPU")


def real_lines(folder: Path, wanted: int) -> Path | None:
    """The real logs one after the other, again and again, to about `wanted` lines; None where there are none."""
    found = [*sorted(SHARED.glob("loghub/*.log")), *sorted(SHARED.glob("web_auth/*log"))]
    if not found:
        return None
    once = b"".join(path.read_bytes().rstrip(b"\n") + b"\n" for path in found)
    together = folder / "real.log"
    together.write_bytes(once * max(1, wanted // once.count(b"\n")))
    return together


def machine() -> str:
    try:
        info = Path("/proc/cpuinfo").read_text()
        model = next(line.split(":", 1)[1].strip() for line in info.splitlines() if "model name" in line)
    except (OSError, StopIteration):
        model = platform.processor()
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lines", type=int, nargs="*", default=[200_000, 2_000_000])
    options.add_argument("--workers", type=int, default=0)
    options.add_argument("--no-real", action="store_true", help="leave the real logs out")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="soc-bench-") as name:
        folder = Path(name)
        settings = Settings(data_dir=folder, workers=chosen.workers)
        print(f"{machine()}; {settings.worker_count} workers", flush=True)
        warm = folder / "warm.log"
        make_lines(50_000, warm)
        measure("start of the pool, patterns", warm, settings, folder)
        for count in chosen.lines:
            path = folder / f"{count}.log"
            make_lines(count, path)
            measure(f"synthetic {count:,}", path, settings, folder)
            path.unlink()
        real = None if chosen.no_real else real_lines(folder, 400_000)
        if real is not None:
            measure("real logs of ../shared", real, settings, folder)
        compare(warm)
        close_pool()


if __name__ == "__main__":
    main()
