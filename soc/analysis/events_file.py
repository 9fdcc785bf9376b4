"""The events of a batch: parts written by the pool, read back for pages, exported as one Parquet file."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pyarrow as pa

from soc.analysis.parting import first_owner, move_lines
from soc.domain.event import EVENT_COLUMNS, Moved
from soc.errors import LogParseError, NotFound
from soc.store.files import Folder

_PLACES, _TAKEN = "places.parquet", "taken.parquet"
_NAMES = tuple(name for name, _ in EVENT_COLUMNS)
_ARROW = {
    "int64": pa.int64(), "int16": pa.int16(), "float64": pa.float64(), "string": pa.string(),
    "timestamp[us, UTC]": pa.timestamp("us", "UTC"),
}  # fmt: skip
EVENT_ARROW_SCHEMA = pa.schema([(name, _ARROW[kind]) for name, kind in EVENT_COLUMNS])
#: Schema of the events file, in its order, as Polars calls the types.
EVENT_SCHEMA: dict[str, Any] = dict(pl.Schema(EVENT_ARROW_SCHEMA))
_PLACE_SCHEMA: dict[str, Any] = {
    "file_no": pl.Int32,
    "block": pl.Int32,
    "part": pl.Int32,
    "incident_id": pl.String,
}
_TAKEN_SCHEMA: dict[str, Any] = {
    "file_no": pl.Int32,
    "block": pl.Int32,
    "line_no": pl.Int64,
    "incident_id": pl.String,
}


def write_places(events_dir: Path, places: pl.DataFrame, taken: list[dict[str, Any]]) -> None:
    """Which incident each partial group of each part belongs to, and single lines that stateful rules took."""
    rows = (
        places.select(list(_PLACE_SCHEMA)).cast(pl.Schema(_PLACE_SCHEMA))
        if len(places)
        else pl.DataFrame(schema=_PLACE_SCHEMA)
    )
    lines = [{name: row[name] for name in _TAKEN_SCHEMA} for row in taken]
    with _own_errors():
        rows.sort("incident_id", "file_no", "block").write_parquet(events_dir / _PLACES)
        pl.DataFrame(lines, schema=_TAKEN_SCHEMA).write_parquet(events_dir / _TAKEN)


@contextmanager
def _own_errors() -> Iterator[None]:
    """What the system refuses (a full disk) as OSError: Polars tells it as an error of the file's format."""
    try:
        yield
    except pl.exceptions.PolarsError as problem:
        number = re.search(r"\(os error (\d+)\)", str(problem))
        if number is None:
            raise
        raise OSError(int(number[1]), os.strerror(int(number[1]))) from problem


def write_part(rows: pl.DataFrame, path: Path) -> None:
    """One block's lines: EVENT_COLUMNS, `raw` and `part`. Columns that hold nothing are left out; `_read` adds them."""
    kept = [column.name for column in rows if column.null_count() < len(column)]
    with _own_errors():
        rows.select(kept or ["line_no"]).write_parquet(path, compression="lz4", statistics=False)


def _read(path: Path) -> pl.LazyFrame:
    """A part with all its columns."""
    lazy = pl.scan_parquet(path)
    have = set(lazy.collect_schema())
    missing = {name: kind for name, kind in _part_schema().items() if name not in have}
    return lazy.with_columns(pl.lit(None, dtype=kind).alias(name) for name, kind in missing.items())


def _part_schema() -> dict[str, Any]:
    return {**EVENT_SCHEMA, "raw": pl.String, "part": pl.Int32}


def _open(events_dir: Path | Folder) -> Folder:
    return Folder(str(events_dir)) if isinstance(events_dir, Path) else events_dir


def _parts(folder: Folder) -> list[tuple[int, int, str]]:
    """File, block and name of every part, in file order."""
    names = folder.names()
    if _PLACES not in names:
        raise NotFound("The lines of this batch are not here (any more).", hint="Run the batch again.")
    found = []
    for name in names:
        if name.startswith("part-") and name.endswith(".parquet"):
            _, file, block = name.removesuffix(".parquet").split("-")
            found.append((int(file), int(block), name))
    return found


