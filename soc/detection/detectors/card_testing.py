"""Card testing: payments that fail again and again from one address, or from many at once: somebody tries stolen cards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import polars as pl
from pydantic import Field

from soc.detection.block import JudgedBlock
from soc.detection.detectors.kit.bursts import BUCKET_US, Burst, BurstSettings
from soc.detection.detectors.kit.declaration import Example, Finding, History, State
from soc.detection.detectors.kit.runs import finding_of, main_reason, runs_by_entity
from soc.detection.inside import are_inside

_ABOUT = ["payment", "charge", "card", "checkout", "purchase", "_funds", "honor"]
_FAILED = (
    r"(?i)\b(?:payment|charge|checkout|purchase|(?:credit|debit|bank)[ _-]?card|card)s?(?:[ _.:-]{1,2}\w{1,12}){0,2}?[ _.:-]{1,2}(?:failed|failure|declined|refused|rejected|denied|unsuccessful)\b"
    r"|\b(?:card_declined|insufficient_funds|do_not_honou?r|incorrect_cvc|invalid_cvv|expired_card|stolen_card|lost_card)\b"
)


def _payments(count: int, addresses: int = 1, seconds: int = 6, said: str = "payment declined") -> str:
    line = "2026-03-01T02:{m:02d}:{s:02d}Z shop checkout[9]: {said} gateway=g1 client_ip=203.0.113.{n}\n"
    return "".join(
        line.format(m=n * seconds // 60, s=n * seconds % 60, n=1 + n % addresses, said=said)
        for n in range(count)
    )


class CardTestingSettings(BurstSettings):
    seconds: int = Field(default=120, ge=10, description="Within so many seconds.")
    needed: int = Field(default=4, ge=2, description="So many failed payments of an address within them.")
    addresses: int = Field(
        default=10, ge=2, description="Or so many addresses whose payments fail within them."
    )


class CardTesting(Burst):
    id = "fraud.card-testing"
    title = "Payments that fail again and again"
    about = "One address, or many at once, whose payments fail: cards are tried that were stolen."
    order = 81
    attack = ("T1657",)
    distinct = False
    meaning = "fraud.card-testing"
    said = "failed payments of"
    Settings = CardTestingSettings
    examples: ClassVar = (
        Example("four payments in half a minute", _payments(4), fires=True),
        Example("three payments", _payments(3), fires=False),
        Example("four in ten minutes", _payments(4, seconds=180), fires=False),
        Example("ten addresses, a payment each", _payments(10, addresses=10), fires=True),
        Example("nine addresses", _payments(9, addresses=9), fires=False),
        Example("twenty that were paid", _payments(20, said="payment accepted"), fires=False),
    )

    def looks_at(self, block: JudgedBlock) -> pl.DataFrame:
        events = block.events
        lines = events["source.ip"].is_not_null().arg_true()
        some = events.select("raw", "source.ip")[lines].with_columns(lines.alias("row"))
        some = some.filter(pl.col("raw").str.contains_any(_ABOUT, ascii_case_insensitive=True))
        failed = some.filter(pl.col("raw").str.contains(_FAILED))
        failed = failed.filter(~are_inside(failed["source.ip"]))
        return failed.select("row", pl.lit("").alias("value"))

    def find(self, state: State[pl.DataFrame], history: History) -> Iterable[Finding]:
        found = list(super().find(state, history))
        yield from found
        if state.marks is None:
            return
        taken = {one.entity for one in found}
        at_once = self._at_once(state.marks)
        for address, seen in runs_by_entity(state.sessions, (self.id,), self.window_us):
            if address in at_once and address not in taken:
                run = [one.session for one in seen]
                said = (
                    f"{len(at_once):,} addresses whose payments failed within {self.settings.seconds} seconds"
                )
                yield finding_of(
                    self, run, own=run[0], reasons=(main_reason(self, said),), meaning=self.meaning
                )

    def _at_once(self, marks: pl.DataFrame) -> set[str]:
        """Addresses that are among so many within one stretch."""
        settings = self.settings
        assert isinstance(settings, CardTestingSettings)
        wide = max(1, settings.seconds * 1_000_000 // BUCKET_US)
        by_bucket = dict(marks.group_by("bucket").agg(pl.col("entity").unique()).iter_rows())
        among: set[str] = set()
        for bucket in by_bucket:
            near = {
                who for other, some in by_bucket.items() if bucket - wide < other <= bucket for who in some
            }
            if len(near) >= settings.addresses:
                among |= near
        return among
