"""The lines of a batch on disk: every choice of them gives what a plain walk over all rows gives."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soc.analysis import read_events
from soc.analysis.block_job import part_name
from soc.analysis.events_file import EVENT_SCHEMA, count_events, walk_events, write_part, write_places
from soc.domain.event import EVENT_COLUMNS
from soc.errors import LogParseError, NotFound
from soc.store.files import Folder

INCIDENTS = ("inc-a", "inc-b", "inc-c")
CLASSES = ("Security Alert", "User Action", None)
#: File and block of every part: of the same numbers, so that nothing that mixes up the two passes.
PARTS = tuple((file, block) for file in range(3) for block in range(3))

LINE = st.fixed_dictionaries(
    {
        "part": st.sampled_from([None, 0, 1]), "score": st.sampled_from([None, 1, 4, 5, 6, 10]),
        "classification": st.sampled_from(CLASSES), "rejected_reason": st.sampled_from([None, None, "not JSON"]),
        "taken": st.sampled_from([None, None, None, *INCIDENTS]),
    }
)  # fmt: skip
BATCH = st.fixed_dictionaries(
    {
        "parts": st.dictionaries(st.sampled_from(PARTS), st.lists(LINE, min_size=1, max_size=4), max_size=9),
        "groups": st.dictionaries(
            st.tuples(st.sampled_from(PARTS), st.integers(0, 1)), st.sampled_from(INCIDENTS), max_size=12
        ),
    }
)
CHOICE = st.fixed_dictionaries(
    {
        "incident_id": st.sampled_from([None, *INCIDENTS, "inc-none"]), "rejected_only": st.booleans(),
        "min_score": st.sampled_from([0, 0, 1, 5, 6]), "classification": st.sampled_from(["", "", "User Action"]),
    }
)  # fmt: skip


def write(folder: Path, batch: dict[str, Any]) -> list[dict[str, Any]]:
    """Lay the batch down. Returns its rows in file order, with their incidents."""
    rows: list[dict[str, Any]] = []
    taken: list[dict[str, Any]] = []
    for file, block in sorted(batch["parts"]):
        frame = []
        for number, line in enumerate(batch["parts"][file, block]):
            line_no = 10 * block + number + 1  # the same numbers in every file
            row = {**line, "file": f"{file}.log", "line_no": line_no, "raw": f"{file}/{line_no}"}
            owner = row.pop("taken")
            if owner:
                taken.append({"file_no": file, "block": block, "line_no": line_no, "incident_id": owner})
            by_group = batch["groups"].get(((file, block), line["part"]))
            rows.append({**row, "incident_id": owner or by_group})
            frame.append(row)
        whole = {**EVENT_SCHEMA, "raw": pl.String, "part": pl.Int32}
        write_part(pl.DataFrame(frame, schema=whole), folder / part_name(file, block))
    places = [
        {"file_no": file, "block": block, "part": part, "incident_id": owner, "session": 1}
        for ((file, block), part), owner in batch["groups"].items()
    ]
    write_places(folder, pl.DataFrame(places), taken)
    return rows


def chosen(rows: list[dict[str, Any]], choice: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        row
        for row in rows
        if choice["incident_id"] in (None, row["incident_id"])
        and (row["rejected_reason"] or not choice["rejected_only"])
        and (not choice["min_score"] or (row["score"] or 0) >= choice["min_score"])
        and choice["classification"] in ("", row["classification"])
    ]


@given(batch=BATCH, choice=CHOICE, offset=st.integers(0, 9), limit=st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_a_page_and_a_count_are_those_of_a_plain_walk(
    tmp_path_factory: pytest.TempPathFactory, batch: dict[str, Any], choice: dict[str, Any], offset: int, limit: int
) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("events")
    rows = write(folder, batch)
    wanted = chosen(rows, choice)
    page = read_events(folder, offset=offset, limit=limit, **choice)
    assert page.columns == [*(name for name, _ in EVENT_COLUMNS), "raw"]
    names = ("raw", "file", "line_no", "incident_id", "score", "classification", "rejected_reason")
    expected = [tuple(row[name] for name in names) for row in wanted[offset : offset + limit]]
    assert page.select(names).rows() == expected
    assert count_events(folder, **choice) == len(wanted)
    walked = [row for frame in walk_events(Folder(str(folder))) for row in frame.iter_rows(named=True)]
    assert [(row["file"], row["line_no"], row["incident_id"]) for row in walked] == [
        (row["file"], row["line_no"], row["incident_id"]) for row in rows
    ]


def test_a_page_has_a_hundred_lines_unless_asked_otherwise_and_opens_no_part_beyond_it(
    tmp_path: Path,
) -> None:
    line = {"part": None, "score": 5, "classification": None, "rejected_reason": None, "taken": None}
    write(tmp_path, {"parts": {(0, block): [line] * 60 for block in range(3)}, "groups": {}})
    (tmp_path / part_name(0, 2)).write_bytes(b"no part")
    assert len(read_events(tmp_path)) == 100
    assert len(read_events(tmp_path, offset=119, limit=1)) == 1
    assert read_events(tmp_path, limit=0).is_empty()
    with pytest.raises(pl.exceptions.PolarsError):
        read_events(tmp_path, limit=121)


def test_only_parts_that_can_hold_an_incident_s_lines_are_opened(tmp_path: Path) -> None:
    line = {"part": 0, "score": 5, "classification": None, "rejected_reason": None, "taken": None}
    parts = {(0, 0): [line], (1, 0): [{**line, "taken": "inc-b"}], (1, 1): [line], (2, 1): [line]}
    write(tmp_path, {"parts": parts, "groups": {((1, 1), 0): "inc-a"}})
    for file, block in ((0, 0), (2, 1)):
        (tmp_path / part_name(file, block)).write_bytes(b"no part")
    assert read_events(tmp_path, incident_id="inc-a")["raw"].to_list() == ["1/11"]
    assert read_events(tmp_path, incident_id="inc-b")["raw"].to_list() == ["1/1"]
    assert count_events(tmp_path, incident_id="inc-none") == 0


@pytest.mark.parametrize("wrong", [{"offset": -1}, {"limit": -1}])
def test_a_page_before_the_first_line_is_refused(tmp_path: Path, wrong: dict[str, int]) -> None:
    write(tmp_path, {"parts": {}, "groups": {}})
    with pytest.raises(LogParseError, match="cannot be negative"):
        read_events(tmp_path, **wrong)  # type: ignore[arg-type]
    assert read_events(tmp_path).is_empty()


def test_a_batch_without_its_places_is_gone(tmp_path: Path) -> None:
    write(tmp_path, {"parts": {}, "groups": {}})
    (tmp_path / "places.parquet").unlink()
    for read in (read_events, count_events, lambda folder: list(walk_events(folder))):
        with pytest.raises(NotFound) as gone:
            read(tmp_path)
        assert str(gone.value) == "The lines of this batch are not here (any more). Run the batch again."


def test_a_part_without_anything_in_its_columns_still_has_its_lines(tmp_path: Path) -> None:
    empty = pl.DataFrame([{}] * 3, schema={**EVENT_SCHEMA, "raw": pl.String, "part": pl.Int32})
    write_places(tmp_path, pl.DataFrame(), [])
    write_part(empty, tmp_path / part_name(0, 0))
    assert pl.read_parquet(tmp_path / part_name(0, 0)).columns == ["line_no"]
    assert (len(read_events(tmp_path)), count_events(tmp_path)) == (3, 3)


def test_a_full_disk_is_told_by_its_number_and_any_other_fault_as_it_is(tmp_path: Path) -> None:
    rows = pl.DataFrame({"line_no": list(range(10))})
    with pytest.raises(OSError, match="No space left") as full:
        write_part(rows, Path("/dev/full"))
    assert full.value.errno == errno.ENOSPC
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        write_places(tmp_path, pl.DataFrame({"file_no": [1]}), [])


def test_files_and_blocks_are_told_apart_by_their_parts_names() -> None:
    assert part_name(12, 345) == "part-0012-000345.parquet"