class _Owners:
    """Gives the lines of a part their incident: the one that they were found for, or the one that they were moved to since."""

    def __init__(self, folder: Folder, moved: Sequence[Moved]) -> None:
        self.moved = moved
        self.places = pl.read_parquet(folder.local(_PLACES))
        self.taken = pl.read_parquet(folder.local(_TAKEN))

    def keep(self, incident_ids: Collection[str]) -> None:
        """Know of these incidents alone. A line that a finding took belongs to no other any more."""
        ids = pl.Series(list(incident_ids), dtype=pl.String).implode()
        self.places = self.places.filter(pl.col("incident_id").is_in(ids))
        self.taken = self.taken.filter(pl.col("incident_id").is_in(ids))

    def parts(self) -> set[tuple[int, int]]:
        """(file, block) of the parts that have lines of any."""
        both = pl.concat([self.places.select("file_no", "block"), self.taken.select("file_no", "block")])
        return set(both.unique().iter_rows())

    def of(self, file: int, block: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        """One part's: `part, by_group` and `line_no, by_rule`."""
        here = (pl.col("file_no") == file) & (pl.col("block") == block)
        owned = self.places.filter(here).select("part", pl.col("incident_id").alias("by_group"))
        return owned, self.taken.filter(here).select("line_no", pl.col("incident_id").alias("by_rule"))

    def name(self, frame: pl.DataFrame, file: int, block: int) -> pl.DataFrame:
        owned, taken = self.of(file, block)
        joined = frame.join(owned, on="part", how="left", maintain_order="left").join(
            taken, on="line_no", how="left", maintain_order="left"
        )
        named = joined.with_columns(pl.coalesce("by_rule", "by_group").alias("incident_id"))
        return move_lines(named.drop("by_rule", "by_group"), self.moved)


def walk_events(events_dir: Path | Folder, *, moved: Sequence[Moved] = ()) -> Iterator[pl.DataFrame]:
    """All lines, rejected ones too, in file order: frames of EVENT_COLUMNS, one part at a time.

    `moved` are the batch's splits. Raises NotFound when the batch's parts are gone.
    """
    folder = _open(events_dir)
    parts, owners = _parts(folder), _Owners(folder, moved)
    for file, block, name in parts:
        yield owners.name(_read(folder.local(name)).collect(), file, block).select(_NAMES)


def walk_incident(
    events_dir: Path | Folder, incident_id: str, *, moved: Sequence[Moved] = ()
) -> Iterator[pl.DataFrame]:
    """The lines of one incident in file order, as `read_events` gives them, one part at a time. Raises NotFound."""
    folder = _open(events_dir)
    parts, owners = _parts(folder), _Owners(folder, moved)
    wanted, chosen = _parts_of(owners, incident_id), _Chosen(incident_id, False, 0, "")
    for file, block, name in parts:
        if wanted is None or (file, block) in wanted:
            yield _select(folder.local(name), owners, file, block, chosen)


def read_events(
    events_dir: Path | Folder,
    *,
    incident_id: str | None = None,
    rejected_only: bool = False,
    min_score: int = 0,
    classification: str = "",
    offset: int = 0,
    limit: int = 100,
    moved: Sequence[Moved] = (),
) -> pl.DataFrame:
    """A page of lines in file order: EVENT_COLUMNS and `raw` (the line as it was, cut at 64 KiB).

    `moved` are the batch's splits. Only parts that can hold wanted lines are opened. Raises NotFound when the batch's parts are gone.
    """
    if offset < 0 or limit < 0:
        raise LogParseError("offset and limit cannot be negative.")
    folder = _open(events_dir)
    parts, owners = _parts(folder), _Owners(folder, moved)
    chosen = _Chosen(incident_id, rejected_only, min_score, classification)
    wanted = _parts_of(owners, incident_id)
    pages: list[pl.DataFrame] = []
    skip, need = offset, limit
    for file, block, name in parts:
        if need <= 0:
            break
        if wanted is not None and (file, block) not in wanted:
            continue
        rows = _select(folder.local(name), owners, file, block, chosen)
        page = rows.slice(skip, need)
        skip = max(0, skip - len(rows))
        need -= len(page)
        if len(page):
            pages.append(page)
    if not pages:
        return pl.DataFrame(schema={**EVENT_SCHEMA, "raw": pl.String})
    return pl.concat(pages)


def owned_lines(events_dir: Path | Folder, incident_ids: Collection[str]) -> Iterator[pl.DataFrame]:
    """`incident_id, raw` of the lines of these incidents, a part at a time; parts without any are not opened.

    Raises NotFound when the batch's parts are gone.
    """
    folder = _open(events_dir)
    parts, owners = _parts(folder), _Owners(folder, ())
    owners.keep(incident_ids)
    wanted = owners.parts()
    for file, block, name in parts:
        if (file, block) in wanted:
            lazy = _read(folder.local(name)).select("line_no", "part", "raw")
            named = owners.name(lazy.collect(), file, block).filter(pl.col("incident_id").is_not_null())
            yield named.select("incident_id", "raw")


def count_events(
    events_dir: Path | Folder,
    *,
    incident_id: str | None = None,
    rejected_only: bool = False,
    min_score: int = 0,
    classification: str = "",
    moved: Sequence[Moved] = (),
) -> int:
    """How many lines `read_events` would give in all. Raises NotFound when the batch's parts are gone."""
    folder = _open(events_dir)
    parts, owners = _parts(folder), _Owners(folder, moved)
    chosen = _Chosen(incident_id, rejected_only, min_score, classification)
    wanted = _parts_of(owners, incident_id)
    return sum(
        len(_select(folder.local(name), owners, file, block, chosen))
        if wanted is not None
        else int(chosen.lines(_read(folder.local(name))).select(pl.len()).collect().item())
        for file, block, name in parts
        if wanted is None or (file, block) in wanted
    )


class _Chosen(NamedTuple):
    """Which lines; None, False, 0 and "" do not choose."""

    incident_id: str | None
    rejected_only: bool
    min_score: int
    classification: str

    def lines(self, lazy: pl.LazyFrame) -> pl.LazyFrame:
        """By what stands in the line itself."""
        if self.rejected_only:
            lazy = lazy.filter(pl.col("rejected_reason").is_not_null())
        if self.min_score:
            lazy = lazy.filter(pl.col("score") >= self.min_score)
        if self.classification:
            lazy = lazy.filter(pl.col("classification") == self.classification)
        return lazy


def _parts_of(owners: _Owners, incident_id: str | None) -> set[tuple[int, int]] | None:
    """Where the incident's lines can be; None: anywhere."""
    if incident_id is not None:
        found_for = pl.col("incident_id") == first_owner(owners.moved, incident_id)
        mine = pl.concat(
            [one.filter(found_for).select("file_no", "block") for one in (owners.places, owners.taken)]
        ).unique()
        return set(mine.iter_rows())
    return None


def _select(path: Path, owners: _Owners, file: int, block: int, chosen: _Chosen) -> pl.DataFrame:
    lazy, incident_id = chosen.lines(_read(path)), chosen.incident_id
    if incident_id is not None:
        (owned, taken), first = owners.of(file, block), first_owner(owners.moved, incident_id)
        groups = owned.filter(pl.col("by_group") == first)["part"].to_list()
        lines = taken.filter(pl.col("by_rule") == first)["line_no"].to_list()
        lazy = lazy.filter(pl.col("part").is_in(groups) | pl.col("line_no").is_in(lines))
    rows = owners.name(lazy.collect(), file, block).select(*_NAMES, "raw")
    return rows.filter(pl.col("incident_id") == incident_id) if incident_id is not None else rows
