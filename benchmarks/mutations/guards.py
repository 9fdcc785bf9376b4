"""Which tests guard a mutant: those that run its line, the nearest and quickest first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.mutations.bench import PYTEST
from benchmarks.mutations.mutants import Mutant

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Record:
    """`seconds` a test; `lines` a file and test. Tests are named without their parameters."""

    seconds: dict[str, float]
    lines: dict[str, dict[str, list[int]]]


def record(folder: Path, tests: Sequence[str]) -> Record:
    """Run `tests` once in the copy. Raises SystemExit where they are not all green: then nothing can be told."""
    target = folder / "record.json"
    environment = {**os.environ, "MUTATIONS_RECORD": str(target), "PYTHONPATH": str(folder)}
    options = [option for option in PYTEST if option not in ("-x", "--timeout=60")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "benchmarks.mutations.recorder", "--timeout=600", *options, *tests],
        cwd=folder, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"The tests are not green before anything is changed:\n{done.stdout[-3000:]}")
    found = json.loads(target.read_text())
    return Record(found["seconds"], found["lines"])


def guards_of(mutant: Mutant, known: Record, folders: Sequence[str]) -> list[str]:
    """Tests that run the mutant's line; where it runs on import only, all that run its file or name it."""
    of_file = {
        name: lines for name, lines in known.lines.get(mutant.path, {}).items() if name in known.seconds
    }
    own = [name for name, lines in of_file.items() if mutant.line in lines]
    module = mutant.path.removesuffix(".py").replace("/", ".")
    naming = [] if own else [name for name in known.seconds if module in _text_of(name.split("::")[0])]
    return sorted(
        own or {*of_file, *naming}, key=lambda name: (_distance(name, folders), known.seconds[name])
    )


@cache
def _text_of(test: str) -> str:
    return (ROOT / test).read_text()


def _distance(name: str, folders: Sequence[str]) -> int:
    return next((number for number, folder in enumerate(folders) if name.startswith(folder)), len(folders))
