"""Web scan: one address that asks for many different pages that are not there."""

from __future__ import annotations

from typing import ClassVar

import polars as pl
from pydantic import Field

from soc.detection.block import JudgedBlock
from soc.detection.detectors.kit.declaration import Example
from soc.detection.detectors.kit.fan_out import FanOut, FanOutSettings
from soc.detection.inside import is_inside
from soc.detection.stories.pieces import is_address

#: Who says that he reads the web for others, and where to ask about it: old addresses are what he asks for. What looks for weak
#: software is told of by its words, whoever says he is it.
_CRAWLER = r"(?i)(?:bot|crawl|spider|slurp|archiver)\b.{0,60}https?://"
#: In a line of an access log the agent is what is quoted last.
_AGENT = r"\"([^\"]*)\"\s*$"


def _requests(count: int, status: int) -> str:
    line = '203.0.113.9 - - [01/Mar/2026:02:{m:02d}:00 +0000] "GET /p{c}{d} HTTP/1.1" {status} 9 "-" "Mozilla/5.0"\n'
    return "".join(
        line.format(m=n, c=chr(97 + n % 26), d=chr(97 + n // 26), status=status) for n in range(count)
    )


class WebScanSettings(FanOutSettings):
    inside_score: int = Field(
        default=6,
        ge=1,
        le=10,
        description="Score of one from a private address: most often a scanner of one's own.",
    )
    needed: int = Field(default=20, ge=2, description="So many different pages not found within the window.")


class WebScan(FanOut):
    id = "scan.web"
    title = "Web scanning"
    about = (
        "One address asks for many different pages that are not there. Takes its probes into one incident."
    )
    #: After the port scan: of a line that both would hold, the later one keeps it.
    order = 70
    attack = ("T1595.003",)
    probe = "page-probe"
    also = ("scan.probing",)
    said = "different paths not found for"
    asks: ClassVar = {probe: "its sessions become part of a web scan of the same address"}
    Settings = WebScanSettings
    examples = (
        Example("twenty missing pages in twenty minutes", _requests(20, 404), fires=True),
        Example("nineteen missing pages", _requests(19, 404), fires=False),
        Example("thirty pages that are there", _requests(30, 200), fires=False),
    )

    def _score(self, entity: str) -> int:
        settings = self.settings
        assert isinstance(settings, WebScanSettings)
        inside = is_address(entity) and is_inside(entity)
        return min(settings.score, settings.inside_score) if inside else settings.score

    def hold(self, block: JudgedBlock) -> pl.DataFrame:
        events = block.events
        missing = (events["http.response.status_code"] == 404) & events["url.path"].is_not_null()
        lines = (missing & events["source.ip"].is_not_null()).fill_null(False).arg_true()
        lines = lines.filter(
            ~events.select("user_agent.original", "raw")[lines].select(is_crawler()).to_series()
        )
        return pl.DataFrame({"row": lines, "value": events["url.path"].gather(lines)})


def is_crawler() -> pl.Expr:
    """Of `user_agent.original` and `raw`: who says that he reads the web for others, and where to ask about it."""
    agent = pl.coalesce("user_agent.original", pl.col("raw").str.extract(_AGENT, 1))
    return agent.str.contains(_CRAWLER).fill_null(False)
