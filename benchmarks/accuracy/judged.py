"""Runs the log path over labelled lines: a file for each product, a row of the export for each line."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from soc.analysis import analyse_files, export_events
from soc.detection.rulebook import build_ruleset
from soc.domain.incident import Incident
from soc.logs.layout import SourceFile
from soc.settings import Settings

Row = Mapping[str, Any]


def is_held(product: str) -> bool:
    """Whether a product is one of the third that nobody tunes on."""
    return hashlib.sha256(product.encode()).digest()[0] % 3 == 0


def plain_address(text: str) -> str:
    """An address in its one spelling, whatever it is written as; any other text as it is."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return text
    return str(getattr(found, "ipv4_mapped", None) or found)


def read_truth(path: Path) -> list[dict[str, Any]]:
    """JSON lines; an empty list where the file is missing."""
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


@dataclass(frozen=True)
class Judged:
    """One file: its rows by the number of their line, and the incidents that were opened."""

    rows: Mapping[int, Row]
    incidents: Sequence[Incident]
    format: str


def judge_lines(lines: Sequence[str], name: str) -> Judged:
    """As `soc process NAME --export` would. The end of a line within a line becomes a blank."""
    text = "\n".join(line.replace("\r", " ").replace("\n", " ") for line in lines) + "\n"
    return judge_bytes(text.encode("utf-8", "surrogateescape"), name)


def judge_bytes(data: bytes, name: str) -> Judged:
    with tempfile.TemporaryDirectory(prefix="soc-accuracy-") as place:
        folder = Path(place)
        path = folder / "input"
        path.write_bytes(data)
        done = analyse_files(
            [SourceFile(name, path)],
            batch_id="accuracy",
            out_dir=folder / "out",
            settings=Settings(data_dir=folder, workers=1),
            ruleset=build_ruleset(),
        )
        target = folder / "events.parquet"
        export_events(done.events_dir, target)
        rows = {row["line_no"]: row for row in pl.read_parquet(target).to_dicts()}
    return Judged(rows, done.incidents, str(done.files[0].format))


@dataclass(frozen=True)
class Line:
    """A labelled line and what became of it: `row` is empty where the product gave none."""

    product: str
    truth: Mapping[str, Any]
    row: Row

    @property
    def held(self) -> bool:
        return is_held(self.product)

    @property
    def is_security(self) -> bool:
        return self.row.get("classification") in SECURITY


#: The classes that an analyst would call security.
SECURITY = frozenset({"Security Alert"})


def judge_truth(truth: Sequence[Mapping[str, Any]], *, key: str = "line") -> list[Line]:
    """Every labelled line, those of a product together in one file. A value that is no text is written as JSON."""
    by_product: dict[str, list[Mapping[str, Any]]] = {}
    for one in truth:
        by_product.setdefault(str(one["product"]), []).append(one)
    found: list[Line] = []
    for product, some in by_product.items():
        texts = [one[key] if isinstance(one[key], str) else json.dumps(one[key]) for one in some]
        ending = "jsonl" if all(text.lstrip().startswith("{") for text in texts) else "log"
        judged = judge_lines(texts, f"{product}.{ending}")
        for number, one in enumerate(some, start=1):
            found.append(Line(product, one, judged.rows.get(number, {})))
    return found
