"""How fast the search answers: `python benchmarks/search.py [--incidents 100000]`.

Builds a store in a folder of its own (`SOC_BENCH_POSTGRES=postgresql://…`: in that empty database) and asks each
query 20 times, as the API does: the found rows and their number.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

QUERIES = (
    "inc-000000000777", "SOC-1234", "soc-12", "T1110", "t1110.003", "10.20.30.40", "10.20.", "10.20.0.0/16", "10.0.0.0/8",
    "2001:db8::/32", "2001:db8:1", "web-17.corp.example", "corp.example", "root", "kim.sato", "amira", "failed", "failed root",
    "failed password web", "multiple failed logins", "sshd T1110 root", "p", "100%", "o'brien", "nothing-like-this", "inc",
)  # fmt: skip


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--incidents", type=int, default=100_000)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="soc-bench-") as folder:
        os.environ.update(
            SOC_DATA_DIR=f"{folder}/data", SOC_DATABASE_URL=os.environ.get("SOC_BENCH_POSTGRES", "")
        )
        measure(chosen.incidents, Path(folder) / "data" / "soc.db")


def measure(incidents: int, file: Path) -> None:
    from benchmarks.large_store import add_store
    from soc import clock
    from soc.store.db import read_session
    from soc.store.migrate import migrate
    from soc.store.nouns.combined.search import find_incidents

    migrate()
    began = time.perf_counter()
    add_store(incidents=incidents, tickets=10_000, deliveries=100, now=clock.now())
    print(
        f"machine  {os.cpu_count()} cores, {sys.version.split()[0]}, load {os.getloadavg()[0]:.1f}\n"
        f"store    {incidents:,} incidents, built in {time.perf_counter() - began:.0f} s"
        + (f", {file.stat().st_size / 1e6:.0f} MB" if file.exists() else "")
    )
    slowest = 0.0
    for query in QUERIES:
        times = []
        for _ in range(20):
            began = time.perf_counter()
            with read_session() as session:
                found = find_incidents(session, query)
            times.append((time.perf_counter() - began) * 1000)
        p95 = statistics.quantiles(times, n=20)[-1]
        slowest = max(slowest, p95)
        print(
            f"{query:28} {found.total:>7,} found   p50 {statistics.median(times):6.1f} ms   p95 {p95:6.1f} ms"
        )
    print(f"slowest p95 {slowest:.1f} ms (bar: 200 ms)")


if __name__ == "__main__":
    main()
