"""DNS tunnel: one address that asks for many long names of one domain; what it says to somebody stands in the names."""

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
from soc.detection.detectors.kit.runs import finding_of, main_reason, runs_by_entity

#: So long is what stands before the domain at least, and so long one part of it: reversed addresses have short parts.
_CARRIED, _PART = 40, 20
_DOMAIN = r"([^.]+\.(?:ac|co|com|edu|gov|ne|net|or|org)\.[a-z]{2}|[^.]+\.[^.]+)$"
#: Services that are asked about a file or an address by its hash in a name.
_ASKED_BY_HASH = (
    "mcafee.com", "trellix.com", "sophosxl.net", "e5.sk", "spamhaus.org", "spamhaus.net", "surbl.org", "uribl.com", "cymru.com", "trendmicro.com",
    "avast.com", "avcdn.net", "kaspersky-labs.com", "bitdefender.net", "dnswl.org", "in-addr.arpa", "ip6.arpa", "barracudacentral.org", "rspamd.com", "msbl.org",
)  # fmt: skip
_ENDS = "|".join(one.replace(".", r"\.") for one in _ASKED_BY_HASH)

#: What is held of a block that has none.
_NONE = pl.DataFrame(schema={"row": pl.UInt32, "value": pl.String})


def _asked(count: int, name: str) -> str:
    line = "Mar  2 02:{m:02d}:{s:02d} ns1 named[7]: client 10.0.0.9#4071 ({name}): query: {name} IN TXT + (192.0.2.53)\n"
    names = [name.format(f"{n:042x}") for n in range(count)]
    return "".join(line.format(m=n // 60, s=n % 60, name=one) for n, one in enumerate(names))


class DnsTunnelSettings(DetectorSettings):
    score: int = Field(default=8, ge=1, le=10, description="Score of a tunnel.")
    confidence: float = Field(default=0.85, gt=0, lt=1, description="How sure it is.")
    needed: int = Field(default=50, ge=2, description="So many different long names of one domain.")


class DnsTunnel(Detector[DnsTunnelSettings, pl.DataFrame]):
    id = "dns.tunnel"
    title = "DNS tunnel"
    about = "One address asks for many long names of one domain, each a piece of what is carried."
    order = 80
    attack = ("T1071.004", "T1048")
    Settings = DnsTunnelSettings
    examples = (
        Example("fifty long names of one domain", _asked(50, "{}.t.example.net"), fires=True),
        Example("forty-nine", _asked(49, "{}.t.example.net"), fires=False),
        Example("long names of a service that is asked about files", _asked(60, "{}.avqs.mcafee.com"), fires=False),
        Example("short names", _asked(60, "{:.12}x.example.net"), fires=False),
    )  # fmt: skip

    def hold(self, block: JudgedBlock) -> pl.DataFrame:
        asked = block.events["dns.question.name"]
        if asked.null_count() == len(asked):
            return _NONE
        rows = asked.is_not_null() & block.events["source.ip"].is_not_null()
        rows &= (asked.str.len_chars() > _CARRIED).fill_null(False)
        lines = rows.arg_true()
        names = pl.DataFrame(
            {"row": lines, "value": asked.gather(lines).str.to_lowercase().str.strip_chars(".")}
        )
        domain = pl.col("value").str.extract(_DOMAIN, 1)
        before = pl.col("value").str.len_chars() - domain.str.len_chars()
        long = (before > _CARRIED) & pl.col("value").str.contains(rf"[^.]{{{_PART},}}\.")
        return names.filter(long & ~pl.col("value").str.contains(rf"(?:^|\.)(?:{_ENDS})$"))

    def mark(self, block: JudgedBlock) -> pl.DataFrame | None:
        """`source.ip, domain, n`: how many different long names of each domain."""
        held = self.hold(block)
        if held.is_empty():
            return None
        who = block.events["source.ip"].gather(held["row"])
        domain = held["value"].str.extract(_DOMAIN, 1).alias("domain")
        names = held.select(who, domain, "value")
        return names.group_by("source.ip", "domain").agg(pl.n_unique("value").cast(pl.Int64).alias("n"))

    def merge(self, marks: Sequence[pl.DataFrame]) -> pl.DataFrame:
        return pl.concat(marks).group_by("source.ip", "domain").agg(pl.sum("n"))

    def find(self, state: State[pl.DataFrame], history: History) -> Iterable[Finding]:
        if state.marks is None:
            return
        much = state.marks.filter(pl.col("n") >= self.settings.needed).sort("n", "domain")
        domain_of = {who: (domain, n) for who, domain, n in much.iter_rows()}
        for address, seen in runs_by_entity(state.sessions, (self.id,), self.window_us):
            run = [one.session for one in seen]
            if address in domain_of and sum(one.n for one in run) >= self.settings.needed:
                domain, n = domain_of[address]
                reason = main_reason(self, f"{n:,} different long names of {domain} asked for by {address}")
                own = max(run, key=lambda one: (one.n, -one.session))
                found = finding_of(self, run, own=own, reasons=(reason,), meaning=self.id)
                yield replace(found, title=f"{self.title} over {domain} from {address}")
