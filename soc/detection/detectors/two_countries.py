"""Two countries: one account that acts from two of them within too short a time for the way between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

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
from soc.detection.inside import is_inside
from soc.detection.sessions.window import Session
from soc.detection.signatures.declaration import AUTH_FAILURE
from soc.detection.stories.joining import is_everybody
from soc.detection.stories.pieces import TAKEN
from soc.detection.stories.traces import ACT, SUCCESS

_WHO = ("user", "country", "source.ip")
#: What is written where it is not known, or is no country.
_NOWHERE = (
    "",
    "-",
    "reserved",
    "unknown",
    "zz",
    "xx",
    "n/a",
    "none",
    "private",
    "internal",
    "anonymous proxy",
)


def _acts(*places: tuple[int, str, str]) -> str:
    line = '{{"time": "2026-03-01T02:{m:02d}:00Z", "action": "tunnel up", "user": "eve", "src_ip": "{ip}", "src_country": "{country}"}}\n'
    return "".join(line.format(m=minute, ip=ip, country=country) for minute, ip, country in places)


class TwoCountriesSettings(DetectorSettings):
    score: int = Field(default=8, ge=1, le=10, description="Score of an account in two countries.")
    confidence: float = Field(default=0.8, gt=0, lt=1, description="How sure it is.")
    minutes: int = Field(default=120, ge=0, description="So long lies between the two at most.")
    countries: int = Field(default=3, ge=2, description="Who comes from more than these is many, or hides.")


class TwoCountries(Detector[TwoCountriesSettings, pl.DataFrame]):
    id = "auth.two-countries"
    title = "Account used from two countries at once"
    about = "One account acts from two countries, as the sender names them, too soon for the way between; the one that it came from later is named."
    order = 85
    attack = ("T1078",)
    Settings = TwoCountriesSettings
    examples = (
        Example("two countries in twenty minutes", _acts((0, "203.0.113.9", "Norway"), (20, "198.51.100.4", "Chile")), fires=True),
        Example("two addresses of one country", _acts((0, "203.0.113.9", "Norway"), (20, "198.51.100.4", "Norway")), fires=False),
        Example("a country that nobody knows", _acts((0, "203.0.113.9", "Norway"), (20, "198.51.100.4", "Reserved")), fires=False),
    )  # fmt: skip

    def mark(self, block: JudgedBlock) -> pl.DataFrame | None:
        """`user, country, source.ip`, from when to when (`first`, `last`), and how often: what did not fail."""
        events = block.events
        country = events["source.geo.country_name"]
        if country.null_count() == len(country):
            return None
        rows = country.is_not_null() & events["user.name"].is_not_null() & events["source.ip"].is_not_null()
        rows &= block.clock.is_not_null() & ~block.rule_among(self.ruleset.tagged(AUTH_FAILURE))
        rows &= (events["event.outcome"] != "failure").fill_null(True)
        if not rows.any():
            return None
        said = events.select(
            pl.col("user.name").str.to_lowercase().alias("user"),
            pl.col("source.geo.country_name").alias("country"),
            "source.ip",
        )
        acts = said.with_columns(block.clock.alias("clock")).filter(rows)
        acts = acts.filter(~pl.col("country").str.to_lowercase().is_in(_NOWHERE))
        span = (pl.min("clock").alias("first"), pl.max("clock").alias("last"))
        return acts.group_by(*_WHO).agg(*span, pl.len().cast(pl.Int64).alias("n"))

    def merge(self, marks: Sequence[pl.DataFrame]) -> pl.DataFrame:
        return pl.concat(marks).group_by(*_WHO).agg(pl.min("first"), pl.max("last"), pl.sum("n"))

    def find(self, state: State[pl.DataFrame], history: History) -> Iterable[Finding]:
        if state.marks is None or state.marks.is_empty():
            return
        several = state.marks.filter(
            pl.col("country").n_unique().over("user").is_between(2, self.settings.countries)
        )
        for (user,), seen in sorted(several.sort(*_WHO).group_by("user", maintain_order=True)):
            if not is_everybody(str(user)):
                yield from self._strange(str(user), seen, state.sessions)

    def _strange(self, user: str, seen: pl.DataFrame, sessions: Sequence[Session]) -> Iterable[Finding]:
        """Of each country beside the one that it came from first, what the account did there."""
        usual = seen.sort("first", "country")["country"][0]
        for country in sorted({*seen["country"]} - {usual}):
            there = seen.filter(
                (pl.col("country") == country) & self._soon(seen.filter(pl.col("country") == usual))
            )
            addresses = {one for one in there["source.ip"] if not is_inside(one)}
            run = [
                one
                for one in sessions
                if one.rule_id in (ACT, SUCCESS)
                and one.entity in addresses
                and {name.casefold() for name in one.users} == {user}
            ]
            if run:
                said = f"{user} acted from {country} ({run[0].entity}) and from {usual} within {self.settings.minutes} min"
                found = finding_of(
                    self, run, own=run[0], reasons=(main_reason(self, said),), meaning=TAKEN, about=(user,)
                )
                yield replace(
                    found, title=f"{user} used from {country} and {usual} at once, from {run[0].entity}"[:240]
                )

    def _soon(self, usual: pl.DataFrame) -> pl.Expr:
        """Whether so little time lies between that and one of these."""
        within = self.settings.minutes * 60_000_000
        return pl.any_horizontal(
            (pl.col("first") - last <= within) & (first - pl.col("last") <= within)
            for first, last in usual.select("first", "last").iter_rows()
        )
