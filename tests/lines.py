"""The lines of a batch as its run leaves them, for tests of what reads them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import polars as pl

from soc.analysis.block_job import part_name
from soc.analysis.events_file import EVENT_SCHEMA, write_part, write_places
from soc.batches.reading.folders import events_of
from tests.rows import NIGHT


def write_lines(incident_id: str, addresses: Sequence[str | None], batch_id: str = "b") -> None:
    """A line an address, all of the incident, a minute apart from NIGHT on, and a user (`u2` of `203.0.113.2`); one without an
    address names no time and no user either."""
    folder = Path(events_of(batch_id).name)
    folder.mkdir(parents=True)
    rows = [
        {"file": "a.log", "line_no": number + 1, "offset": 10 * number, "source.ip": address, "part": 0,
         "@timestamp": NIGHT + timedelta(minutes=number) if address else None, "raw": f"line {number + 1}",
         "user.name": f"u{address.rpartition('.')[2]}" if address else None}
        for number, address in enumerate(addresses)
    ]  # fmt: skip
    schema = {**EVENT_SCHEMA, "raw": pl.String, "part": pl.Int32}
    write_part(pl.DataFrame(rows, schema=schema), folder / part_name(0, 0))
    places = [{"file_no": 0, "block": 0, "part": 0, "incident_id": incident_id}]
    write_places(folder, pl.DataFrame(places), [])
