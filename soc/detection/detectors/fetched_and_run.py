"""Fetched and run: one shell that fetches a file and runs one from where everybody may write, or feeds what it decoded to an interpreter."""

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
from soc.detection.detectors.kit.runs import finding_of, main_reason

_FETCH = r"^(?:curl|wget|aria2c|fetch|tftp|ftpget|lwp-download)$"
_DECODE = r"^(?:base64|base32|xxd|uudecode|openssl)$"
_INTERPRET = r"^(?:perl|python[\d.]*|ruby|php[\d.]*|node|lua|(?:ba|da|z|k|a)?sh)$"
_FOR_ALL = r"^/(?:tmp|var/tmp|dev/shm|run/shm)/"
_KINDS = {"fetch": _FETCH, "decode": _DECODE, "interpret": _INTERPRET}
_SECOND = 1_000_000


def _programs(*paths: str, parent: int = 811, seconds: int = 1) -> str:
    line = 'type=SYSCALL msg=audit({at}.500:{n}): arch=c000003e syscall=59 success=yes exit=0 ppid={parent} pid={pid} auid=1000 uid=1000 tty=pts2 ses=10 comm="{name}" exe="{path}" key="exec"\n'
    return "".join(
        line.format(
            at=1772330400 + n * seconds,
            n=n,
            parent=parent,
            pid=900 + n,
            name=path.rpartition("/")[2],
            path=path,
        )
        for n, path in enumerate(paths)
    )


class FetchedAndRunSettings(DetectorSettings):
    score: int = Field(default=6, ge=1, le=10, description="Score of what was fetched and run.")
    confidence: float = Field(default=0.75, gt=0, lt=1, description="How sure it is.")
    seconds: int = Field(default=300, ge=1, description="So long after it was fetched it runs at most.")


class FetchedAndRun(Detector[FetchedAndRunSettings, pl.DataFrame]):
    """Told by the audit of started programs: what one parent starts, in which order."""

    id = "host.fetched-and-run"
    title = "Fetched and run by one shell"
    about = "One process starts a program that fetches files and then one in a folder that everybody may write to, or a decoder and at once an interpreter."
    order = 84
    attack = ("T1105", "T1059.004")
    Settings = FetchedAndRunSettings
    examples: ClassVar = (
        Example("fetched, then run from where everybody writes", _programs("/usr/bin/wget", "/usr/bin/chmod", "/run/shm/b64"), fires=True),
        Example("decoded into an interpreter", _programs("/usr/bin/base64", "/usr/bin/perl", seconds=0), fires=True),
        Example("run from where everybody writes alone", _programs("/usr/bin/ls", "/run/shm/b64"), fires=False),
        Example("fetched alone", _programs("/usr/bin/wget", "/usr/bin/chmod", "/opt/b64"), fires=False),
        Example("an interpreter a while later", _programs("/usr/bin/base64", "/usr/bin/perl", seconds=30), fires=False),
    )  # fmt: skip

    def hold(self, block: JudgedBlock) -> pl.DataFrame:
        """Only of parents that started a pair: what an account runs may be a step of another story."""
        started = self._started(block)
        kinds = pl.col("kind").unique().over("source", "host", "parent", mapping_strategy="join")
        pairs = kinds.list.contains("fetch") & kinds.list.contains("run")
        pairs |= kinds.list.contains("decode") & kinds.list.contains("interpret")
        return started.filter(pairs).select("row", pl.col("kind").alias("value"))

    def mark(self, block: JudgedBlock) -> pl.DataFrame | None:
        """`file, host, parent, clock, kind`: the programs of interest that were started."""
        found = self._started(block).drop("row")
        return found if len(found) else None

    def merge(self, marks: Sequence[pl.DataFrame]) -> pl.DataFrame:
        return pl.concat(marks).unique().sort("source", "host", "parent", "clock", "kind")

    def _started(self, block: JudgedBlock) -> pl.DataFrame:
        events = block.events
        if events["process.parent.pid"].null_count() == len(events):
            return _NONE
        lines = (events["process.parent.pid"].is_not_null() & events["process.name"].is_not_null()).arg_true()
        some = events.select(
            "source", "host.name", "process.parent.pid", "process.name", "process.executable", "event.outcome"
        )[lines]
        name = pl.col("process.name")
        everywhere = pl.col("process.executable").str.contains(_FOR_ALL)
        kind = pl.coalesce(
            pl.when(everywhere).then(pl.lit("run")),
            *(pl.when(name.str.contains(pattern)).then(pl.lit(word)) for word, pattern in _KINDS.items()),
        )
        started = some.select(
            lines.alias("row"),
            pl.col("source"),
            pl.col("host.name").fill_null("").alias("host"),
            pl.col("process.parent.pid").cast(pl.Int64).alias("parent"),
            block.clock.gather(lines).alias("clock"),
            kind.alias("kind"),
            (pl.col("event.outcome") == "failure").fill_null(False).alias("failed"),
        )
        return started.filter(~pl.col("failed")).drop("failed").drop_nulls()

    def find(self, state: State[pl.DataFrame], history: History) -> Iterable[Finding]:
        if state.marks is None:
            return
        own = [one for one in state.sessions if one.rule_id == self.id and one.first is not None]
        told: set[int] = set()
        for (source, host, parent), some in state.marks.group_by(
            "source", "host", "parent", maintain_order=True
        ):
            moment = self._moment(some)
            if moment is None:
                continue
            run = [
                one
                for one in own
                if one.session not in told
                and one.source == source
                and (not host or host in one.hosts)
                and (one.first or 0) <= moment <= (one.last or 0)
            ]
            if not run:
                continue
            told |= {one.session for one in run}
            where = f" on {host}" if host else ""
            reason = main_reason(self, f"Process {parent}{where} fetched or decoded something and ran it")
            found = finding_of(
                self,
                run,
                own=run[0],
                reasons=(reason,),
                meaning=self.id,
                about=(str(source), str(host), str(parent)),
            )
            yield replace(found, title=f"{self.title}{where}")

    def _moment(self, some: pl.DataFrame) -> int | None:
        """When something ran that had been fetched or decoded just before."""
        last: dict[str, int] = {}
        for clock, kind in some.select("clock", "kind").iter_rows():
            last[kind] = clock
            if kind == "run" and clock - last.get("fetch", -(10**18)) <= self.settings.seconds * _SECOND:
                return int(clock)
            if {"decode", "interpret"} <= last.keys() and abs(last["decode"] - last["interpret"]) < _SECOND:
                return int(clock)
        return None


_NONE = pl.DataFrame(
    schema={"row": pl.UInt32, "source": pl.String, "host": pl.String, "parent": pl.Int64, "clock": pl.Int64, "kind": pl.String}
)  # fmt: skip
