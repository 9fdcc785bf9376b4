"""Stuffing: one address that hands in a login form again and again, whatever the server answers: many answer a wrong password with 200."""

from __future__ import annotations

from typing import ClassVar

import polars as pl
from pydantic import Field

from soc.detection.block import JudgedBlock
from soc.detection.detectors.kit.bursts import Burst, BurstSettings
from soc.detection.detectors.kit.declaration import Example
from soc.detection.stories.pieces import GUESS

#: The last step of a path where somebody logs in. Tokens that programs renew are none.
_FORM = r"(?i)/(?:[\w.-]{0,20}[-_.])?(?:log-?in|log-?on|sign-?in|authenticate|xmlrpc)(?:[-_]?(?:action|check|process|submit|form|user|web|page))?(?:\.\w{2,5})?/?$"
#: Forms that were taken, in whatever sense; 401 is a failed login and counted as one.
_TAKEN = (200, 201, 202, 204, 301, 302, 303, 307, 400, 403, 422, 429)
#: More agents than these are many people behind one address.
_AGENTS = 3


def _forms(count: int, seconds: int = 4, status: int = 200, agents: int = 1) -> str:
    line = '203.0.113.9 - - [01/Mar/2026:02:{m:02d}:{s:02d} +0000] "POST /shop/login HTTP/1.1" {status} 9 "-" "Mozilla/5.{agent}"\n'
    return "".join(
        line.format(m=n * seconds // 60, s=n * seconds % 60, status=status, agent=n % agents)
        for n in range(count)
    )


class StuffingSettings(BurstSettings):
    score: int = Field(default=5, ge=1, le=10, description="Score of a login form handed in so often.")
    needed: int = Field(default=10, ge=2, description="So many of an address within them.")


class Stuffing(Burst):
    id = "auth.stuffing"
    title = "Login form handed in again and again"
    about = "One address that sends a login form at a rate that nobody types, and is answered as if nothing had failed."
    order = 21
    attack = ("T1110.004",)
    distinct = False
    meaning = GUESS
    said = "login forms of"
    Settings = StuffingSettings
    examples: ClassVar = (
        Example("ten forms in forty seconds", _forms(10), fires=True),
        Example("ten that lead somewhere else", _forms(10, status=302), fires=True),
        Example("nine forms", _forms(9), fires=False),
        Example("ten in ten minutes", _forms(10, seconds=60), fires=False),
        Example("twenty people behind one address", _forms(40, seconds=1, agents=20), fires=False),
    )

    def looks_at(self, block: JudgedBlock) -> pl.DataFrame:
        events = block.events
        posted = (events["http.request.method"] == "POST").fill_null(False)
        if not posted.any():
            return _NONE
        taken = events["http.response.status_code"].is_in(_TAKEN).fill_null(False)
        lines = (posted & taken & events["source.ip"].is_not_null()).arg_true()
        some = events.select("source.ip", "url.path", "user_agent.original")[lines].with_columns(
            lines.alias("row")
        )
        forms = some.filter(pl.col("url.path").str.contains(_FORM).fill_null(False))
        few = pl.col("user_agent.original").n_unique().over("source.ip") <= _AGENTS
        return forms.filter(few).select("row", pl.lit("").alias("value"))


_NONE = pl.DataFrame(schema={"row": pl.UInt32, "value": pl.String})
