"""Data leaving: one address inside that sends very much to one outside, and gets little back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import ClassVar

import polars as pl
from pydantic import Field

from soc.detection.block import JudgedBlock
from soc.detection.detectors.kit.declaration import (
    Detector,
    DetectorSettings,
    Example,
    Finding,
    History,
    State,
)
from soc.detection.detectors.kit.runs import finding_of, main_reason, runs_by_entity
from soc.detection.inside import are_inside

#: What is less in one connection is not counted; and so many times what comes back is sent.
_LEAST, _TIMES = 1_000_000, 4
_MEGABYTE = 1_000_000
#: What is held of a block that has none.
_NONE = pl.DataFrame(schema={"row": pl.UInt32, "value": pl.String})
#: What moves data because it is its work: words of programs, services and machines.
_MOVERS = r"(?i)backup|\bbkp|[-_.]bkp|\bbak\b|replicat|archiv|snapshot|mirror|\bsync\b|storage|veeam|commvault|rubrik|acronis|borg|restic|amazon|aws|azure|\bs3\b|glacier|onedrive|sharepoint|google|icloud|windows\.?update|teams|zoom|webex|\bmeet"


def _sent(count: int, to: str = "203.0.113.9", megabytes: int = 100, app: str = "ssl") -> str:
    line = 'date=2026-03-01 time=02:{m:02d}:00 devname="fw1" type="traffic" srcip=10.0.0.9 dstip={to} dstport=443 action="close" app="{app}" sentbyte={n} rcvdbyte=40000\n'
    return "".join(line.format(m=at, to=to, n=megabytes * _MEGABYTE, app=app) for at in range(count))


class DataLeavingSettings(DetectorSettings):
    score: int = Field(default=8, ge=1, le=10, description="Score of data that leaves.")
    confidence: float = Field(default=0.7, gt=0, lt=1, description="How sure it is.")
    megabytes: int = Field(
        default=2000, ge=1, description="So much from one address inside to one outside, in all."
    )


class DataLeaving(Detector[DataLeavingSettings, pl.DataFrame]):
    """What calls itself a backup, or goes to a great service by its name, does its work: nobody is told of that."""

    id = "data.leaving"
    title = "Data leaving"
    about = "One address inside sends very much to one outside and gets little back, under no name of a backup or a great service."
    order = 78
    attack = ("T1048", "T1041")
    Settings = DataLeavingSettings
    examples: ClassVar = (
        Example("two gigabytes in twenty connections", _sent(20), fires=True),
        Example("a hundred megabytes less", _sent(19), fires=False),
        Example("as much to an address inside", _sent(20, "10.0.7.1"), fires=False),
        Example("as much by a backup", _sent(20, app="Veeam.Backup"), fires=False),
    )

    def hold(self, block: JudgedBlock) -> pl.DataFrame:
        events = block.events
        sent = events["source.bytes"]
        if sent.null_count() == len(sent):
            return _NONE
        rows = (sent >= _LEAST).fill_null(False) & (sent > events["destination.bytes"].fill_null(0) * _TIMES)
        rows &= events["source.ip"].is_not_null() & events["destination.ip"].is_not_null()
        lines = rows.arg_true()
        some = events.select("source.ip", "destination.ip", "raw")[lines].with_columns(lines.alias("row"))
        source, destination = (are_inside(some[name]) for name in ("source.ip", "destination.ip"))
        outwards = some.filter(source & ~destination & ~some["raw"].str.contains(_MOVERS))
        return outwards.select("row", pl.col("destination.ip").alias("value"))

    def mark(self, block: JudgedBlock) -> pl.DataFrame | None:
        """`source.ip, destination.ip, sent`: bytes in all."""
        held = self.hold(block)
        if held.is_empty():
            return None
        some = block.events.select("source.ip", "destination.ip", pl.col("source.bytes").alias("sent"))
        return _added(some[held["row"]])

    def merge(self, marks: Sequence[pl.DataFrame]) -> pl.DataFrame:
        return _added(pl.concat(marks))

    def find(self, state: State[pl.DataFrame], history: History) -> Iterable[Finding]:
        if state.marks is None:
            return
        much = state.marks.filter(pl.col("sent") >= self.settings.megabytes * _MEGABYTE)
        most = {who: (to, sent) for who, to, sent in much.sort("sent", "destination.ip").iter_rows()}
        for address, seen in runs_by_entity(state.sessions, (self.id,), self.window_us):
            if address not in most:
                continue
            run, (to, sent) = [one.session for one in seen], most[address]
            amount = f"{sent / 1e9:,.1f} GB"
            own = max(run, key=lambda one: (one.n, -one.session))
            reason = main_reason(self, f"{address} sent {amount} to {to}")
            found = finding_of(self, run, own=own, reasons=(reason,), meaning=self.id)
            yield replace(found, title=f"{amount} sent to {to} from {address}")


def _added(some: pl.DataFrame) -> pl.DataFrame:
    return some.group_by("source.ip", "destination.ip").agg(pl.sum("sent"))
