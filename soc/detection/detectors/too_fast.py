"""Too fast: one address that a server tells to slow down, or cannot serve any more, and that goes on asking."""

from __future__ import annotations

from typing import ClassVar

import polars as pl
from pydantic import Field

from soc.detection.block import JudgedBlock
from soc.detection.detectors.kit.bursts import Burst, BurstSettings
from soc.detection.detectors.kit.declaration import Example
from soc.detection.stories.traces import REFUSED

#: Too many requests, no service, limits of bandwidth and of a proxy.
_OVERLOADED = (429, 503, 509, 529)


def _asked(count: int, status: int = 429, agents: int = 1) -> str:
    line = '203.0.113.9 - - [01/Mar/2026:02:00:{s:02d} +0000] "GET /search HTTP/1.1" {status} 9 "-" "Mozilla/5.{agent}"\n'
    return "".join(line.format(s=n * 30 // count, status=status, agent=n % agents) for n in range(count))


class TooFastSettings(BurstSettings):
    needed: int = Field(default=60, ge=2, description="So many of an address within them.")


class TooFast(Burst):
    id = "web.too-fast"
    title = "Requests that do not slow down"
    about = "One address goes on at a request a second or more although the server says that it is too much, or gives up."
    order = 73
    attack = ("T1499",)
    distinct = False
    asks: ClassVar = {
        "server-error": "a server that gave up: of an address that goes on they are part of what it did"
    }
    said = "requests that a server refused as too many of"
    Settings = TooFastSettings
    examples: ClassVar = (
        Example("sixty in half a minute", _asked(60), fires=True),
        Example("sixty that a server broke under", _asked(60, 503), fires=True),
        Example("fifty-nine", _asked(59), fires=False),
        Example("two hundred that were answered", _asked(200, 200), fires=False),
        Example("many people behind one address", _asked(100, agents=20), fires=False),
    )

    def parts(self) -> tuple[str, ...]:
        return (REFUSED, *self.ruleset.tagged("server-error"))

    def hold(self, block: JudgedBlock) -> None:
        """Nothing: what was refused is a trace already."""

    def looks_at(self, block: JudgedBlock) -> pl.DataFrame:
        events = block.events
        much = events["http.response.status_code"].is_in(_OVERLOADED).fill_null(False)
        lines = (much & events["source.ip"].is_not_null()).arg_true()
        some = events.select("source.ip", "user_agent.original")[lines].with_columns(lines.alias("row"))
        few = some.filter(pl.col("user_agent.original").n_unique().over("source.ip") <= _AGENTS)
        return few.select("row", pl.lit("").alias("value"))


#: More agents than these are many people behind one address.
_AGENTS = 3
