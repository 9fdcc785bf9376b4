"""Crawl: one address outside that reads page after page at a rate at which nobody reads, and does not say for whom."""

from __future__ import annotations

from typing import ClassVar

import polars as pl
from pydantic import Field

from soc.detection.block import JudgedBlock
from soc.detection.detectors.kit.bursts import BUCKET_US, Burst, BurstSettings
from soc.detection.detectors.kit.declaration import Example
from soc.detection.detectors.kit.paths import STATIC
from soc.detection.detectors.web_scan import is_crawler
from soc.detection.inside import are_inside

#: So many pages in ten seconds are worth a look.
_DENSE = 5


def _pages(
    count: int, who: str = "203.0.113.9", seconds: float = 0.5, referrer: str = "-", agent: str = "x"
) -> str:
    line = '{who} - - [01/Mar/2026:02:{m:02d}:{s:02d} +0000] "GET /item{c}{d} HTTP/1.1" 200 9 "{referrer}" "{agent}"\n'
    return "".join(
        line.format(
            m=int(n * seconds) // 60, s=int(n * seconds) % 60, c=chr(97 + n % 26), d=chr(97 + n // 26), who=who,
            referrer=referrer, agent=agent,
        )
        for n in range(count)
    )  # fmt: skip


class CrawlSettings(BurstSettings):
    seconds: int = Field(default=30, ge=10, description="Within so many seconds.")
    needed: int = Field(default=40, ge=2, description="So many different pages within them.")


class Crawl(Burst):
    """A browser that loads a page says where it comes from, and so do its scripts."""

    id = "scan.crawl"
    title = "Pages read by a machine"
    about = "One address outside reads many different pages within seconds, comes from none of them and does not name itself as a crawler."
    #: Before all that is looked for in pages that failed.
    order = 58
    attack = ("T1594",)
    said = "different pages read by"
    Settings = CrawlSettings
    examples: ClassVar = (
        Example("forty pages in twenty seconds", _pages(40), fires=True),
        Example("thirty-nine pages", _pages(39), fires=False),
        Example("forty pages in a minute and twenty seconds", _pages(40, seconds=2), fires=False),
        Example("from one page to the other", _pages(60, referrer="https://shop.example/"), fires=False),
        Example("a service inside", _pages(60, who="10.0.0.4"), fires=False),
        Example(
            "a crawler that names itself", _pages(60, agent="Bot/2.1 (+https://bot.example)"), fires=False
        ),
    )

    def looks_at(self, block: JudgedBlock) -> pl.DataFrame:
        events = block.events
        read = (events["http.request.method"] == "GET") & events["user_agent.original"].is_not_null()
        read &= events["source.ip"].is_not_null() & events["url.path"].is_not_null()
        read &= events["http.response.status_code"].is_between(200, 399)
        lines = read.fill_null(False).arg_true()
        if len(lines) < _DENSE:
            return _NONE
        some = events.select("source.ip", "url.path", "user_agent.original", "raw")[lines].with_columns(
            lines.alias("row"), (block.clock.gather(lines) // BUCKET_US).alias("bucket")
        )
        dense = pl.col("url.path").n_unique().over("source.ip", "bucket") >= _DENSE
        some = some.filter(dense & pl.col("bucket").is_not_null())
        some = some.filter(
            pl.col("raw").str.contains(_FROM_NOWHERE)
            & ~pl.col("url.path").str.contains(STATIC)
            & ~is_crawler()
            & ~are_inside(some["source.ip"])
        )
        return some.select("row", pl.col("url.path").alias("value"))


#: In a line of an access log the referrer stands before the agent; empty, nobody followed a link.
_FROM_NOWHERE = r'" \d{3} \S{1,20} "-?" "'
_NONE = pl.DataFrame(schema={"row": pl.UInt32, "value": pl.String})
