"""The campaign's command. See the package's own words."""

from __future__ import annotations

import argparse
import json
import queue
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.mutations.bench import Bench, copy_tree
from benchmarks.mutations.guards import Record, guards_of, record
from benchmarks.mutations.mutants import Change, Mutant, changes_of, make
from benchmarks.mutations.packages import PACKAGES, sources_of

ROOT = Path(__file__).resolve().parents[2]
#: A mutant may take so many times what its tests take, and so many seconds more, before it is held to hang.
PATIENCE, START = 6.0, 60.0


@dataclass(frozen=True)
class Tried:
    package: str
    mutant: Mutant
    outcome: str
    tests: int


def main() -> None:
    asked = _arguments()
    names = asked.packages or list(PACKAGES)
    seed = asked.seed if asked.seed is not None else secrets.randbelow(10**6)
    print(f"seed {seed}, {asked.count} mutants over {', '.join(names)}; again: --seed {seed} --count {asked.count} "
          f"--packages {' '.join(names)}", flush=True)  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="soc-mutations-") as folder:
        copies = [Path(folder) / f"copy-{number}" for number in range(asked.jobs)]
        for copy in copies:
            copy_tree(ROOT, copy)
        drawn = _draw(names, asked.count, seed, asked.only, copies[0])
        known = _known(names, copies[0], asked.record)
        tried = list(_try_all(drawn, known, copies))
    sys.exit(_report(tried, names))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mutations", description=__doc__)
    parser.add_argument(
        "--packages", nargs="*", choices=[*PACKAGES], metavar="NAME", help=", ".join(PACKAGES)
    )
    parser.add_argument("--count", type=int, default=300, help="mutants in all, shared equally")
    parser.add_argument("--seed", type=int, help="which are drawn; printed where none is given")
    parser.add_argument("--jobs", type=int, default=2, help="copies that work side by side")
    parser.add_argument("--only", default="", help="draw from files whose path holds this")
    parser.add_argument(
        "--record",
        type=Path,
        help="a folder: which tests run a line is kept there, and taken from there next time",
    )
    return parser.parse_args()


def _draw(names: list[str], count: int, seed: int, only: str, root: Path) -> list[tuple[str, Mutant]]:
    """Equally many of each package. `root` is a copy: the checkout may be worked on meanwhile."""
    drawn: list[tuple[str, Mutant]] = []
    for number, name in enumerate(names):
        paths = [path for path in sources_of(PACKAGES[name], root) if only in path]
        changes = [change for path in paths for change in changes_of(path, root)]
        random.Random(f"{seed} {name}").shuffle(changes)
        share = count // len(names) + (number < count % len(names))
        mutants = _spread(changes, share, root)
        drawn += [(name, mutant) for mutant in mutants]
        print(f"  {name}: {len(changes)} changes possible, {len(mutants)} drawn", flush=True)
    return drawn


def _spread(changes: list[Change], share: int, root: Path) -> list[Mutant]:
    """The first `share` mutants, no two of one line as long as other lines are left."""
    chosen: list[Mutant] = []
    lines: set[tuple[str, int]] = set()
    twice: list[Mutant] = []
    for change in changes:
        if len(chosen) == share:
            break
        mutant = make(change, root)
        if mutant is None:
            continue
        place = (mutant.path, mutant.line)
        (twice if place in lines else chosen).append(mutant)
        lines.add(place)
    return [*chosen, *twice][:share]


def _known(names: list[str], folder: Path, kept: Path | None) -> dict[str, Record]:
    """Which tests run which line. What was kept is believed: it is for several draws on one state."""
    found = {}
    for name in names:
        file = kept / f"{name}.json" if kept else None
        if file is not None and file.is_file():
            found[name] = Record(**json.loads(file.read_text()))
            continue
        began = time.monotonic()
        found[name] = record(folder, PACKAGES[name].tests)
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(asdict(found[name])))
        print(f"  {name}: {len(found[name].seconds)} tests, {time.monotonic() - began:.0f} s", flush=True)
    return found


def _try_all(
    drawn: list[tuple[str, Mutant]], known: dict[str, Record], copies: list[Path]
) -> Iterator[Tried]:
    benches: queue.Queue[Bench] = queue.Queue()
    for copy in copies:
        benches.put(Bench(copy))

    def try_one(name: str, mutant: Mutant) -> Tried:
        tests = guards_of(mutant, known[name], PACKAGES[name].tests)
        if not tests:
            return Tried(name, mutant, "survived", 0)
        limit = START + PATIENCE * sum(known[name].seconds[test] for test in tests)
        bench = benches.get()
        try:
            return Tried(name, mutant, bench.try_out(mutant.path, mutant.text, tests, limit), len(tests))
        finally:
            benches.put(bench)

    with ThreadPoolExecutor(len(copies)) as pool:
        for done in pool.map(lambda pair: try_one(*pair), drawn):
            if done.outcome == "survived":
                print(
                    f"\nsurvived {done.tests} tests ({done.package}, {done.mutant.operator})\n{done.mutant.diff}",
                    flush=True,
                )
            yield done
    while not benches.empty():
        benches.get().close()


def _report(tried: list[Tried], names: list[str]) -> int:
    print(f"\n{'package':12} {'killed':>7} {'survived':>9} {'hung':>5} {'survive':>8}")
    for name in [*names, "all"]:
        own = [one for one in tried if name in (one.package, "all")]
        left = sum(one.outcome == "survived" for one in own)
        hung = sum(one.outcome == "hung" for one in own)
        share = left / max(len(own), 1)
        print(f"{name:12} {len(own) - left - hung:7} {left:9} {hung:5} {share:8.1%}")
    return 0


if __name__ == "__main__":
    main()
