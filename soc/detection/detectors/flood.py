"""Flood: requests that are made to be answered anew each time, with words behind the page that no page knows."""

from __future__ import annotations

from typing import ClassVar

import polars as pl
from pydantic import Field

from soc.detection.block import JudgedBlock
from soc.detection.detectors.kit.bursts import Burst, BurstSettings
from soc.detection.detectors.kit.declaration import Example
from soc.detection.detectors.kit.paths import STATIC

#: What stands behind a page and is no name of a parameter that anybody wrote: numbers alone, capitals, letters and figures mixed.
_MADE_UP = r"[A-Z]{3,8} [^\s?\"]{1,300}\?(?:&?)(\d{4,24}|[A-Za-z0-9]{4,40}(?:[\s\"])|[A-Z0-9]{2,16}=[A-Za-z0-9]{1,24}(?:[\s&\"])|[a-z]{0,12}\d[a-z0-9]{2,20}=)"


def _requests(count: int, query: str, seconds: int = 1) -> str:
    line = '203.0.113.9 - - [01/Mar/2026:02:{m:02d}:{s:02d} +0000] "GET /?{query} HTTP/1.1" 200 9 "-" "Mozilla/5.0"\n'
    return "".join(
        line.format(m=n * seconds // 60, s=n * seconds % 60, query=query.format(n=n)) for n in range(count)
    )


class FloodSettings(BurstSettings):
    score: int = Field(default=6, ge=1, le=10, description="Score of a flood.")
    needed: int = Field(
        default=10, ge=2, description="So many of an address within them, each with another word."
    )


class Flood(Burst):
    id = "web.flood"
    title = "Flood of requests"
    about = "One address that asks for a page again and again with words behind it that only serve to pass by what keeps answers ready."
    order = 74
    attack = ("T1499.002",)
    said = "requests that no cache can answer from"
    Settings = FloodSettings
    examples: ClassVar = (
        Example("ten numbers in ten seconds", _requests(10, "8890{n:03d}"), fires=True),
        Example("nine numbers", _requests(9, "8890{n:03d}"), fires=False),
        Example("the same number again and again", _requests(40, "8890"), fires=False),
        Example("pages by their names", _requests(40, "page={n}"), fires=False),
        Example("ten numbers in ten minutes", _requests(10, "8890{n:03d}", seconds=60), fires=False),
    )

    def looks_at(self, block: JudgedBlock) -> pl.DataFrame:
        events = block.events
        asked = events["http.request.method"].is_not_null() & events["source.ip"].is_not_null()
        asked &= events["raw"].str.contains("?", literal=True)
        lines = asked.arg_true()
        some = events.select("raw", "url.path")[lines].with_columns(lines.alias("row"))
        some = some.filter(~pl.col("url.path").str.contains(STATIC).fill_null(False))
        made_up = some.with_columns(pl.col("raw").str.extract(_MADE_UP, 1).alias("value"))
        return made_up.select("row", "value").drop_nulls()
