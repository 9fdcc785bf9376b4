"""How fast the log path is, and how much memory it takes. Not a test: it prints.

    .venv/bin/python benchmarks/log_path.py [--lines 200000 2000000] [--workers 2]

Lines are made up here (a mix of syslog, access, application and key=value lines with some attacks); where
../shared/logs exists its real logs are read too. Compared, on a slice, with Python's `re` in a loop and with grep.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from soc.logs import SourceFile, analyse_files, close_pool, export_events
from soc.logs.scan import patterns
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


class Memory:
    """Peak resident memory of this process and its children together, looked at every 50 ms."""

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
        own = Path("/proc/self")
        while not self._done.wait(0.05):
            children = (
                (own / "task" / str(threading.main_thread().native_id) / "children").read_text().split()
            )
            every = [
                own,
                *(Path("/proc") / pid for task in (own / "task").iterdir() for pid in _children(task)),
            ]
            self.peak = max(
                self.peak, sum(_resident(path) for path in {*every, *(Path("/proc") / c for c in children)})
            )


def _children(task: Path) -> list[str]:
    try:
        return (task / "children").read_text().split()
    except OSError:
        return []


def _resident(path: Path) -> int:
    try:
        return int((path / "statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0


def measure(name: str, files: list[Path], settings: Settings, folder: Path) -> None:
    out = folder / "out"
    cpu = resource.getrusage(resource.RUSAGE_SELF)
    with Memory() as memory:
        done = analyse_files(
            [SourceFile(path.name, path) for path in files], batch_id="bench", out_dir=out, settings=settings
        )
        began = time.monotonic()
        export_events(done.events_dir, out / "events.parquet")
        export = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_SELF)
    own = after.ru_utime + after.ru_stime - cpu.ru_utime - cpu.ru_stime
    rate = done.lines_in / done.seconds
    print(
        f"{name}: {done.lines_in:,} lines in {done.seconds:.2f} s = {rate:,.0f} lines/s, "
        f"{rate / settings.worker_count:,.0f} a worker; peak {memory.peak / 2**20:,.0f} MiB (all processes); "
        f"{len(done.incidents):,} incidents; export {export:.2f} s; parent CPU {own:.2f} s"
    )
    shutil.rmtree(out)


def compare(path: Path, lines: int = 4000) -> None:
    """The same patterns with `re` in a loop over lines, and one alternation of words with grep."""
    with path.open() as text:
        sample = [next(text) for _ in range(lines)]
    compiled = [re.compile(pattern, re.IGNORECASE if caseless else 0) for pattern, caseless in patterns()]
    began = time.monotonic()
    for line in sample:
        for expression in compiled:
            expression.search(line)
    print(f"Python re, line by line: {lines / (time.monotonic() - began):,.0f} lines/s (on {lines:,} lines)")
    for tool in (["grep", "-cE"], ["rg", "-c"]):
        if shutil.which(tool[0]):
            began = time.monotonic()
            subprocess.run(
                [*tool, "failed password|out of memory|union.select|connection refused", str(path)],
                capture_output=True,
                check=False,
            )
            total = sum(1 for _ in path.open("rb"))
            print(f"{tool[0]}, four words only: {total / (time.monotonic() - began):,.0f} lines/s")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lines", type=int, nargs="*", default=[200_000, 2_000_000])
    options.add_argument("--workers", type=int, default=0)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="soc-bench-") as name:
        folder = Path(name)
        settings = Settings(data_dir=folder, workers=chosen.workers)
        warm = folder / "warm.log"
        make_lines(50_000, warm)
        measure("warm-up (starts the pool, compiles the patterns)", [warm], settings, folder)
        for count in chosen.lines:
            path = folder / f"{count}.log"
            make_lines(count, path)
            measure(f"synthetic {count:,}", [path], settings, folder)
        real = [*sorted(SHARED.glob("loghub/*.log")), *sorted(SHARED.glob("web_auth/*.log"))]
        if real:
            together = folder / "real.log"
            together.write_bytes(b"".join(path.read_bytes().rstrip(b"\n") + b"\n" for path in real) * 10)
            measure("real logs of ../shared, ten times", [together], settings, folder)
        compare(warm)
        close_pool()


if __name__ == "__main__":
    main()
