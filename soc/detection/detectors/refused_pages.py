"""Refused pages: one address that is turned away from many different pages at once, whatever the server says to it."""

from __future__ import annotations

from typing import ClassVar

import polars as pl
from pydantic import Field

from soc.detection.block import JudgedBlock
from soc.detection.detectors.kit.bursts import Burst, BurstSettings
from soc.detection.detectors.kit.declaration import Example
from soc.detection.detectors.kit.paths import STATIC
from soc.detection.detectors.web_scan import is_crawler
from soc.detection.stories.traces import REFUSED

_TURNED_AWAY = (400, 403, 404, 410)


def _requests(count: int, status: int = 403, ending: str = "", seconds: int = 3) -> str:
    line = '203.0.113.9 - - [01/Mar/2026:02:{m:02d}:{s:02d} +0000] "GET /p{c}{ending} HTTP/1.1" {status} 9 "-" "Mozilla/5.0"\n'
    return "".join(
        line.format(m=n * seconds // 60, s=n * seconds % 60, c=chr(97 + n), status=status, ending=ending)
        for n in range(count)
    )


class RefusedPagesSettings(BurstSettings):
    needed: int = Field(default=10, ge=2, description="So many different pages within them.")


class RefusedPages(Burst):
    """After the web scan, which takes what it needs: what is left there are few pages, in a hurry."""

    id = "scan.pages"
    title = "Pages guessed"
    about = "One address asks for many different pages within a minute that are not there or not for it; pictures and scripts do not count."
    order = 72
    attack = ("T1595.003",)
    also = ("scan.web", REFUSED)
    said = "different pages refused to"
    Settings = RefusedPagesSettings
    examples: ClassVar = (
        Example("ten pages forbidden in half a minute", _requests(10), fires=True),
        Example("ten pages missing in half a minute", _requests(10, 404), fires=True),
        Example("nine pages", _requests(9), fires=False),
        Example("ten pages in ten minutes", _requests(10, seconds=60), fires=False),
        Example("twenty pictures that are missing", _requests(20, 404, ending=".png"), fires=False),
    )

    def hold(self, block: JudgedBlock) -> None:
        """Nothing: what was refused is a trace already, and what is missing the web scan's."""

    def looks_at(self, block: JudgedBlock) -> pl.DataFrame:
        events = block.events
        refused = events["http.response.status_code"].is_in(_TURNED_AWAY).fill_null(False)
        refused &= events["source.ip"].is_not_null() & events["url.path"].is_not_null()
        lines = refused.arg_true()
        some = events.select("url.path", "user_agent.original", "raw")[lines].with_columns(lines.alias("row"))
        some = some.filter(~pl.col("url.path").str.contains(STATIC) & ~is_crawler())
        return some.select("row", pl.col("url.path").alias("value"))
